// The desk: the one place where the page's state is held, read and kept up to date. Components look at
// it and call its functions; what the functions decide is in model/, which knows no Vue.

import { computed, markRaw, reactive, watch } from 'vue';
import { type ApiError, makeClient } from '../api/client';
import { type Live, openLive } from '../api/live';
import type { Alarm, Case, Id, LiveEvent, Person, Rule, Town, Unit, Workflow } from '../api/types';
import { type AlarmRow, type Filter, alarmRows, keep as keepRows } from '../model/alarms';
import { casesOf, workflowOf } from '../model/cases';
import { type StreamPlace, applyEvents, byId, emptyState, findStream, put } from '../model/state';
import { midnight, millis } from '../text/time';
import { figure, withUnit } from '../text/numbers';
import { named, setQuery, settings, t, titled } from './settings';

export type Pane = { state: 'loading' | 'ready' } | { state: 'error'; error: ApiError };
export type Tab = 'list' | 'case' | 'map';

/** The overview's figures are asked again at most so often, and at least so often. */
const OVERVIEW_AFTER_MS = 250;
const OVERVIEW_EVERY_MS = 20_000;
/** Rows that events only hint at are read again at most so often. */
const RELOAD_AFTER_MS = 1500;
/** A break shorter than this is not worth a word. */
const OFFLINE_AFTER_MS = 1500;

export const client = makeClient(() => settings.actor);

const query = new URLSearchParams(location.search);
const idIn = (key: string): Id | null => (query.get(key) && Number(query.get(key))) || null;

export const desk = reactive({
  data: emptyState(),
  work: { state: 'loading' } as Pane,
  places: { state: 'loading' } as Pane,
  now: Date.now(),
  online: true,
  lostAt: 0,
  alarm: idIn('alarm'),
  case: idIn('case'),
  stream: idIn('stream'),
  proof: idIn('proof'),
  tab: (idIn('case') ? 'case' : 'list') as Tab,
  filter: { kind: 'all' } as Filter,
  keys: false, // the sheet of keys
  said: { polite: '', urgent: '' },
});

export const rows = computed(() => alarmRows(desk.data.alarms.values(), desk.data.cases.values(), desk.now));
export const shownRows = computed(() => keepRows(rows.value, desk.filter, workflowFor));
export const liveRows = computed(() => rows.value.filter((r) => !r.cleared));
export const row = computed<AlarmRow | null>(
  () => rows.value.find((r) => r.alarm['@iot.id'] === desk.alarm) ?? null,
);
export const openCase = computed<Case | null>(() => (desk.case ? (desk.data.cases.get(desk.case) ?? null) : null));
export const actor = computed<Person | null>(
  () => [...desk.data.people.values()].find((p) => p.key === settings.actor) ?? null,
);
export const mine = computed(() => casesOf(desk.data.cases.values(), actor.value));
/** The chart's stream: chosen, of the chosen alarm, of the worst alarm, or simply the first. */
export const streamPlace = computed(() => {
  const stations = desk.data.stations;
  const alarm = row.value?.alarm ?? (openCase.value ? alarmOf(openCase.value) : null);
  return (
    findStream(stations, desk.stream) ??
    findStream(stations, alarm?.['Datastream@iot.id']) ??
    findStream(stations, liveRows.value[0]?.alarm['Datastream@iot.id']) ??
    findStream(stations, stations[0]?.streams[0]?.['@iot.id'])
  );
});

export function workflowFor(item: Case): Workflow | null {
  return workflowOf(desk.data.workflows.values(), item);
}
export function alarmOf(item: Case): Alarm | null {
  return (item['Alarm@iot.id'] && desk.data.alarms.get(item['Alarm@iot.id'])) || null;
}

/** A case was opened at one level; what counts is where its alarm stands now. */
export const levelOfCase = (item: Case): number => alarmOf(item)?.level ?? item.level ?? 4;

/** The name of a stream; where it has none in English, that of its station and what it measures. */
export function streamName(place: StreamPlace): string {
  const { station, stream } = place;
  if (settings.lang === 'zh' || stream.nameEn || !station.nameEn) return named(stream);
  return [station.nameEn, stream.observedProperty?.replace(/_/g, ' ')].filter(Boolean).join(', ');
}

// ---- choosing

export function openAlarm(id: Id, to: Tab = 'case'): void {
  const found = rows.value.find((r) => r.alarm['@iot.id'] === id);
  desk.alarm = id;
  desk.case = found?.case?.['@iot.id'] ?? null;
  desk.stream = null;
  desk.tab = to;
}
export function openCaseById(id: Id): void {
  desk.case = id;
  desk.alarm = desk.data.cases.get(id)?.['Alarm@iot.id'] ?? null;
  desk.stream = null;
  desk.tab = 'case';
}
export function openStream(id: Id): void {
  desk.stream = id;
}
export function closePane(): void {
  desk.alarm = null;
  desk.case = null;
  desk.tab = 'list';
}
export function chooseFilter(filter: Filter): void {
  desk.filter = JSON.stringify(filter) === JSON.stringify(desk.filter) ? { kind: 'all' } : filter;
  desk.tab = 'list';
}

watch(
  () => [desk.alarm, desk.case, desk.stream, desk.proof] as const,
  ([alarm, item, stream, proof]) => setQuery({ alarm, case: item, stream, proof }),
);

// ---- reading

let offset = 0; // the server's clock against this machine's

async function loadOverview(): Promise<void> {
  const asked = Date.now();
  const overview = await client.overview();
  offset = millis(overview.time) - (asked + Date.now()) / 2;
  desk.data.overview = overview;
  tick();
}

