// The list of alarms: which rows, in which order, and what each says. The map shows the same rows.

import type { Alarm, Case, Id, Overview, Workflow } from '../api/types';
import { millis } from '../text/time';
import { isLate, stepOf } from './cases';

export type Filter = { kind: 'all' } | { kind: 'level'; level: number } | { kind: 'open' | 'late' | 'check' };

export interface AlarmRow {
  alarm: Alarm;
  case: Case | null; // the newest case of the alarm
  fresh: boolean; // nobody has taken it in hand
  cleared: boolean;
  late: boolean;
}

export function caseByAlarm(cases: Iterable<Case>): Map<Id, Case> {
  const found = new Map<Id, Case>();
  for (const item of cases) {
    const alarm = item['Alarm@iot.id'];
    if (!alarm) continue;
    const other = found.get(alarm);
    if (!other || other['@iot.id'] < item['@iot.id']) found.set(alarm, item);
  }
  return found;
}

export function alarmRows(alarms: Iterable<Alarm>, cases: Iterable<Case>, now: number): AlarmRow[] {
  const found = caseByAlarm(cases);
  const rows = [...alarms].map((alarm): AlarmRow => {
    const item = found.get(alarm['@iot.id']) ?? null;
    const cleared = alarm.state === 'cleared';
    const fresh = !cleared && item?.state === 'open' && !item['Handler@iot.id'];
    return { alarm, case: item, fresh, cleared, late: item ? isLate(item, now) : false };
  });
  return rows.sort(moreUrgent);
}

/** Live before cleared; then worse, late, not yet closed, newer. Among cleared ones those with an open case first. */
function moreUrgent(a: AlarmRow, b: AlarmRow): number {
  if (a.cleared !== b.cleared) return a.cleared ? 1 : -1;
  if (a.cleared) {
    const open = Number(b.case?.state === 'open') - Number(a.case?.state === 'open');
    return open || millis(b.alarm.clearedAt) - millis(a.alarm.clearedAt) || b.alarm['@iot.id'] - a.alarm['@iot.id'];
  }
  return (
    a.alarm.level - b.alarm.level ||
    Number(b.late) - Number(a.late) ||
    Number(a.case?.state === 'closed') - Number(b.case?.state === 'closed') ||
    millis(b.alarm.raisedAt) - millis(a.alarm.raisedAt) ||
    b.alarm['@iot.id'] - a.alarm['@iot.id']
  );
}

/** A case in the last step before a final one waits for its check. */
export function isToCheck(item: Case, workflow: Workflow | null): boolean {
  if (item.state !== 'open' || !workflow) return false;
  const steps = workflow.declaration.steps;
  const final = steps.findIndex((s) => s.final);
  return final > 0 && steps[final - 1] === stepOf(workflow, item.step);
}

export function keep(
  rows: readonly AlarmRow[],
  filter: Filter,
  workflow: (item: Case) => Workflow | null,
): readonly AlarmRow[] {
  switch (filter.kind) {
    case 'level': return rows.filter((r) => !r.cleared && r.alarm.level === filter.level);
    case 'open': return rows.filter((r) => r.case?.state === 'open');
    case 'late': return rows.filter((r) => r.late);
    case 'check': return rows.filter((r) => r.case && isToCheck(r.case, workflow(r.case)));
    default: return rows;
  }
}

export const activeCount = (overview: Overview | null, level: number): number =>
  overview?.alarms.active[String(level)] ?? 0;
