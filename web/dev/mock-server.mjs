// A stand-in for the program while the page is built and tested: the doors of docs/city.md with an
// invented story, in memory, without dependencies.
//
//   node dev/mock-server.mjs [--port 8090] [--dist dist] [--after 12] [--every 2] [--empty]
//
// `--after`: seconds until the river passes its highest line; `--every`: seconds between two readings.
// Places come from packs/liangping. The names in here are the mock's own business: the page knows none.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : (process.argv[at + 1] ?? true);
};
const here = fileURLToPath(new URL('.', import.meta.url));
const port = Number(option('port', 8090));
const dist = option('dist', join(here, '../dist'));
const after = Number(option('after', 12));
const every = Number(option('every', 2));
const bare = process.argv.includes('--empty');
const pack = (...path) => readFileSync(join(here, '../../packs', ...path), 'utf8');
const iso = (ms) => new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
const now = () => Date.now();
const MINUTE = 60_000;

// ---- places, out of the pack's flow-style YAML: one thing a line

const places = pack('liangping', 'places.yaml').split('\n').filter((line) => /^\s*- \{/.test(line));
const field = (line, name) => line.match(new RegExp(`\\b${name}: (?:"([^"]*)"|\\{([^}]*)\\}|\\[([^\\]]*)\\]|([^,}]+))`));
const text = (line, name) => { const m = field(line, name); return m ? (m[1] ?? m[4] ?? '').trim() : null; };
const words = (line, name) => {
  const m = field(line, name)?.[2]?.match(/zh: (.*?), en: (.*)$/);
  return { zh: m?.[1] ?? '', en: m?.[2]?.replace(/^"|"$/g, '') ?? '' };
};
const towns = [], units = [], people = [];
for (const line of places) {
  const name = words(line, 'name');
  const common = { name: name.zh, nameEn: name.en };
  if (text(line, 'code')) {
    const point = field(line, 'point')?.[3]?.split(',').map(Number);
    towns.push({ '@iot.id': towns.length + 1, code: text(line, 'code'), ...common, kind: text(line, 'kind'),
      location: point ? { type: 'Point', coordinates: point } : null });
  } else if (words(line, 'role').zh) {
    const role = words(line, 'role');
    const unit = units.find((u) => u.key === text(line, 'unit'));
    people.push({ '@iot.id': people.length + 1, key: text(line, 'key'), ...common, role: role.zh, roleEn: role.en,
      'Unit@iot.id': unit?.['@iot.id'] ?? null });
  } else {
    const town = towns.find((t) => t.code === text(line, 'town'));
    units.push({ '@iot.id': units.length + 1, key: text(line, 'key'), ...common, kind: text(line, 'kind'),
      'Town@iot.id': town?.['@iot.id'] ?? null });
  }
}
const town = (zh) => towns.find((t) => t.name.startsWith(zh));
const unitOf = (townId) => units.find((u) => u['Town@iot.id'] === townId) ?? units[0];

// ---- rules and the workflow

const rules = [
  { '@iot.id': 1, key: 'high-water', version: '1', name: '水位超限', nameEn: 'High water', active: true },
  { '@iot.id': 2, key: 'fine-dust', version: '1', name: 'PM2.5 小时均值', nameEn: 'PM2.5 hourly mean', active: true },
];
const LIMITS = { s2: 600, s3: 1800, s4: 3600 }; // seconds
const step = (key, zh, en, final) => ({ key, title: { zh, en }, limit: `${LIMITS[key] ?? 0}s`, final: !!final });
const workflow = {
  '@iot.id': 1, key: 'round', version: '1', name: '告警处置', nameEn: 'Alarm handling', active: true,
  declaration: {
    steps: [step('s1', '受理', 'Accept'), step('s2', '派遣', 'Dispatch'), step('s3', '处置', 'Handle'),
      step('s4', '核查', 'Check'), step('s5', '结案', 'Closed', true)],
    acts: [
      { key: 'take', title: { zh: '自动受理', en: 'Accepted' }, from: 's1', to: 's2', automatic: true },
      { key: 'sign', title: { zh: '签收', en: 'Sign for it' }, from: 's2', to: 's3', primary: true, sets: 'Handler', who: 'unit' },
      { key: 'finish', title: { zh: '完成处置', en: 'Finish' }, from: 's3', to: 's4', primary: true, note: true, who: 'handler' },
      { key: 'confirm', title: { zh: '核查通过', en: 'Confirm and close' }, from: 's4', to: 's5', primary: true, sets: 'Checker', who: 'other' },
      { key: 'return', title: { zh: '退回', en: 'Return' }, from: 's4', to: 's3', note: true, who: 'other' },
    ],
  },
};
const REASONS = {
  unit: ['只有承办单位的人员可以签收', 'Only people of the unit in charge may sign for it'],
  handler: ['只有处置人可以完成处置', 'Only the handler may finish'],
  other: ['核查人不能是处置人，且须属承办单位', 'The checker must not be the handler and must belong to the unit in charge'],
};

// ---- stations and readings

const stations = [], series = new Map();
let observations = 0;
function station(zh, en, place, dx, dy, streams) {
  const at = town(place);
  const point = at.location ? [at.location.coordinates[0] + dx, at.location.coordinates[1] + dy] : null;
  stations.push({ '@iot.id': stations.length + 1, name: zh, nameEn: en, point, 'Town@iot.id': at['@iot.id'],
    townSource: dx > 0.02 ? 'nearest' : 'property', streams });
}
function stream(id, name, nameEn, unitSymbol, lines, gap, span, value) {
  const readings = [];
  const until = now() - (id === 1 ? 10 * MINUTE : 0); // the river's last minutes come in seconds, below
  for (let t = now() - span; t <= until; t += gap) {
    const result = value((t - now()) / MINUTE);
    if (result !== null) readings.push({ '@iot.id': ++observations, phenomenonTime: iso(t), result: Number(result.toFixed(2)) });
  }
  series.set(id, readings);
  return { '@iot.id': id, name, nameEn, unitSymbol, observedProperty: unitSymbol === 'm' ? 'water_level' : 'pm2_5',
    latest: readings.at(-1) ?? null, lines };
}
const wave = (m, k) => Math.sin(m / 37 + k) * 0.02 + Math.sin(m / 11 + k * 3) * 0.008;
const levels = (high, low) => [
  { level: 1, name: '保证水位', nameEn: 'Guaranteed level', threshold: high },
  { level: 3, name: '警戒水位', nameEn: 'Warning level', threshold: low }];
const dust = [{ level: 2, name: '重度污染', nameEn: 'Heavily polluted', threshold: 150 },
  { level: 3, name: '中度污染', nameEn: 'Moderately polluted', threshold: 115 }];
if (!bare) {
  // The river: calm, then rising for four hours; in the last 10 minutes a reading every few seconds.
  station('回龙站', 'Huilong', '回龙', 0.006, 0.004, [stream(1, '龙溪河回龙站水位', 'Longxi River at Huilong, water level', 'm',
    levels(3.6, 3.2), 5 * MINUTE, 360 * MINUTE, (m) => (m > -95 && m < -79 ? null : 2.7 + wave(m, 1) + Math.max(0, (m + 240) / 240) * 0.86))]);
  const river = series.get(1);
  for (let t = now() - 10 * MINUTE; t <= now(); t += every * 1000) {
    river.push({ '@iot.id': ++observations, phenomenonTime: iso(t), result: Number((3.52 + ((t - now()) / MINUTE) * 0.004 + wave(t / 9000, 2) / 3).toFixed(2)) });
  }
  stations[0].streams[0].latest = river.at(-1);
  const gauges = [['礼让', 'Lirang'], ['屏锦', 'Pingjin'], ['云龙', 'Yunlong'], ['柏家', 'Baijia'], ['新盛', 'Xinsheng'], ['七星', 'Qixing'], ['双桂', 'Shuanggui'], ['曲水', 'Qushui']];
  gauges.forEach(([zh, en], i) => station(`${zh}站`, en, zh, 0.012 - i * 0.003, 0.01, [stream(10 + i, `${zh}站水位`, `${en}, water level`, 'm',
    levels(2.8 + i / 10, 2.4 + i / 10), 5 * MINUTE, 1440 * MINUTE, (m) => (zh === '双桂' ? 2.65 : 1.7) + i / 10 + wave(m, i))]));
  const air = (m, k) => 62 + k * 9 + 40 * Math.sin(m / 290 + k) + 12 * Math.sin(m / 97 + k * 2) + (k === 1 ? 10 : 0);
  [['梁山', 'Liangshan'], ['聚奎', 'Jukui'], ['石安', "Shi'an"]].forEach(([zh, en], i) => station(`${zh}空气站`, `${en} air`, zh, -0.012, 0.006,
    [stream(30 + i, `${zh} PM2.5 小时均值`, `${en} PM2.5, hourly mean`, 'µg/m³', dust, 60 * MINUTE, 7 * 1440 * MINUTE, (m) => air(m, i))]));
}

// ---- rows, the journal, the feed

const alarms = [], cases = [], tasks = [], frames = [], clients = new Set();
let sequence = 100, last = '0'.repeat(64);
const recent = [];
function commit(kind, changes, readings, actor, door) {
  ++sequence;
  last = createHash('sha256').update(last + sequence + JSON.stringify(changes)).digest('hex');
  frames.push({ sequence, time: iso(now()), hash: last, of: changes.map((c) => `${c.set}${c.entity['@iot.id']}`),
    commands: [{ kind, actor: actor ?? '', door: door ?? 'sensorthings', received: iso(now()) }] });
  const data = { sequence, time: iso(now()), changes: structuredClone(changes), readings };
  const message = `id: ${sequence}\nevent: changes\ndata: ${JSON.stringify(data)}\n\n`;
  recent.push({ sequence, message });
  for (const client of clients) client.write(message);
}
const change = (set, entity) => ({ set, entity });

function raise(id, level, at, extra = {}) {
  const place = stations.find((s) => s.streams.some((x) => x['@iot.id'] === id));
  const line = place.streams[0].lines.find((l) => l.level === level);
  const title = place.streams[0].observedProperty === 'water_level'
    ? { title: `${place.name}水位超限`, titleEn: `${place.nameEn}: high water` }
    : { title: `${place.name} PM2.5 小时均值偏高`, titleEn: `${place.nameEn}: high PM2.5, hourly mean` };
  const alarm = { '@iot.id': alarms.length + 1, ...title, level, peakLevel: level, state: 'active', raisedAt: iso(at),
    changedAt: iso(at), clearedAt: null, occurrences: 1, value: place.streams[0].latest.result, threshold: line.threshold,
    unitSymbol: place.streams[0].unitSymbol, readings: series.get(id).slice(-3).map((r) => r['@iot.id']), history: [],
    townSource: place.townSource, 'Datastream@iot.id': id, 'Rule@iot.id': id < 30 ? 1 : 2, 'Town@iot.id': place['Town@iot.id'], ...extra };
  alarms.push(alarm);
  return alarm;
}
function enter(item, key, at, unit) {
  const limit = workflow.declaration.steps.find((s) => s.key === key);
  item.step = key;
  item.enteredAt = iso(at);
  item.dueAt = LIMITS[key] ? iso(at + LIMITS[key] * 1000) : null;
  if (limit.final) Object.assign(item, { state: 'closed', closedAt: iso(at) });
  const task = { '@iot.id': tasks.length + 1, step: key, enteredAt: iso(at), dueAt: item.dueAt, doneAt: limit.final ? iso(at) : null,
    act: null, note: null, 'Case@iot.id': item['@iot.id'], 'Unit@iot.id': unit, 'Person@iot.id': null };
  tasks.push(task);
  return task;
}
function open(alarm, at) {
  const unit = unitOf(alarm['Town@iot.id']);
  const item = { '@iot.id': cases.length + 1, number: `LP-26-${String(cases.length + 1).padStart(5, '0')}`, title: alarm.title,
    titleEn: alarm.titleEn, level: alarm.level, workflow: 'round', workflowVersion: '1', step: 's1', state: 'open', openedAt: iso(at),
    enteredAt: iso(at), dueAt: null, closedAt: null, 'Alarm@iot.id': alarm['@iot.id'], 'Unit@iot.id': unit['@iot.id'],
    'Town@iot.id': alarm['Town@iot.id'], 'Handler@iot.id': null, 'Checker@iot.id': null };
  cases.push(item);
  const first = enter(item, 's1', at, null);
  Object.assign(first, { doneAt: iso(at), act: 'take' });
  enter(item, 's2', at, unit['@iot.id']);
  return item;
}
function perform(item, act, person, note, at) {
  const task = tasks.filter((t) => t['Case@iot.id'] === item['@iot.id']).at(-1);
  Object.assign(task, { doneAt: iso(at), act: act.key, note: note || null, 'Person@iot.id': person['@iot.id'] });
  if (act.sets) item[`${act.sets}@iot.id`] = person['@iot.id'];
  const entered = enter(item, act.to, at, item['Unit@iot.id']);
  return [change('Cases', item), change('Tasks', task), change('Tasks', entered)];
}
const may = (act, item, person) => {
  if (!person) return false;
  const sameUnit = person['Unit@iot.id'] === item['Unit@iot.id'];
  if (act.who === 'unit') return sameUnit;
  if (act.who === 'handler') return person['@iot.id'] === item['Handler@iot.id'];
  return sameUnit && person['@iot.id'] !== item['Handler@iot.id'];
};
const actsOf = (item) => workflow.declaration.acts.filter((a) => a.from === item.step && !a.automatic);

if (!bare) {
  const person = (key) => people.find((p) => p.key === key);
  const [, sign, finish, confirm] = workflow.declaration.acts;
  const t = now();
  let alarm = raise(31, 3, t - 47 * MINUTE, { occurrences: 2 });
  let item = open(alarm, t - 47 * MINUTE);
  perform(item, sign, person('feng-tao'), '', t - 41 * MINUTE);
  perform(item, finish, person('feng-tao'), '两处工地已停土方作业，雾炮已开，扬尘消散', t - 22 * MINUTE);
  alarm = raise(16, 3, t - 26 * MINUTE, { occurrences: 12 });
  open(alarm, t - 22 * MINUTE);
  alarm = raise(13, 3, t - 190 * MINUTE, { state: 'cleared', clearedAt: iso(t - 150 * MINUTE), value: 2.71, occurrences: 4 });
  alarm = raise(11, 3, t - 400 * MINUTE, { state: 'cleared', clearedAt: iso(t - 330 * MINUTE), value: 2.52 });
  item = open(alarm, t - 400 * MINUTE);
  perform(item, sign, person('tang-yue'), '', t - 394 * MINUTE);
  perform(item, finish, person('tang-yue'), '水已退', t - 372 * MINUTE);
  perform(item, confirm, person('xie-fang'), '', t - 340 * MINUTE);
  for (const a of alarms) commit('post_readings', [change('Alarms', a)], []);
  for (const c of cases) commit('act', [change('Cases', c)], [], 'feng-tao', 'city');
}
const started = now();

// The river's next reading: up past the line, and down again once the case is closed.
let level = 3.55;
function tick() {
  const item = cases.find((c) => alarms.find((a) => a['@iot.id'] === c['Alarm@iot.id'])?.['Datastream@iot.id'] === 1);
  const elapsed = (now() - started) / 1000;
  const target = item?.state === 'closed' || item?.step === 's4' ? 3.3 : elapsed < after ? 3.57 : 3.86;
  level += (target - level) * 0.22 + (Math.random() - 0.5) * 0.012;
  const reading = { '@iot.id': ++observations, phenomenonTime: iso(now()), result: Number(level.toFixed(2)) };
  series.get(1).push(reading);
  stations[0].streams[0].latest = reading;
  const changes = [];
  let alarm = alarms.find((a) => a['Datastream@iot.id'] === 1);
  if (!alarm && reading.result >= 3.6) {
    alarm = raise(1, 1, now());
    changes.push(change('Alarms', alarm), change('Cases', open(alarm, now())), ...tasks.slice(-2).map((t) => change('Tasks', t)));
  } else if (alarm?.state === 'active' && reading.result < 3.5) {
    Object.assign(alarm, { state: 'cleared', clearedAt: iso(now()), changedAt: iso(now()) });
    changes.push(change('Alarms', alarm));
  } else if (alarm?.state === 'active' && reading.result > alarm.value) {
    Object.assign(alarm, { value: reading.result, occurrences: alarm.occurrences + 0 });
  }
  commit('post_readings', changes, [{ ...reading, 'Datastream@iot.id': 1 }]);
}
if (!bare) setInterval(tick, every * 1000);
setInterval(() => { for (const client of clients) client.write(': still here\n\n'); }, 15_000);

// ---- the doors

const workflowSets = { Towns: towns, Units: units, People: people, Rules: rules, Workflows: [workflow], Alarms: alarms, Cases: cases, Tasks: tasks };
function overview() {
  const active = { 1: 0, 2: 0, 3: 0, 4: 0 };
  for (const a of alarms) if (a.state === 'active') ++active[a.level];
  const running = cases.filter((c) => c.state === 'open');
  return { time: iso(now()), sequence, demo: true,
    alarms: { active, today: alarms.length, clearedToday: alarms.filter((a) => a.state === 'cleared').length },
    cases: { open: running.length, late: running.filter((c) => Date.parse(c.dueAt) < now()).length, toCheck: running.filter((c) => c.step === 's4').length },
    stations: { all: stations.length, reporting: stations.length },
    counts: { towns: towns.length, townsWithPoint: towns.filter((t) => t.location).length } };
}
function proof(id) {
  const alarm = alarms.find((a) => a['@iot.id'] === id);
  const mine = cases.filter((c) => c['Alarm@iot.id'] === id);
  const names = (t) => {
    const p = people.find((x) => x['@iot.id'] === t['Person@iot.id']), u = units.find((x) => x['@iot.id'] === t['Unit@iot.id']);
    return { ...t, personName: p?.name, personNameEn: p?.nameEn, unitName: u?.name, unitNameEn: u?.nameEn };
  };
  const keys = new Set([`Alarms${id}`, ...mine.flatMap((c) => [`Cases${c['@iot.id']}`, ...tasks.filter((t) => t['Case@iot.id'] === c['@iot.id']).map((t) => `Tasks${t['@iot.id']}`)])]);
  return { alarm, rule: rules.find((r) => r['@iot.id'] === alarm['Rule@iot.id']),
    readings: series.get(alarm['Datastream@iot.id']).filter((r) => alarm.readings.includes(r['@iot.id']))
      .map((r) => ({ ...r, '@iot.selfLink': `http://duliang.example/v1.1/Observations(${r['@iot.id']})` })),
    cases: mine.map((c) => ({ ...c, Tasks: tasks.filter((t) => t['Case@iot.id'] === c['@iot.id']).map(names) })),
    frames: frames.filter((f) => f.of.some((k) => keys.has(k))).map(({ of, ...f }) => f) };
}
const fail = (code, type, message) => ({ code, type, message });

function city(path, actor) {
  if (path === 'Overview') return overview();
  if (path === 'Stations') return { value: stations };
  if (path === 'District') {
    return { code: '500155', name: '梁平区', nameEn: 'Liangping District', demo: true,
      notice: '示意图，界线由 GCJ-02 换算，不作为划界依据；人员均为虚构',
      noticeEn: 'Schematic map, converted from GCJ-02 and no authority for any boundary; all people are invented',
      boundary: JSON.parse(pack('liangping', 'boundary.geojson')), neighbours: JSON.parse(pack('liangping', 'neighbours.geojson')) };
  }
  const [, set, id, relation] = path.match(/^(\w+)(?:\((\d+)\))?(?:\/(\w+))?$/) ?? [];
  const all = workflowSets[set];
  if (!all) return fail(404, 'not_found', 'no such thing');
  if (!id) return { value: all };
  const one = all.find((e) => e['@iot.id'] === Number(id));
  if (!one) return fail(404, 'not_found', `${set}(${id})`);
  if (!relation) return one;
  if (relation === 'Tasks') return { value: tasks.filter((t) => t['Case@iot.id'] === one['@iot.id']) };
  if (relation === 'Proof') return proof(one['@iot.id']);
  if (relation === 'Acts') {
    return { value: actsOf(one).map((a) => ({ act: a.key, title: a.title.zh, titleEn: a.title.en, allowed: may(a, one, actor),
      reason: may(a, one, actor) ? '' : REASONS[a.who][0], reasonEn: may(a, one, actor) ? '' : REASONS[a.who][1], needsNote: !!a.note, primary: !!a.primary })) };
  }
  return fail(404, 'not_found', relation);
}
function post(id, actor, body) {
  const item = cases.find((c) => c['@iot.id'] === Number(id));
  const act = item && actsOf(item).find((a) => a.key === body.act);
  if (!act) return fail(409, 'conflict', 'the case is not in that step');
  if (!may(act, item, actor)) return fail(403, 'forbidden', REASONS[act.who][0]);
  if (act.note && !body.note) return fail(400, 'bad_input', 'a note is needed');
  commit('act', perform(item, act, actor, body.note, now()), [], actor.key, 'city');
  return item;
}
function events(request, response) {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  const seen = Number(request.headers['last-event-id'] ?? 0);
  if (seen && seen < (recent[0]?.sequence ?? 0) - 1) response.write('event: reset\ndata: {}\n\n');
  response.write(`event: hello\ndata: ${JSON.stringify({ sequence })}\n\n`);
  if (seen) for (const { sequence: s, message } of recent) if (s > seen) response.write(message);
  clients.add(response);
  request.on('close', () => clients.delete(response));
}
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.mjs': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.json': 'application/json' };
const CSP = "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; worker-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'self'";
function file(path, response) {
  const name = join(dist, normalize(path === '/' ? '/index.html' : path));
  if (!name.startsWith(dist) || !existsSync(name)) return response.writeHead(404).end('not found');
  response.writeHead(200, { 'Content-Type': TYPES[extname(name)] ?? 'application/octet-stream', 'Content-Security-Policy': CSP });
  response.end(readFileSync(name));
}