async function loadWork(): Promise<void> {
  await loadOverview();
  const sequence = desk.data.overview?.sequence ?? 0;
  const since = midnight(desk.now);
  const alarmQuery = `?$filter=${encodeURIComponent(`state eq 'active' or clearedAt ge ${since}`)}&$top=500`;
  const caseQuery = `?$filter=${encodeURIComponent(`state eq 'open' or closedAt ge ${since}`)}&$top=500`;
  const [alarms, cases, workflows, rules] = await Promise.all([
    client.list<Alarm>('Alarms', alarmQuery),
    client.list<Case>('Cases', caseQuery),
    client.list<Workflow>('Workflows'),
    client.list<Rule>('Rules'),
  ]);
  const known = byId(cases);
  const wanted = desk.case && !known.has(desk.case) ? await client.case(desk.case).catch(() => null) : null;
  if (wanted) put(known, [wanted]);
  else if (desk.case && !known.has(desk.case)) desk.case = null;
  Object.assign(desk.data, { alarms: byId(alarms), cases: known, workflows: byId(workflows), rules: byId(rules) });
  desk.data.sequence = Math.max(sequence, 0);
  if (desk.case && !desk.alarm) desk.alarm = known.get(desk.case)?.['Alarm@iot.id'] ?? null;
  if (desk.alarm && !desk.case) openAlarm(desk.alarm, desk.tab);
}

async function loadPlaces(): Promise<void> {
  const [district, stations, towns, units, people] = await Promise.all([
    client.district(),
    client.stations(),
    client.list<Town>('Towns'),
    client.list<Unit>('Units'),
    client.list<Person>('People'),
  ]);
  // The outlines are thousands of points that never change: not worth a watcher each.
  markRaw(district);
  Object.assign(desk.data, { district, stations, towns: byId(towns), units: byId(units), people: byId(people) });
  if (!people.some((p) => p.key === settings.actor)) settings.actor = people[0]?.key ?? null;
}

async function fill(pane: 'work' | 'places', load: () => Promise<void>): Promise<void> {
  if (desk[pane].state === 'error') desk[pane] = { state: 'loading' };
  try {
    await load();
    desk[pane] = { state: 'ready' };
  } catch (error) {
    desk[pane] = { state: 'error', error: error as ApiError };
  }
}

/** Reads everything again; what failed becomes an error of its pane, the other goes on. */
export async function reload(): Promise<void> {
  await Promise.all([fill('places', loadPlaces), fill('work', loadWork)]);
  const early = waiting.splice(0);
  if (early.length > 0) onEvents(early);
}

// ---- keeping up

let waiting: LiveEvent[] = []; // came before the lists were there
let live: Live | null = null;
let overviewTimer: ReturnType<typeof setTimeout> | null = null;
let reloadTimer: ReturnType<typeof setTimeout> | null = null;
let offlineTimer: ReturnType<typeof setTimeout> | null = null;
let helloBefore = -1; // a hello that came while the lists were still being read

function refreshOverview(): void {
  overviewTimer ??= setTimeout(() => {
    overviewTimer = null;
    loadOverview().catch(() => undefined); // the next event or the next round asks again
  }, OVERVIEW_AFTER_MS);
}

function reloadSoon(): void {
  reloadTimer ??= setTimeout(() => {
    reloadTimer = null;
    void reload();
  }, RELOAD_AFTER_MS);
}

function onEvents(events: LiveEvent[]): void {
  if (desk.work.state !== 'ready' || desk.places.state !== 'ready') {
    waiting.push(...events);
    return;
  }
  const touched = applyEvents(desk.data, events);
  if (touched.work) refreshOverview();
  if (touched.unknown) reloadSoon();
  for (const id of touched.alarms) announce(id);
}

/** Said aloud once, for the two levels that must be heard. */
function announce(id: Id): void {
  const alarm = desk.data.alarms.get(id);
  if (!alarm || alarm.level > 2) return;
  const value = withUnit(figure(alarm.value), alarm.unitSymbol);
  const text = t('say.alarm', { level: t(alarm.level === 1 ? 'level.1' : 'level.2'), title: titled(alarm), value });
  desk.said[alarm.level === 1 ? 'urgent' : 'polite'] = text;
}

function onLine(open: boolean): void {
  if (offlineTimer) clearTimeout(offlineTimer);
  offlineTimer = null;
  if (open) {
    desk.online = true;
    return;
  }
  const at = desk.now;
  offlineTimer = setTimeout(() => {
    if (desk.online) desk.lostAt = desk.now = at;
    desk.online = false;
  }, OFFLINE_AFTER_MS);
}

function onHello(sequence: number, resumed: boolean): void {
  if (desk.work.state !== 'ready') helloBefore = sequence;
  else if (sequence < desk.data.sequence || (!resumed && sequence > desk.data.sequence)) void reload();
}

export const serverNow = (): number => Date.now() + offset;
function tick(): void {
  if (desk.online) desk.now = serverNow();
}

export function retryLine(): void {
  live?.retry();
}

export async function start(): Promise<void> {
  live = openLive('/city/v1/Events', {
    hello: onHello,
    events: onEvents,
    reset: () => void reload(),
    line: onLine,
  });
  setInterval(tick, 1000);
  setInterval(() => {
    if (desk.online) refreshOverview();
  }, OVERVIEW_EVERY_MS);
  await reload();
  // Committed between the reading of the lists and the opening of the line: in neither of them.
  if (helloBefore > desk.data.sequence) await reload();
}
