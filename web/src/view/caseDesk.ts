// The open case: its tasks, what the actor may do, and the doing.

import { computed, reactive, watch } from 'vue';
import type { ApiError } from '../api/client';
import type { PossibleAct, Task } from '../api/types';
import { actKeys, clockOf, logOf, nextAct, stages, tasksOf } from '../model/cases';
import { put } from '../model/state';
import { alarmOf, client, desk, openCase, workflowFor } from './desk';
import { settings } from './settings';

export const caseDesk = reactive({
  acts: [] as PossibleAct[],
  state: 'loading' as 'loading' | 'ready' | 'error',
  error: null as ApiError | null,
  busy: null as string | null, // act that is being sent
  refused: null as ApiError | null, // what the server said to the last act
  writing: null as string | null, // act whose note is being written
  note: '',
});

export const caseWorkflow = computed(() => (openCase.value ? workflowFor(openCase.value) : null));
export const caseTasks = computed<Task[]>(() =>
  openCase.value ? tasksOf(desk.data.tasks.values(), openCase.value['@iot.id']) : [],
);
export const caseStages = computed(() => {
  const item = openCase.value;
  const workflow = caseWorkflow.value;
  return item && workflow ? stages(workflow, item, caseTasks.value, desk.now) : [];
});
export const caseClock = computed(() =>
  openCase.value ? clockOf(openCase.value, caseTasks.value, desk.now) : null,
);
export const caseLog = computed(() => logOf(caseWorkflow.value, caseTasks.value));
export const keys = computed(() => actKeys(caseDesk.acts));
export const next = computed(() => nextAct(caseDesk.acts));

let asked = 0;

export async function loadCase(): Promise<void> {
  const id = desk.case;
  const mine = ++asked;
  if (!id) return;
  try {
    const [acts, tasks] = await Promise.all([client.acts(id), client.tasks(id)]);
    if (mine !== asked) return; // another case, or a newer question
    put(desk.data.tasks, tasks.map((t) => ({ ...t, 'Case@iot.id': t['Case@iot.id'] ?? id })));
    Object.assign(caseDesk, { acts, state: 'ready', error: null });
  } catch (error) {
    if (mine === asked) Object.assign(caseDesk, { acts: [], state: 'error', error: error as ApiError });
  }
}

watch(
  () => desk.case,
  () => {
    Object.assign(caseDesk, { acts: [], state: 'loading', error: null, refused: null, writing: null, note: '' });
    void loadCase();
  },
  { immediate: true },
);
// The acts depend on the step, the handler and who asks, and a guard may ask for the alarm.
const alarmState = computed(() => (openCase.value ? alarmOf(openCase.value)?.state : undefined));
watch(
  () => [openCase.value?.step, openCase.value?.state, openCase.value?.['Handler@iot.id'], openCase.value?.['Unit@iot.id'], settings.actor, alarmState.value],
  (now, before) => {
    if (now[0] !== before[0] || now[4] !== before[4]) Object.assign(caseDesk, { writing: null, note: '', refused: null });
    void loadCase();
  },
);

/** Begins an act: one that needs a note opens the field first; a blocked one does nothing but say why. */
export function begin(act: PossibleAct): void {
  if (!act.allowed || caseDesk.busy) return;
  caseDesk.refused = null;
  if (act.needsNote && caseDesk.writing !== act.act) {
    caseDesk.writing = act.act;
    return;
  }
  void send(act);
}

export async function send(act: PossibleAct): Promise<void> {
  const id = desk.case;
  const note = caseDesk.note.trim();
  if (!id || caseDesk.busy || (act.needsNote && !note)) return;
  caseDesk.busy = act.act;
  caseDesk.refused = null;
  try {
    const item = await client.act(id, act.act, note);
    put(desk.data.cases, [item]);
    Object.assign(caseDesk, { writing: null, note: '' });
  } catch (error) {
    caseDesk.refused = error as ApiError;
  } finally {
    caseDesk.busy = null;
  }
  await loadCase();
}
