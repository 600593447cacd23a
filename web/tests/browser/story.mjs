// The Overview in a real browser, against a running server: how it looks, and the story of an alarm from
// its first reading to the closed case. Knows no name of a person, an act or a step: who may do what is
// asked from the server, and chosen by the page's own switch.
//
//   node tests/browser/story.mjs http://127.0.0.1:8090 [--out shots] [--wait 240] [--looks-only]
//
// Fails on: an error in the console, a request to another host, a key of the word tables on the screen,
// a page wider than the window, an act that does not take effect, a proof without its hashes.

import { mkdirSync, readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const args = process.argv.slice(2);
const option = (name, fallback) => (args.includes(`--${name}`) ? args[args.indexOf(`--${name}`) + 1] : fallback);
const base = args.find((a) => a.startsWith('http'))?.replace(/\/$/, '') ?? 'http://127.0.0.1:8090';
const out = option('out', 'build/shots');
const wait = Number(option('wait', 240)) * 1000;
const keys = Object.keys(JSON.parse(readFileSync(new URL('../../src/i18n/zh.json', import.meta.url))));
mkdirSync(out, { recursive: true });

const LOOKS = ['zh', 'en'].flatMap((lang) => ['light', 'dark'].flatMap((theme) => [1440, 390].map((width) => ({ lang, theme, width }))));
const RED_MS = 90_000;
let failed = 0, passed = 0;
const check = (ok, text) => {
  ok ? ++passed : ++failed;
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${text}`);
};

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--enable-unsafe-swiftshader', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-default-apps',
    '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost'],
});
const errors = [], foreign = [];

async function open({ lang, theme, width }, query = '') {
  const phone = width < 720;
  const context = await browser.newContext({ viewport: { width, height: phone ? 844 : 900 }, deviceScaleFactor: phone ? 2 : 1,
    hasTouch: phone, colorScheme: theme, locale: lang === 'zh' ? 'zh-CN' : 'en-GB' });
  const page = await context.newPage();
  page.setDefaultTimeout(120_000); // a machine that builds something else meanwhile
  page.on('console', (m) => m.type() === 'error' && errors.push(m.text()));
  page.on('pageerror', (e) => errors.push(e.message));
  page.on('request', (r) => { if (!r.url().startsWith(base) && !/^(data|blob):/.test(r.url())) foreign.push(r.url()); });
  await page.goto(`${base}/?lang=${lang}&theme=${theme}${query}`);
  await page.waitForSelector('.rows .row, .pane-list .blank', { state: 'attached' });
  if (!phone) await page.waitForSelector('.pane-map[data-drawn="webgl"]');
  await page.waitForTimeout(700); // the chart, and a row that slides in
  return page;
}
const shot = (page, name) => page.screenshot({ path: `${out}/${name}.png` });

async function sound(page, name) {
  const seen = await page.evaluate(() => ({ text: document.body.innerText, wide: document.documentElement.scrollWidth > innerWidth,
    small: [...document.querySelectorAll('button, a')].filter((e) => innerWidth < 720 && e.offsetHeight > 0 && e.offsetHeight < 44 && !e.closest('p, .seg, .who, .log, .skip, .map-foot, .case-id')).map((e) => e.outerHTML.slice(0, 80)) }));
  const raw = keys.filter((k) => new RegExp(`(^|\\s)${k.replace('.', '\\.')}(\\s|$)`, 'm').test(seen.text));
  check(raw.length === 0, `${name}: no raw key on the screen ${raw}`);
  check(!seen.wide, `${name}: not wider than the window`);
  check(seen.small.length === 0, `${name}: everything tapped is at least 44 px ${seen.small.slice(0, 3)}`);
}

// ---- the story

const ask = (page, path, actor) => page.evaluate(async ([p, who]) => {
  const answer = await fetch(p, { headers: who ? { 'X-Duliang-Actor': encodeURIComponent(who) } : {} });
  return answer.json();
}, [path, actor]);

/** The first person who may do the primary act of the case's present step, and one who may do nothing. */
async function whoMay(page, id, people) {
  let able = null, unable = null;
  for (const { key } of people) {
    const acts = (await ask(page, `/city/v1/Cases(${id})/Acts`, key)).value;
    const act = acts.find((a) => a.primary && a.allowed);
    if (act && !able) able = { key, act };
    if (acts.length > 0 && acts.every((a) => !a.allowed)) unable ??= key;
    if (able && unable) break;
  }
  return { able, unable };
}
/** A step may have to wait until the alarm has cleared: the matter gets well again, as its device would tell. */
async function whoMayAtLast(page, id, people) {
  const end = Date.now() + wait;
  for (;;) {
    const found = await whoMay(page, id, people);
    const alarm = found.able ? null : await ask(page, `/city/v1/Cases(${id})/Alarm`);
    if (alarm?.state !== 'active' || Date.now() > end) return found.able ? found : whoMay(page, id, people);
    const well = await page.evaluate(async (stream) => (await fetch(`/v1.1/Datastreams(${stream})/Observations`,
      { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"result":0}' })).status, alarm['Datastream@iot.id']);
    if (well !== 201) return found;
    await page.waitForTimeout(5000);
  }
}
async function stepLeft(page, id, step) {
  const end = Date.now() + 30_000;
  while (Date.now() < end) {
    if ((await ask(page, `/city/v1/Cases(${id})`)).step !== step) return true;
    await page.waitForTimeout(200);
  }
  return false;
}
async function actAs(page, key) {
  await page.click('.me');
  await page.click(`[data-actor="${key}"]`);
  await page.waitForSelector('.menu', { state: 'detached' });
}

async function story() {
  const page = await open({ lang: 'zh', theme: 'light', width: 1440 });
  const people = (await ask(page, '/city/v1/People')).value;
  console.log('waiting for an alarm of level 1 that nobody has signed…');
  const before = await page.locator('.row.l1').count();
  const red = await page.waitForSelector('.row.l1.fresh', { timeout: Math.min(wait, RED_MS) }).catch(() => null);
  if (red) {
    await page.waitForTimeout(600);
    check(await page.locator('.m-pulse').count() > 0, 'a red mark pulses on the map until somebody signs');
    if (before === 0) check((await page.locator('[aria-live="assertive"]').textContent()).length > 0, 'the alarm is said aloud');
  } else {
    console.log('     none came; any case that waits for a person will do');
  }
  await shot(page, 'story-1-raised');

  // A demo's own people take care of its most urgent matter: ours is the last one that waits.
  await page.waitForSelector('.row.fresh', { timeout: wait });
  const fresh = page.locator('.row.fresh').last();
  const alarm = Number(await fresh.getAttribute('data-alarm'));
  await fresh.click();
  await page.waitForSelector('.case .stages li');
  const id = Number(new URL(page.url()).searchParams.get('case'));
  check(id > 0 && page.url().includes(`alarm=${alarm}`), 'the address carries alarm and case');
  const watcher = await open({ lang: 'en', theme: 'dark', width: 390 }, `&case=${id}`);

  const hands = [];
  for (let round = 1; round <= 8; ++round) {
    const item = await ask(page, `/city/v1/Cases(${id})`);
    if (item.state === 'closed') break;
    const { able, unable } = await whoMayAtLast(page, id, people);
    if (!able) { check(false, `nobody may do the next act in step ${item.step}`); break; }
    if (round === 1 && unable) {
      await actAs(page, unable);
      await page.waitForSelector('.acts .guard');
      check(await page.locator('.acts .act[aria-disabled="true"]').count() > 0, 'a blocked act says why');
      await shot(page, 'story-2-blocked');
    }
    await actAs(page, able.key);
    const button = page.locator(`.act.primary[data-act="${able.act.act}"]`);
    await button.waitFor();
    if (round % 2) await button.click();
    else await page.keyboard.press('a');
    if (able.act.needsNote) {
      await page.fill('#act-note', '到场查看，已疏通排水口，水位回落；沿线已设警戒');
      await shot(page, `story-${round + 2}-note`);
      await page.click('[data-send]');
    }
    if (!(await stepLeft(page, id, item.step))) {
      check(false, `${able.act.act} by ${able.key} takes the case out of ${item.step}: ${await page.locator('.guard.refused').allInnerTexts()}`);
      break;
    }
    await page.waitForTimeout(900);
    hands.push(able.key);
    console.log(`     ${item.step}: ${able.act.act} by ${able.key}`);
    await shot(page, `story-${round + 2}-done`);
  }
  const closed = await ask(page, `/city/v1/Cases(${id})`);
  check(closed.state === 'closed', 'the case is closed');
  check(new Set(hands).size > 1, 'by more than one person');
  await watcher.waitForSelector('.clock.done');
  check(await watcher.locator('.stages li.done').count() === await watcher.locator('.stages li').count(), 'the other window saw it without a reload');
  await watcher.screenshot({ path: `${out}/story-9-watcher-en-dark-390.png` });
  await sound(watcher, 'watcher');

  await page.locator('.log .link').click();
  await page.waitForSelector('.proof .frames p');
  await page.waitForTimeout(500);
  check(await page.locator('.proof .c-reading').count() > 0, 'the proof names its readings');
  check(/^[0-9a-f]{64}$/.test(await page.locator('.proof .frames code').first().innerText()), 'and the hash of each frame');
  check(await page.locator('.proof .c-act').count() >= hands.length, 'and who did what');
  await shot(page, 'story-9-proof');
  await page.keyboard.press('Escape');
  check(await page.locator('.proof').count() === 0 && await page.locator('.case').count() === 1, 'Esc closes one thing at a time');
  await page.keyboard.press('Escape');
  await page.waitForSelector('.case', { state: 'detached' });
  await page.keyboard.press('j');
  await page.keyboard.press('k');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.case');
  check(true, 'j, k and Enter open a row');
  await page.click('[data-table]');
  check(await page.locator('.table-box tbody tr').count() > 0, 'the chart is a table too');
  await shot(page, 'story-9-table');
  await page.keyboard.press('?');
  await page.waitForSelector('.keys');
  await shot(page, 'story-9-keys');
  await watcher.context().close();
  await page.context().close();
}
// The story comes first: a demo that has just been started tells it in its first minute.
if (!args.includes('--looks-only')) await story().catch((e) => check(false, e.stack));

// ---- how it looks

async function looks(look, name) {
  const page = await open(look);
  await shot(page, name);
  await sound(page, name);
  if (look.width < 720) {
    await page.click('[data-tab="map"]');
    await page.waitForSelector('.pane-map[data-drawn="webgl"]');
    await page.waitForTimeout(500);
    await shot(page, name.replace('overview', 'map'));
  }
  await page.context().close();
}
for (const look of LOOKS) {
  const name = `overview-${look.lang}-${look.theme}-${look.width}`;
  await looks(look, name).catch((e) => check(false, `${name}: ${e.message}`));
}

check(errors.length === 0, `no error in the console ${errors.slice(0, 3).join(' | ')}`);
check(foreign.length === 0, `no request to another host ${foreign.slice(0, 3)}`);
await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
