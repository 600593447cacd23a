import { describe, expect, it } from 'vitest';
import type { Alarm, Case, LiveEvent, Person, PossibleAct, Task, Workflow } from '../api/types';
import { alarmRows, isToCheck, keep } from './alarms';
import { actKeys, casesOf, clockOf, lastActOf, logOf, nextAct, stages, turnsOf, workflowOf } from './cases';
import { addToTrail, applyEvents, byId, emptyState } from './state';

const T = (minute: number): string => new Date(Date.UTC(2026, 10, 24, 6, minute)).toISOString();
const at = (minute: number): number => Date.parse(T(minute));
const words = (text: string): { zh: string; en: string } => ({ zh: text, en: text });

const workflow: Workflow = {
  '@iot.id': 1, key: 'w', version: '2', name: 'w', active: true,
  declaration: {
    steps: [
      { key: 'a', title: words('A') }, { key: 'b', title: words('B') },
      { key: 'c', title: words('C') }, { key: 'z', title: words('Z'), final: true },
    ],
    acts: [{ key: 'go', title: words('Go') }],
  },
};
const alarm = (id: number, level: number, more: Partial<Alarm> = {}): Alarm =>
  ({ '@iot.id': id, title: `a${id}`, level, state: 'active', raisedAt: T(id), ...more });
const matter = (id: number, more: Partial<Case> = {}): Case => ({
  '@iot.id': id, number: `N-${id}`, title: `c${id}`, workflow: 'w', workflowVersion: '2', step: 'b', state: 'open',
  openedAt: T(0), enteredAt: T(0), dueAt: T(20), 'Alarm@iot.id': id, ...more,
});
const task = (id: number, step: string, entered: number, more: Partial<Task> = {}): Task =>
  ({ '@iot.id': id, step, enteredAt: T(entered), 'Case@iot.id': 1, ...more });

describe('the list of alarms', () => {
  it('puts the live before the cleared, the worse before the better, the late before the rest, the newer first', () => {
    const alarms = [alarm(1, 3), alarm(2, 1), alarm(3, 3), alarm(4, 1, { state: 'cleared', clearedAt: T(9) }), alarm(5, 3)];
    const cases = [matter(1, { dueAt: T(10) }), matter(3), matter(5)];
    const rows = alarmRows(alarms, cases, at(15));
    expect(rows.map((r) => r.alarm['@iot.id'])).toEqual([2, 1, 5, 3, 4]);
    expect(rows[1]).toMatchObject({ late: true, fresh: true, cleared: false });
  });
  it('calls new what nobody has in hand, and takes the newest case of an alarm', () => {
    const rows = alarmRows([alarm(1, 2)], [matter(1, { state: 'closed' }), { ...matter(7), 'Alarm@iot.id': 1, 'Handler@iot.id': 3 }], at(1));
    expect(rows[0]).toMatchObject({ fresh: false, case: { number: 'N-7' } });
    expect(alarmRows([alarm(1, 2)], [], at(1))[0]!.fresh).toBe(false);
  });
  it('filters by level, open, late and to check', () => {
    const rows = alarmRows([alarm(1, 1), alarm(2, 3), alarm(3, 3)], [matter(1), matter(2, { step: 'c' })], at(30));
    const of = (filter: Parameters<typeof keep>[1]): number[] => keep(rows, filter, () => workflow).map((r) => r.alarm['@iot.id']);
    expect(of({ kind: 'all' })).toHaveLength(3);
    expect(of({ kind: 'level', level: 1 })).toEqual([1]);
    expect(of({ kind: 'open' })).toEqual([1, 2]);
    expect(of({ kind: 'late' })).toEqual([1, 2]);
    expect(of({ kind: 'check' })).toEqual([2]);
    expect(isToCheck(matter(1), workflow)).toBe(false);
  });
});

