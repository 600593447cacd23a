// What a case shows: its way through the steps, its clock, who did what. Steps and acts are read from
// the workflow that the case names, in the version that it names; none is known here by its key.

import type { Alarm, Case, Id, Person, PossibleAct, StepDeclaration, Task, Words, Workflow } from '../api/types';
import { millis } from '../text/time';

/** Less than this share of the time left: the clock warns. */
const SOON_SHARE = 0.25;

export function workflowOf(workflows: Iterable<Workflow>, item: Case): Workflow | null {
  let best: Workflow | null = null;
  for (const workflow of workflows) {
    if (workflow.key !== item.workflow) continue;
    if (workflow.version === item.workflowVersion) return workflow;
    if (!best || workflow.active) best = workflow;
  }
  return best;
}

export function stepOf(workflow: Workflow | null, key: string): StepDeclaration | null {
  return workflow?.declaration.steps.find((s) => s.key === key) ?? null;
}

export function stepTitle(workflow: Workflow | null, key: string): Words {
  return stepOf(workflow, key)?.title ?? { zh: key, en: key };
}

export function tasksOf(tasks: Iterable<Task>, id: Id): Task[] {
  return [...tasks]
    .filter((t) => t['Case@iot.id'] === id)
    .sort((a, b) => millis(a.enteredAt) - millis(b.enteredAt) || a['@iot.id'] - b['@iot.id']);
}

export type StageState = 'done' | 'now' | 'late' | 'next' | 'returned';
export interface Stage {
  key: string;
  title: Words;
  at: number; // entered; NaN where not yet
  state: StageState;
}

export function stages(workflow: Workflow, item: Case, tasks: readonly Task[], now: number): Stage[] {
  const steps = workflow.declaration.steps;
  const here = steps.findIndex((s) => s.key === item.step);
  return steps.map((step, i) => {
    const entered = tasks.filter((t) => t.step === step.key).at(-1);
    const at = entered ? millis(entered.enteredAt) : i === here ? millis(item.enteredAt) : NaN;
    let state: StageState = 'next';
    if (i < here) state = 'done';
    else if (i === here) state = item.state === 'closed' ? 'done' : isLate(item, now) ? 'late' : 'now';
    else if (entered) state = 'returned';
    return { key: step.key, title: step.title, at, state };
  });
}

export function isLate(item: Case, now: number): boolean {
  return item.state === 'open' && millis(item.dueAt) < now;
}

export interface Clock {
  kind: 'none' | 'run' | 'soon' | 'over' | 'done';
  ms: number; // left; below zero: over; done: used in all
  due: number;
  limit: number; // from entering the step until it is due; NaN where it has none
  used: number; // share of the time, 0 to 1
  overdue: number; // done: how much was late in all
}

export function clockOf(item: Case, tasks: readonly Task[], now: number): Clock {
  const due = millis(item.dueAt);
  const entered = millis(item.enteredAt ?? item.openedAt);
  const limit = due - entered;
  const clock: Clock = { kind: 'none', ms: NaN, due, limit, used: 0, overdue: 0 };
  if (item.state === 'closed') {
    for (const task of tasks) {
      const over = millis(task.doneAt) - millis(task.dueAt);
      if (over > 0) clock.overdue += over;
    }
    return { ...clock, kind: 'done', ms: millis(item.closedAt) - millis(item.openedAt), used: 1 };
  }
  if (Number.isNaN(due)) return clock;
  const left = due - now;
  clock.ms = left;
  clock.used = limit > 0 ? Math.min(1, Math.max(0, (now - entered) / limit)) : 1;
  clock.kind = left < 0 ? 'over' : left < limit * SOON_SHARE ? 'soon' : 'run';
  return clock;
}

export interface LogEntry {
  id: Id;
  at: number;
  act: Words;
  person: Id | null; // null: the program did it
  unit: Id | null;
  note: string;
  late: boolean;
}

/** What was done, newest first. */
export function logOf(workflow: Workflow | null, tasks: readonly Task[]): LogEntry[] {
  return tasks
    .filter((t) => t.doneAt && t.act)
    .map((t) => ({
      id: t['@iot.id'],
      at: millis(t.doneAt),
      act: workflow?.declaration.acts.find((a) => a.key === t.act)?.title ?? { zh: t.act!, en: t.act! },
      person: t['Person@iot.id'] ?? null,
      unit: t['Unit@iot.id'] ?? null,
      note: t.note ?? '',
      late: millis(t.doneAt) > millis(t.dueAt),
    }))
    .reverse();
}

/** The levels that the alarm took after the first, newest first. */
export function turnsOf(alarm: Alarm | null): { at: number; level: number; value: unknown }[] {
  return (alarm?.history ?? []).slice(1).map((h) => ({ at: millis(h.at), level: h.level, value: h.value })).reverse();
}

/** When a person last acted on the case. */
export function lastActOf(tasks: readonly Task[], person: Id): number {
  const done = tasks.filter((t) => t['Person@iot.id'] === person && t.doneAt);
  return millis(done.at(-1)?.doneAt);
}

const TAKEN_KEYS = new Set(['A', 'J', 'K', 'M']);

/** A letter for each act: A does the next thing, the others get the first free letter of their name. */
export function actKeys(acts: readonly PossibleAct[]): string[] {
  const taken = new Set(TAKEN_KEYS);
  const next = nextAct(acts);
  return acts.map((act) => {
    if (act === next) return 'A';
    for (const letter of `${act.titleEn ?? ''}${act.act}`.toUpperCase()) {
      if (letter < 'A' || letter > 'Z' || taken.has(letter)) continue;
      taken.add(letter);
      return letter;
    }
    return '';
  });
}

/** The single filled button: the primary act that may be done, else any that may. */
export function nextAct(acts: readonly PossibleAct[]): PossibleAct | null {
  return acts.find((a) => a.primary && a.allowed) ?? acts.find((a) => a.allowed) ?? null;
}

/** Open cases of this person: handled, checked, or lying with the person's unit; the most urgent first. */
export function casesOf(cases: Iterable<Case>, person: Person | null): Case[] {
  if (!person) return [];
  const id = person['@iot.id'];
  const unit = person['Unit@iot.id'];
  return [...cases]
    .filter((c) => c.state === 'open')
    .filter((c) => c['Handler@iot.id'] === id || c['Checker@iot.id'] === id || (unit && c['Unit@iot.id'] === unit))
    .sort((a, b) => urgency(a) - urgency(b));
}

const urgency = (c: Case): number => {
  const due = millis(c.dueAt);
  return Number.isNaN(due) ? Number.MAX_SAFE_INTEGER : due;
};
