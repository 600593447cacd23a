// Everything that the page knows, as one plain object, and the two ways in which it changes: lists that
// were read, and live events. No Vue here: the view wraps the object, the functions do not know.

import type {
  Alarm, Case, District, Entity, Id, LiveEvent, Overview, Person, Reading, Rule, Station, Stream, Task, Town, Unit,
  Workflow,
} from '../api/types';
import { millis } from '../text/time';

/** Readings of the chart's stream that are kept in hand; what is older is asked for again. */
export const TRAIL_MAX = 4000;

export interface State {
  sequence: number; // up to here the lists are known
  district: District | null;
  overview: Overview | null;
  towns: Map<Id, Town>;
  units: Map<Id, Unit>;
  people: Map<Id, Person>;
  rules: Map<Id, Rule>;
  workflows: Map<Id, Workflow>;
  stations: Station[];
  alarms: Map<Id, Alarm>;
  cases: Map<Id, Case>;
  tasks: Map<Id, Task>;
  trail: { stream: Id | null; readings: Reading[] };
}

export function emptyState(): State {
  return {
    sequence: 0,
    district: null,
    overview: null,
    towns: new Map(),
    units: new Map(),
    people: new Map(),
    rules: new Map(),
    workflows: new Map(),
    stations: [],
    alarms: new Map(),
    cases: new Map(),
    tasks: new Map(),
    trail: { stream: null, readings: [] },
  };
}

export function byId<T extends Entity>(items: readonly T[]): Map<Id, T> {
  return new Map(items.map((item) => [item['@iot.id'], item]));
}

export function put<T extends Entity>(into: Map<Id, T>, items: readonly T[]): void {
  for (const item of items) into.set(item['@iot.id'], item);
}

export interface StreamPlace {
  station: Station;
  stream: Stream;
}

export function findStream(stations: readonly Station[], id: Id | null | undefined): StreamPlace | null {
  if (id === null || id === undefined) return null;
  for (const station of stations) {
    const stream = station.streams.find((s) => s['@iot.id'] === id);
    if (stream) return { station, stream };
  }
  return null;
}

/** What an event touched, so that the view knows what to ask again. */
export interface Touched {
  alarms: Id[]; // raised, or risen to a worse level
  work: boolean; // alarms or cases: the overview's figures
  cases: Set<Id>;
  streams: Set<Id>;
  unknown: boolean; // a set or a stream that we hold no row of: read the lists again
}

/** Applies events in order. One that the lists already contain, or that comes twice, is passed over. */
export function applyEvents(state: State, events: readonly LiveEvent[]): Touched {
  const touched: Touched = { alarms: [], work: false, cases: new Set(), streams: new Set(), unknown: false };
  for (const event of events) {
    if (event.sequence <= state.sequence) continue;
    state.sequence = event.sequence;
    for (const change of event.changes ?? []) {
      if (change.entity) applyChange(state, change.set, change.entity, touched);
      else touched.unknown = true; // a row went, and what showed it with it
    }
    for (const reading of event.readings ?? []) {
      const id = reading['Datastream@iot.id'];
      const place = findStream(state.stations, id);
      if (!place) touched.unknown = true;
      else if (!(millis(place.stream.latest?.phenomenonTime) > millis(reading.phenomenonTime))) {
        place.stream.latest = reading;
      }
      touched.streams.add(id);
      if (state.trail.stream === id) addToTrail(state.trail.readings, reading);
    }
  }
  return touched;
}

function applyChange(state: State, set: string, entity: Entity, touched: Touched): void {
  const id = entity['@iot.id'];
  switch (set) {
    case 'Alarms': {
      const alarm = entity as Alarm;
      const before = state.alarms.get(id);
      const worse = before?.state !== 'active' || alarm.level < before.level;
      if (alarm.state === 'active' && worse) touched.alarms.push(id);
      state.alarms.set(id, alarm);
      touched.work = true;
      break;
    }
    case 'Cases':
      state.cases.set(id, entity as Case);
      touched.work = true;
      touched.cases.add(id);
      break;
    case 'Tasks': {
      const task = entity as Task;
      state.tasks.set(id, task);
      if (task['Case@iot.id']) touched.cases.add(task['Case@iot.id']);
      break;
    }
    case 'Towns': state.towns.set(id, entity as Town); break;
    case 'Units': state.units.set(id, entity as Unit); break;
    case 'People': state.people.set(id, entity as Person); break;
    case 'Rules':
    case 'Workflows':
    case 'Datastreams':
    case 'Things':
    case 'Locations':
      touched.unknown = true; // rows with more in them than the event carries
      break;
    default: break;
  }
}

/** Keeps the trail in order of time; a reading that comes late finds its place, one that comes again is replaced. */
export function addToTrail(trail: Reading[], reading: Reading): void {
  const at = millis(reading.phenomenonTime);
  let i = trail.length;
  while (i > 0 && millis(trail[i - 1]?.phenomenonTime) > at) --i;
  if (i > 0 && millis(trail[i - 1]?.phenomenonTime) === at) trail[i - 1] = reading;
  else trail.splice(i, 0, reading);
  if (trail.length > TRAIL_MAX) trail.splice(0, trail.length - TRAIL_MAX);
}
