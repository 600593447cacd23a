// Asks the doors. Every answer is JSON; every failure becomes an ApiError that a pane can show: what
// was asked, what came back, when.

import type { Case, District, Id, Overview, PossibleAct, Proof, Reading, Station, Task } from './types';

/** Pages that a list follows before it says that it was cut. */
const PAGES_MAX = 10;

export class ApiError extends Error {
  constructor(
    readonly status: number, // 0: no answer at all
    readonly type: string,
    message: string,
    readonly request: string,
    readonly at: number,
  ) {
    super(message);
  }
}

type Fetcher = (url: string, init?: RequestInit) => Promise<Response>;

interface Page<T> {
  value: T[];
  '@iot.nextLink'?: string;
}

export interface Client {
  district(): Promise<District>;
  overview(): Promise<Overview>;
  stations(): Promise<Station[]>;
  list<T>(set: string, query?: string): Promise<T[]>;
  case(id: Id): Promise<Case>;
  tasks(id: Id): Promise<Task[]>;
  acts(id: Id): Promise<PossibleAct[]>;
  act(id: Id, act: string, note: string): Promise<Case>;
  proof(alarm: Id): Promise<Proof>;
  readings(stream: Id, from: string, top: number): Promise<Reading[]>;
}

/** The way from an absolute link to a request of our own host, whatever name the server knows itself by. */
export function ownPath(link: string): string {
  const at = link.indexOf('://');
  if (at < 0) return link;
  const slash = link.indexOf('/', at + 3);
  return slash < 0 ? '/' : link.slice(slash);
}

export function makeClient(actor: () => string | null, fetcher: Fetcher = (u, i) => fetch(u, i)): Client {
  async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
    const headers: Record<string, string> = { Accept: 'application/json' };
    const who = actor();
    if (who) headers['X-Duliang-Actor'] = encodeURIComponent(who);
    if (init.body) headers['Content-Type'] = 'application/json';
    const request = `${init.method ?? 'GET'} ${path.split('?')[0]}`;
    let response: Response;
    try {
      response = await fetcher(path, { ...init, headers });
    } catch (error) {
      throw new ApiError(0, 'unreachable', String(error), request, Date.now());
    }
    const text = await response.text();
    let body: unknown = null;
    try {
      body = text ? JSON.parse(text) : null;
    } catch {
      throw new ApiError(response.status, 'not_json', text.slice(0, 120), request, Date.now());
    }
    if (!response.ok) {
      const said = (body ?? {}) as { type?: string; message?: string };
      throw new ApiError(response.status, said.type ?? '', said.message ?? '', request, Date.now());
    }
    return body as T;
  }

  async function list<T>(path: string): Promise<T[]> {
    const all: T[] = [];
    let next: string | undefined = path;
    for (let page = 0; next && page < PAGES_MAX; ++page) {
      const answer: Page<T> = await ask<Page<T>>(next);
      all.push(...answer.value);
      next = answer['@iot.nextLink'] ? ownPath(answer['@iot.nextLink']) : undefined;
    }
    return all;
  }

  return {
    district: () => ask('/city/v1/District'),
    overview: () => ask('/city/v1/Overview'),
    stations: async () => (await ask<Page<Station>>('/city/v1/Stations')).value,
    list: (set, query = '') => list(`/city/v1/${set}${query}`),
    case: (id) => ask(`/city/v1/Cases(${id})`),
    tasks: (id) => list(`/city/v1/Cases(${id})/Tasks?$orderby=${encodeURIComponent('enteredAt asc')}`),
    acts: async (id) => (await ask<Page<PossibleAct>>(`/city/v1/Cases(${id})/Acts`)).value,
    act: (id, act, note) =>
      ask(`/city/v1/Cases(${id})/Acts`, { method: 'POST', body: JSON.stringify({ act, note }) }),
    proof: (alarm) => ask(`/city/v1/Alarms(${alarm})/Proof`),
    // Newest first, so that what a full page leaves out is the oldest.
    readings: async (stream, from, top) => {
      const query = [
        `$filter=${encodeURIComponent(`phenomenonTime ge ${from}`)}`,
        `$orderby=${encodeURIComponent('phenomenonTime desc')}`,
        `$top=${top}`,
        '$select=phenomenonTime,result',
      ].join('&');
      const page = await ask<Page<Reading>>(`/v1.1/Datastreams(${stream})/Observations?${query}`);
      return page.value.reverse();
    },
  };
}
