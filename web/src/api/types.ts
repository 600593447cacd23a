// What the doors send, as docs/city.md and SensorThings write it. Nothing here is made up by the page.

export type Id = number;
export interface Entity {
  '@iot.id': Id;
}
export interface Named {
  name: string;
  nameEn?: string | null;
}

export interface Point {
  type: 'Point';
  coordinates: [number, number];
}
export interface Town extends Entity, Named {
  code: string;
  kind?: string | null;
  location?: Point | null;
}
export interface Unit extends Entity, Named {
  key: string;
  kind?: string | null;
  'Town@iot.id'?: Id | null;
}
export interface Person extends Entity, Named {
  key: string;
  role?: string | null;
  roleEn?: string | null;
  'Unit@iot.id'?: Id | null;
}
export interface Rule extends Entity, Named {
  key: string;
  version: string;
}

export interface Words {
  zh: string;
  en: string;
}
export interface StepDeclaration {
  key: string;
  title: Words;
  final?: boolean;
}
export interface ActDeclaration {
  key: string;
  title: Words;
}
export interface Workflow extends Entity, Named {
  key: string;
  version: string;
  active?: boolean;
  declaration: { steps: StepDeclaration[]; acts: ActDeclaration[] };
}

/** A level that the alarm took, and by what. */
export interface AlarmTurn {
  at: string;
  level: number;
  value?: unknown;
}
export interface Alarm extends Entity {
  title: string;
  titleEn?: string | null;
  level: number;
  peakLevel?: number | null;
  state: 'active' | 'cleared';
  raisedAt: string;
  changedAt?: string | null;
  clearedAt?: string | null;
  occurrences?: number | null;
  value?: unknown;
  threshold?: number | null;
  unitSymbol?: string | null;
  readings?: Id[] | null;
  history?: AlarmTurn[] | null;
  townSource?: 'property' | 'nearest' | null;
  'Datastream@iot.id'?: Id | null;
  'Rule@iot.id'?: Id | null;
  'Town@iot.id'?: Id | null;
}
export interface Case extends Entity {
  number: string;
  title: string;
  titleEn?: string | null;
  level?: number | null;
  workflow: string;
  workflowVersion?: string | null;
  step: string;
  state: 'open' | 'closed';
  openedAt: string;
  enteredAt?: string | null;
  dueAt?: string | null;
  closedAt?: string | null;
  'Alarm@iot.id'?: Id | null;
  'Unit@iot.id'?: Id | null;
  'Town@iot.id'?: Id | null;
  'Handler@iot.id'?: Id | null;
  'Checker@iot.id'?: Id | null;
}
export interface Task extends Entity {
  step: string;
  enteredAt: string;
  dueAt?: string | null;
  doneAt?: string | null;
  act?: string | null;
  note?: string | null;
  'Case@iot.id'?: Id | null;
  'Unit@iot.id'?: Id | null;
  'Person@iot.id'?: Id | null;
}

export interface Line {
  level: number;
  name: string;
  nameEn?: string | null;
  threshold: number;
}
export interface Reading extends Entity {
  phenomenonTime: string;
  result: unknown;
}
export interface Stream extends Entity, Named {
  unitSymbol?: string | null;
  observedProperty?: string | null;
  latest?: Reading | null;
  lines?: Line[] | null;
}
export interface Station extends Entity, Named {
  point?: [number, number] | null;
  'Town@iot.id'?: Id | null;
  townSource?: string | null;
  streams: Stream[];
}

export interface District extends Named {
  code: string;
  notice?: string | null;
  noticeEn?: string | null;
  demo?: boolean;
  boundary?: unknown;
  neighbours?: unknown;
}
export interface Overview {
  time: string;
  sequence: number;
  demo: boolean;
  alarms: { active: Record<string, number>; today: number; clearedToday: number };
  cases: { open: number; late: number; toCheck: number };
  stations: { all: number; reporting: number };
  counts: { towns: number; townsWithPoint: number };
}

export interface PossibleAct {
  act: string;
  title: string;
  titleEn?: string | null;
  allowed: boolean;
  reason?: string | null;
  reasonEn?: string | null;
  needsNote?: boolean;
  primary?: boolean;
}

export interface ProofTask extends Task {
  personName?: string | null;
  personNameEn?: string | null;
  unitName?: string | null;
  unitNameEn?: string | null;
}
export interface Command {
  kind: string;
  actor?: string | null;
  door?: string | null;
  received?: string | null;
}
export interface Frame {
  sequence: number;
  time: string;
  hash: string;
  commands: Command[];
}
export interface Proof {
  alarm: Alarm;
  rule: Rule | null;
  readings: (Reading & { '@iot.selfLink'?: string; removed?: boolean })[];
  cases: (Case & { Tasks: ProofTask[] })[];
  frames: Frame[];
  retiredFrames: number[];
}

/** A row as it is now, or the id of one that went. */
export interface Change {
  set: string;
  entity?: Entity;
  removed?: Id;
}
export interface LiveReading extends Reading {
  'Datastream@iot.id': Id;
}
export interface LiveEvent {
  sequence: number;
  time: string;
  changes?: Change[];
  readings?: LiveReading[];
}
