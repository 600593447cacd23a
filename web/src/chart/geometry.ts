// What the chart needs to know before it draws: range of time, scale, ticks, runs over a limit, gaps.

import type { Line } from '../api/types';
import { units } from '../text/time';

const { MINUTE, HOUR, DAY, ZONE_MS } = units;

export interface Range {
  key: '10m' | '1h' | '6h' | '24h' | '7d';
  ms: number;
}
export const RANGES: readonly Range[] = [
  { key: '10m', ms: 10 * MINUTE },
  { key: '1h', ms: HOUR },
  { key: '6h', ms: 6 * HOUR },
  { key: '24h', ms: DAY },
  { key: '7d', ms: 7 * DAY },
];
/** Fewer readings than this in a range make no picture. */
const READINGS_WANTED = 24;
/** A pause longer than this many usual ones is a gap. */
const GAP_FACTOR = 3.5;
/** So many newest readings tell how often a stream reports now. */
const PACE_NOW = 12;
/** So many readings before tell the pace. */
const PACE_OF = 5;

export function medianGap(times: readonly number[]): number {
  const gaps = times.slice(1).map((t, i) => t - times[i]!).filter((g) => g > 0).sort((a, b) => a - b);
  return gaps[Math.floor(gaps.length / 2)] ?? NaN;
}

/** The shortest range that shows enough readings, and the whole of the alarm where there is one. */
export function chooseRange(times: readonly number[], now: number, raised = NaN): Range {
  const gap = medianGap(times.slice(-PACE_NOW)); // of now: a stream may have been slower before
  const wanted = Number.isNaN(gap) ? DAY : gap * READINGS_WANTED;
  const back = Number.isNaN(raised) ? 0 : Math.min((now - raised) * 1.15, 7 * DAY);
  return RANGES.find((r) => r.ms >= wanted && r.ms >= back) ?? RANGES[RANGES.length - 1]!;
}

const NICE = [1, 2, 2.5, 4, 5, 10];

/** Five steps from a round number: all values and all limits lie within. */
export function scaleY(values: readonly number[], limits: readonly number[]): { min: number; max: number; step: number } {
  const all = [...values, ...limits].filter(Number.isFinite);
  if (all.length === 0) return { min: 0, max: 1, step: 0.25 };
  const low = Math.min(...all);
  const high = Math.max(...all);
  const spread = high - low || Math.abs(high) * 0.1 || 1;
  const STEPS = 4;
  for (let power = Math.floor(Math.log10(spread / STEPS)) - 1; ; ++power) {
    for (const nice of NICE) {
      const step = nice * 10 ** power;
      let min = Math.floor((low - spread * 0.04) / step) * step;
      if (low >= 0 && min < 0) min = 0;
      const max = min + STEPS * step;
      if (max >= high + spread * 0.04) return { min: tidy(min), max: tidy(max), step: tidy(step) };
    }
  }
}

const tidy = (n: number): number => Number(n.toPrecision(12));

export function ticksY(scale: { min: number; step: number }): number[] {
  return [0, 1, 2, 3, 4].map((i) => tidy(scale.min + i * scale.step));
}

const TICK_STEPS = [MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY];

/** Round times of the district's clock between the two ends, at most `most`, and none under the last one's "now". */
export function ticksX(from: number, to: number, most: number): { times: number[]; step: number } {
  const step = TICK_STEPS.find((s) => (to - from) / s <= most) ?? DAY;
  const times: number[] = [];
  for (let t = Math.ceil((from + ZONE_MS) / step) * step - ZONE_MS; t <= to; t += step) times.push(t);
  return { times: times.filter((t) => to - t > step * 0.75), step };
}

/** Where a line of readings pauses: pairs of indices before and after. What is usual is what was just before,
 *  since a stream may change its pace: five minutes at rest, seconds when the water rises. */
export function gapsOf(times: readonly number[]): [number, number][] {
  const usual = medianGap(times);
  const gaps: [number, number][] = [];
  for (let i = 1; i < times.length; ++i) {
    const near = i > 1 ? times.slice(Math.max(0, i - 1 - PACE_OF), i) : times.slice(1, 1 + PACE_OF); // the first has only an after
    const before = medianGap(near) || 0;
    if (times[i]! - times[i - 1]! > Math.max(usual, before) * GAP_FACTOR) gaps.push([i - 1, i]);
  }
  return gaps;
}

/** The worst line that the value has reached. */
export function lineReached(value: number, lines: readonly Line[]): Line | null {
  let worst: Line | null = null;
  for (const line of lines) {
    if (value >= line.threshold && (!worst || line.level < worst.level)) worst = line;
  }
  return worst;
}

/** The run over a limit that is still going on: since which reading, and the worst line of now. */
export function overSince(times: readonly number[], values: readonly number[], lines: readonly Line[]): { at: number; line: Line } | null {
  const last = values.length - 1;
  const line = last >= 0 ? lineReached(values[last]!, lines) : null;
  if (!line) return null;
  let i = last;
  while (i > 0 && values[i - 1]! >= line.threshold) --i;
  return { at: times[i]!, line };
}
