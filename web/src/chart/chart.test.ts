import { describe, expect, it } from 'vitest';
import type { Line } from '../api/types';
import { units } from '../text/time';
import { chooseRange, gapsOf, lineReached, overSince, scaleY, ticksX, ticksY } from './geometry';

const { MINUTE, HOUR, DAY } = units;
const every = (gap: number, n: number, from = 0): number[] => Array.from({ length: n }, (_, i) => from + i * gap);
const lines: Line[] = [{ level: 1, name: 'high', threshold: 3.6 }, { level: 3, name: 'low', threshold: 3.2 }];

describe('the range', () => {
  it('is the shortest that shows enough readings', () => {
    expect(chooseRange(every(5000, 60), 0).key).toBe('10m');
    expect(chooseRange(every(5 * MINUTE, 60), 0).key).toBe('6h');
    expect(chooseRange(every(HOUR, 60), 0).key).toBe('24h');
    expect(chooseRange(every(DAY, 60), 0).key).toBe('7d');
    expect(chooseRange([], 0).key).toBe('24h');
    expect(chooseRange([...every(5 * MINUTE, 40), ...every(2000, 8, 200 * MINUTE)], 0).key).toBe('10m');
  });
  it('holds the whole alarm', () => {
    expect(chooseRange(every(5000, 60), 30 * MINUTE, 0).key).toBe('1h');
    expect(chooseRange(every(5000, 60), 30 * DAY, 0).key).toBe('7d');
  });
});

describe('the scale', () => {
  it('starts from a round number, has five lines, and cuts no limit off', () => {
    const y = scaleY([2.66, 3.82], [3.6, 3.2]);
    expect(y.min).toBeLessThanOrEqual(2.66);
    expect(y.max).toBeGreaterThan(3.82);
    expect(ticksY(y)).toHaveLength(5);
    expect(ticksY(y).every((v) => v === Number(v.toPrecision(6)))).toBe(true);
    expect(scaleY([1], [9]).max).toBeGreaterThanOrEqual(9);
  });
  it('does not fall below zero for what never does, and bears a flat line', () => {
    expect(scaleY([0, 4], []).min).toBe(0);
    const flat = scaleY([5, 5], []);
    expect(flat.min).toBeLessThan(5);
    expect(flat.max).toBeGreaterThan(5);
    expect(scaleY([], [])).toEqual({ min: 0, max: 1, step: 0.25 });
  });
});

describe('ticks', () => {
  it('stand at round times of the district and leave room for now', () => {
    const to = Date.parse('2026-11-24T06:32:00Z');
    const { times, step } = ticksX(to - 6 * HOUR, to, 8);
    expect(step).toBe(HOUR);
    expect(times.every((t) => (t + units.ZONE_MS) % HOUR === 0)).toBe(true);
    expect(to - times.at(-1)!).toBeGreaterThan(step * 0.5);
    const days = ticksX(to - 7 * DAY, to, 8);
    expect(days.times.every((t) => (t + units.ZONE_MS) % DAY === 0)).toBe(true);
  });
});

describe('over a limit', () => {
  it('names the worst line reached', () => {
    expect(lineReached(3.7, lines)?.level).toBe(1);
    expect(lineReached(3.3, lines)?.level).toBe(3);
    expect(lineReached(3.1, lines)).toBeNull();
    expect(lineReached(3.6, lines)?.level).toBe(1);
  });
  it('counts from the first reading of the run that still goes on', () => {
    expect(overSince([1, 2, 3, 4, 5], [3.7, 3.1, 3.3, 3.7, 3.8], lines)).toEqual({ at: 4, line: lines[0] });
    expect(overSince([1, 2], [3.7, 3.1], lines)).toBeNull();
    expect(overSince([], [], lines)).toBeNull();
  });
});

describe('gaps', () => {
  it('are pauses much longer than the usual one', () => {
    expect(gapsOf([0, 5, 10, 15, 60, 65])).toEqual([[3, 4]]);
    expect(gapsOf([0, 5, 10, 20])).toEqual([]);
    const faster = [0, 300, 600, 900, ...every(2, 50, 902)];
    expect(gapsOf(faster)).toEqual([]);
    expect(gapsOf([...faster, 1200])).toEqual([[53, 54]]);
  });
});