describe('a case', () => {
  it('goes by the version of the workflow that it names', () => {
    const old = { ...workflow, '@iot.id': 2, version: '1', active: false };
    expect(workflowOf([workflow, old], matter(1, { workflowVersion: '1' }))).toBe(old);
    expect(workflowOf([old, workflow], matter(1, { workflowVersion: '9' }))).toBe(workflow);
    expect(workflowOf([], matter(1))).toBeNull();
  });
  it('shows steps done, now, to come, late and returned to', () => {
    const tasks = [task(1, 'a', 0), task(2, 'b', 1), task(3, 'c', 5), task(4, 'b', 9)];
    const states = (item: Case, minute: number): string[] => stages(workflow, item, tasks, at(minute)).map((s) => s.state);
    expect(states(matter(1), 10)).toEqual(['done', 'now', 'returned', 'next']);
    expect(states(matter(1), 21)).toEqual(['done', 'late', 'returned', 'next']);
    expect(states(matter(1, { step: 'z', state: 'closed' }), 30)).toEqual(['done', 'done', 'done', 'done']);
    expect(stages(workflow, matter(1), tasks, at(10))[1]!.at).toBe(at(9));
  });
  it('has a clock that runs, warns in the last quarter, is late, or tells at the end', () => {
    expect(clockOf(matter(1), [], at(10))).toMatchObject({ kind: 'run', ms: 600_000, used: 0.5, limit: 1_200_000 });
    expect(clockOf(matter(1), [], at(16))).toMatchObject({ kind: 'soon' });
    expect(clockOf(matter(1), [], at(22))).toMatchObject({ kind: 'over', ms: -120_000 });
    expect(clockOf(matter(1, { step: 'a', dueAt: null }), [], at(1)).kind).toBe('none');
    const done = matter(1, { state: 'closed', step: 'z', closedAt: T(40) });
    const tasks = [task(1, 'b', 0, { dueAt: T(20), doneAt: T(23) }), task(2, 'c', 23, { dueAt: T(33), doneAt: T(30) })];
    expect(clockOf(done, tasks, at(50))).toMatchObject({ kind: 'done', ms: 2_400_000, overdue: 180_000 });
  });
  it('tells the levels that its alarm took after the first', () => {
    const history = [{ at: T(1), level: 3, value: 3.2 }, { at: T(4), level: 1, value: 3.7 }, { at: T(9), level: 3, value: 3.5 }];
    expect(turnsOf(alarm(1, 3, { history })).map((h) => [h.at, h.level])).toEqual([[at(9), 3], [at(4), 1]]);
    expect(turnsOf(null)).toEqual([]);
  });
  it('tells what was done, newest first, by the titles of the workflow', () => {
    const tasks = [task(1, 'a', 0, { doneAt: T(0), act: 'go' }), task(2, 'b', 0, { doneAt: T(4), act: 'other', 'Person@iot.id': 5, note: 'dry' }), task(3, 'c', 4)];
    const log = logOf(workflow, tasks);
    expect(log.map((e) => e.act?.en)).toEqual(['other', 'Go']);
    expect(log[0]).toMatchObject({ person: 5, note: 'dry' });
    expect(lastActOf(tasks, 5)).toBe(at(4));
  });
  it('is mine when I handle or check it or my unit has it; the most urgent first', () => {
    const me = { '@iot.id': 5, key: 'me', name: 'me', 'Unit@iot.id': 9 } as Person;
    const cases = [matter(1, { 'Unit@iot.id': 9 }), matter(2, { 'Handler@iot.id': 5, dueAt: T(2) }), matter(3, { 'Unit@iot.id': 8 }), matter(4, { 'Unit@iot.id': 9, state: 'closed' })];
    expect(casesOf(cases, me).map((c) => c['@iot.id'])).toEqual([2, 1]);
    expect(casesOf(cases, null)).toEqual([]);
  });
});

describe('acts', () => {
  const act = (key: string, titleEn: string, more: Partial<PossibleAct> = {}): PossibleAct => ({ act: key, title: key, titleEn, allowed: true, ...more });
  it('fills one button only: the primary that may be done, else the first that may', () => {
    const acts = [act('x', 'X', { allowed: false, primary: true }), act('y', 'Y'), act('z', 'Z')];
    expect(nextAct(acts)?.act).toBe('y');
    expect(nextAct([acts[0]!])).toBeNull();
  });
  it('gives each a key of its own', () => {
    expect(actKeys([act('f', 'Finish', { primary: true }), act('r', 'Return'), act('r2', 'Reassign'), act('j', 'Kk')])).toEqual(['A', 'R', 'E', '']);
  });
});

describe('live events', () => {
  const event = (sequence: number, changes: LiveEvent['changes'], readings: LiveEvent['readings'] = []): LiveEvent => ({ sequence, time: T(1), changes, readings });
  it('applies each once and in order, and passes over what the lists hold already', () => {
    const state = emptyState();
    state.sequence = 10;
    const first = event(11, [{ set: 'Alarms', entity: alarm(1, 3) }]);
    const touched = applyEvents(state, [event(10, [{ set: 'Alarms', entity: alarm(9, 1) }]), first, first]);
    expect([...state.alarms.keys()]).toEqual([1]);
    expect(state.sequence).toBe(11);
    expect(touched).toMatchObject({ alarms: [1], work: true });
  });
  it('says aloud only what is raised or has become worse', () => {
    const state = emptyState();
    state.alarms = byId([alarm(1, 3), alarm(2, 2)]);
    const touched = applyEvents(state, [event(1, [{ set: 'Alarms', entity: alarm(1, 1) }, { set: 'Alarms', entity: alarm(2, 3) }, { set: 'Alarms', entity: alarm(3, 4, { state: 'cleared' }) }])]);
    expect(touched.alarms).toEqual([1]);
  });
  it('moves the newest reading forward, never back, and asks again for streams that it does not know', () => {
    const state = emptyState();
    state.stations = [{ '@iot.id': 1, name: 's', streams: [{ '@iot.id': 4, name: 'x', latest: { '@iot.id': 1, phenomenonTime: T(5), result: 1 } }] }];
    state.trail = { stream: 4, readings: [] };
    const reading = (minute: number, stream: number): NonNullable<LiveEvent['readings']>[number] => ({ '@iot.id': minute, phenomenonTime: T(minute), result: minute, 'Datastream@iot.id': stream });
    expect(applyEvents(state, [event(1, [], [reading(6, 4), reading(3, 4)])]).unknown).toBe(false);
    expect(state.stations[0]!.streams[0]!.latest!.result).toBe(6);
    expect(state.trail.readings.map((r) => r.result)).toEqual([3, 6]);
    expect(applyEvents(state, [event(2, [], [reading(7, 99)])]).unknown).toBe(true);
  });
  it('reads the lists again where a row went', () => {
    const touched = applyEvents(emptyState(), [event(1, [{ set: 'Things', removed: 4 }])]);
    expect(touched).toMatchObject({ unknown: true, work: false });
  });
  it('replaces a reading that comes again for the same time', () => {
    const trail = [{ '@iot.id': 1, phenomenonTime: T(1), result: 1 }];
    addToTrail(trail, { '@iot.id': 2, phenomenonTime: T(1), result: 2 });
    expect(trail.map((r) => r.result)).toEqual([2]);
  });
});