createServer(async (request, response) => {
  const url = new URL(request.url, 'http://mock');
  const path = decodeURIComponent(url.pathname);
  const key = decodeURIComponent(request.headers['x-duliang-actor'] ?? '');
  const actor = people.find((p) => p.key === key);
  const send = (body) => {
    response.writeHead(body.message && body.code ? body.code : 200, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  if (path === '/city/v1/Events') return events(request, response);
  const act = path.match(/^\/city\/v1\/Cases\((\d+)\)\/Acts$/);
  if (act && request.method === 'POST') {
    let text = '';
    for await (const chunk of request) text += chunk;
    return send(post(act[1], actor, JSON.parse(text)));
  }
  if (path.startsWith('/city/v1/')) return send(city(path.slice(9), actor));
  const observed = path.match(/^\/v1\.1\/Datastreams\((\d+)\)\/Observations$/);
  if (observed) {
    const from = url.searchParams.get('$filter')?.match(/ge (\S+)/)?.[1] ?? '';
    const top = Number(url.searchParams.get('$top') ?? 100);
    const kept = (series.get(Number(observed[1])) ?? []).filter((r) => r.phenomenonTime >= from);
    return send({ value: kept.slice(-top).reverse() });
  }
  if (path.startsWith('/v1.1/')) return send({ value: [] });
  return file(path, response);
}).listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}`));
