// The live feed: one EventSource, and what comes is handed on in batches, at most two a second, so that
// a city with a thousand readings a second does not redraw a thousand times. The first event after a
// quiet spell is handed on at once: an alarm does not wait.

import type { LiveEvent } from './types';

export const BATCH_MS = 500;
/** A closed connection (the server answered with an error) is tried again after this time. */
export const RETRY_MS = 3000;

export interface Batcher<T> {
  push(item: T): void;
  flush(): void;
}

export function makeBatcher<T>(
  apply: (items: T[]) => void,
  interval = BATCH_MS,
  timer: (run: () => void, ms: number) => unknown = setTimeout,
): Batcher<T> {
  let waiting: T[] = [];
  let resting = false;
  const flush = (): void => {
    if (waiting.length === 0) return;
    const items = waiting;
    waiting = [];
    apply(items);
  };
  const rest = (): void => {
    resting = true;
    timer(() => {
      resting = false;
      if (waiting.length > 0) {
        flush();
        rest();
      }
    }, interval);
  };
  return {
    push(item) {
      waiting.push(item);
      if (resting) return;
      flush();
      rest();
    },
    flush,
  };
}

export interface LiveHandlers {
  /** `resumed`: the server continues where the line broke, so nothing was missed. */
  hello(sequence: number, resumed: boolean): void;
  events(events: LiveEvent[]): void;
  reset(): void;
  line(open: boolean): void;
}

interface Source {
  readyState: number;
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void;
  close(): void;
  onopen: ((event: Event) => unknown) | null;
  onerror: ((event: Event) => unknown) | null;
}

export interface Live {
  close(): void;
  retry(): void;
}

const CLOSED = 2;

export function openLive(
  url: string,
  handlers: LiveHandlers,
  make: (url: string) => Source = (u) => new EventSource(u) as unknown as Source,
): Live {
  let source: Source | null = null;
  let again: ReturnType<typeof setTimeout> | null = null;
  const batch = makeBatcher<LiveEvent>(handlers.events);

  const connect = (): void => {
    if (again) clearTimeout(again);
    again = null;
    source?.close();
    const mine = make(url);
    source = mine;
    let resumes = false; // an id was seen, so the browser sends Last-Event-ID by itself
    mine.onopen = () => handlers.line(true);
    mine.onerror = () => {
      handlers.line(false);
      if (mine.readyState === CLOSED && mine === source) again = setTimeout(connect, RETRY_MS);
    };
    mine.addEventListener('hello', (event) => {
      handlers.line(true);
      const said = JSON.parse(event.data) as { sequence: number };
      handlers.hello(said.sequence, resumes);
      if (event.lastEventId) resumes = true;
    });
    mine.addEventListener('changes', (event) => {
      if (event.lastEventId) resumes = true;
      batch.push(JSON.parse(event.data) as LiveEvent);
    });
    mine.addEventListener('reset', () => handlers.reset());
  };
  connect();
  return {
    retry: connect,
    close() {
      if (again) clearTimeout(again);
      source?.close();
      source = null;
    },
  };
}
