import { describe, expect, it, vi } from 'vitest';
import { ApiError, makeClient, ownPath } from './client';
import { RETRY_MS, makeBatcher, openLive } from './live';
import type { LiveEvent } from './types';

const answer = (body: unknown, status = 200): Response => new Response(JSON.stringify(body), { status });

describe('the client', () => {
  it('names the actor, percent-encoded, since a header is Latin', async () => {
    const fetcher = vi.fn(async () => answer({ '@iot.id': 1 }));
    await makeClient(() => '陈敏', fetcher).act(1, 'sign', '到场');
    const [url, init] = fetcher.mock.calls[0] as unknown as [string, RequestInit];
    expect(url).toBe('/city/v1/Cases(1)/Acts');
    expect(init.headers).toMatchObject({ 'X-Duliang-Actor': '%E9%99%88%E6%95%8F', 'Content-Type': 'application/json' });
    expect(JSON.parse(String(init.body))).toEqual({ act: 'sign', note: '到场' });
  });
  it('follows next links on our own host', async () => {
    const pages: Record<string, unknown> = {
      '/city/v1/Towns': { value: [1], '@iot.nextLink': 'https://elsewhere/city/v1/Towns?$skip=1' },
      '/city/v1/Towns?$skip=1': { value: [2] },
    };
    expect(await makeClient(() => null, async (url) => answer(pages[url])).list('Towns')).toEqual([1, 2]);
    expect(ownPath('/a')).toBe('/a');
  });
  it('turns each failure into one that can be shown', async () => {
    const fail = (f: () => Promise<Response>): Promise<unknown> => makeClient(() => null, f).overview().catch((e: unknown) => e);
    expect(await fail(async () => answer({ code: 503, type: 'overloaded', message: 'later' }, 503))).toMatchObject({ status: 503, type: 'overloaded', request: 'GET /city/v1/Overview' });
    expect(await fail(async () => new Response('<html>'))).toMatchObject({ type: 'not_json' });
    expect(await fail(async () => { throw new TypeError('no line'); })).toBeInstanceOf(ApiError);
  });
  it('asks for the newest readings and hands them on from old to new', async () => {
    const client = makeClient(() => null, async (url) => {
      expect(decodeURIComponent(url)).toContain('$filter=phenomenonTime ge 2026');
      return answer({ value: [{ result: 2 }, { result: 1 }] });
    });
    expect((await client.readings(4, '2026-11-24T00:00:00Z', 10)).map((r) => r.result)).toEqual([1, 2]);
  });
});

describe('the batcher', () => {
  it('hands on the first at once and what follows in one batch a span', () => {
    const runs: (() => void)[] = [];
    const got: number[][] = [];
    const batch = makeBatcher<number>((items) => got.push(items), 500, (run) => runs.push(run));
    batch.push(1);
    batch.push(2);
    batch.push(3);
    expect(got).toEqual([[1]]);
    runs.shift()!();
    expect(got).toEqual([[1], [2, 3]]);
    runs.shift()!();
    batch.push(4);
    expect(got.at(-1)).toEqual([4]);
  });
});

describe('the line', () => {
  class Source {
    static all: Source[] = [];
    readyState = 1;
    closed = false;
    heard: Record<string, (event: MessageEvent<string>) => void> = {};
    onopen: ((event: Event) => unknown) | null = null;
    onerror: ((event: Event) => unknown) | null = null;
    constructor(readonly url: string) { Source.all.push(this); }
    addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void { this.heard[type] = listener; }
    close(): void { this.closed = true; }
    say(type: string, data: unknown, lastEventId = ''): void { this.heard[type]!({ data: JSON.stringify(data), lastEventId } as MessageEvent<string>); }
  }
  const open = () => {
    Source.all = [];
    const log: unknown[] = [];
    const live = openLive('/e', {
      hello: (sequence, resumed) => log.push(['hello', sequence, resumed]),
      events: (events: LiveEvent[]) => log.push(['events', ...events.map((e) => e.sequence)]),
      reset: () => log.push('reset'),
      line: (up) => log.push(up),
    }, (url) => new Source(url));
    return { live, log };
  };
  it('knows whether the server continues where the line broke', () => {
    const { log } = open();
    const source = Source.all[0]!;
    source.say('hello', { sequence: 5 });
    source.say('changes', { sequence: 6 }, '6');
    source.say('hello', { sequence: 9 });
    source.say('reset', {});
    expect(log).toEqual([true, ['hello', 5, false], ['events', 6], true, ['hello', 9, true], 'reset']);
  });
  it('opens a new one when the server closed it for good', () => {
    vi.useFakeTimers();
    const { live, log } = open();
    Source.all[0]!.readyState = 2;
    Source.all[0]!.onerror!(new Event('error'));
    vi.advanceTimersByTime(RETRY_MS);
    expect(log).toEqual([false]);
    expect(Source.all).toHaveLength(2);
    expect(Source.all[0]!.closed).toBe(true);
    live.close();
    expect(Source.all[1]!.closed).toBe(true);
    vi.useRealTimers();
  });
});
