// Draws the readings of one stream with uPlot: the line, and by hooks what the look asks for around it:
// the limits, the part over a limit, the tinted band, gaps, the newest value. Loaded when first needed.

import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Line } from '../api/types';
import { figure } from '../text/numbers';
import { hm, span, type Lang, units } from '../text/time';
import { gapsOf, overSince, scaleY, ticksX, ticksY } from './geometry';

export interface PlotModel {
  times: readonly number[]; // ms; they begin before `from`, so that the line comes in from the left
  values: readonly number[];
  lines: readonly Line[];
  from: number;
  to: number;
  lang: Lang;
  lineName: (line: Line) => string;
  overText: (time: string) => string;
  missingText: (span: string) => string;
  decimals: number;
}
export interface Plot {
  draw(model: PlotModel): void;
  size(width: number, height: number): void;
  destroy(): void;
}

const css = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const level = (l: number, part: string): string => css(`--l${l}-${part}`);
const FONT = (weight: number, size: number): string => `${weight} ${size}px ${css('--font')}`;
/** A gap narrower than this is dotted but not named: there is no room for the word. */
const GAP_NAME_PX = 48;
/** Red and orange colour the line and the figure; a brown line would look like dirt. */
const LOUD_LEVEL_MAX = 2;

interface Pen {
  u: uPlot;
  c: CanvasRenderingContext2D;
  x: (ms: number) => number;
  y: (value: number) => number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Drawing in CSS pixels, whatever the screen's density. */
function withPen(u: uPlot, draw: (pen: Pen) => void): void {
  const c = u.ctx;
  const ratio = uPlot.pxRatio;
  c.save();
  c.scale(ratio, ratio);
  const { left, top, width, height } = u.bbox;
  draw({
    u, c,
    x: (ms) => u.valToPos(ms / 1000, 'x', true) / ratio,
    y: (value) => u.valToPos(value, 'y', true) / ratio,
    left: left / ratio, right: (left + width) / ratio, top: top / ratio, bottom: (top + height) / ratio,
  });
  c.restore();
}

function stroke(c: CanvasRenderingContext2D, colour: string, width: number, dash: number[], path: () => void): void {
  c.strokeStyle = colour;
  c.lineWidth = width;
  c.setLineDash(dash);
  c.lineJoin = 'round';
  c.beginPath();
  path();
  c.stroke();
  c.setLineDash([]);
}

function write(c: CanvasRenderingContext2D, text: string, x: number, y: number, colour: string, font: string, align: CanvasTextAlign = 'left'): void {
  c.font = font;
  c.textAlign = align;
  c.textBaseline = 'alphabetic';
  c.fillStyle = colour;
  c.fillText(text, x, y);
}

function drawBand({ c, x, left: edge, right, top, bottom }: Pen, model: PlotModel): void {
  const over = overSince(model.times, model.values, model.lines);
  if (!over) return;
  const left = Math.max(x(over.at), edge);
  c.fillStyle = level(over.line.level, 'tint');
  c.fillRect(left, top, Math.max(2, right - left), bottom - top);
}

function smallShape(c: CanvasRenderingContext2D, l: number, x: number, y: number): void {
  c.beginPath();
  if (l === 1) c.rect(x - 5, y - 5, 10, 10);
  else if (l === 2) [[0, -6], [6, 0], [0, 6], [-6, 0]].forEach(([dx, dy]) => c.lineTo(x + dx!, y + dy!));
  else if (l === 3) [[0, -5], [6, 5], [-6, 5]].forEach(([dx, dy]) => c.lineTo(x + dx!, y + dy!));
  else c.arc(x, y, 5, 0, 7);
  c.closePath();
  c.fillStyle = level(l, 'fill');
  c.fill();
  stroke(c, level(l, 'edge'), 1, [], () => undefined);
}

const limitText = (threshold: number, decimals: number): string =>
  figure(threshold, threshold >= 100 && Number.isInteger(threshold) ? 0 : decimals);

function drawLimits(pen: Pen, model: PlotModel): void {
  const { c, left, right, y } = pen;
  for (const line of [...model.lines].sort((a, b) => b.level - a.level)) {
    const at = y(line.threshold);
    const worst = line.level === Math.min(...model.lines.map((l) => l.level));
    stroke(c, level(line.level, 'edge'), 1.25, worst ? [] : [5, 3], () => { c.moveTo(left, at); c.lineTo(right + 4, at); });
    const name = `${model.lineName(line)} ${limitText(line.threshold, model.decimals)}`;
    write(c, name, left + 6, at - 5, level(line.level, 'text'), FONT(worst ? 600 : 400, 12));
    c.save();
    smallShape(c, line.level, right + 14, at);
    c.stroke();
    c.restore();
  }
}

/** The line again, in the level's colour, where it lies over a limit: clipped, so that it changes at the limit itself. */
function drawOver({ c, x, y, left, right, top }: Pen, model: PlotModel): void {
  const gaps = new Set(gapsOf(model.times).map(([, b]) => b));
  const loud = model.lines.filter((l) => l.level <= LOUD_LEVEL_MAX).sort((a, b) => b.level - a.level);
  for (const line of loud) {
    if (!model.values.some((v) => v >= line.threshold)) continue;
    c.save();
    c.beginPath();
    c.rect(left, top - 4, right - left + 6, y(line.threshold) - top + 4);
    c.clip();
    stroke(c, level(line.level, 'fill'), 2.5, [], () => {
      model.times.forEach((t, i) => (i === 0 || gaps.has(i) ? c.moveTo(x(t), y(model.values[i]!)) : c.lineTo(x(t), y(model.values[i]!))));
    });
    c.restore();
  }
}

function drawGaps({ c, x, y, bottom }: Pen, model: PlotModel): void {
  for (const [a, b] of gapsOf(model.times)) {
    if (model.times[a]! < model.from) continue;
    const [x0, y0, x1, y1] = [x(model.times[a]!), y(model.values[a]!), x(model.times[b]!), y(model.values[b]!)];
    stroke(c, css('--chart-line'), 1.25, [1.5, 3.5], () => { c.moveTo(x0, y0); c.lineTo(x1, y1); });
    if (x1 - x0 < GAP_NAME_PX) continue;
    const text = model.missingText(span(model.times[b]! - model.times[a]!, model.lang));
    write(c, text, (x0 + x1) / 2, Math.min(bottom - 6, Math.max(y0, y1) + 18), css('--chart-axis'), FONT(400, 11.5), 'center');
  }
}

function drawNewest(pen: Pen, model: PlotModel): void {
  const { c, x, y, left, right, top, bottom } = pen;
  const last = model.values.length - 1;
  if (last < 0) return;
  const over = overSince(model.times, model.values, model.lines);
  const strong = over && over.line.level <= LOUD_LEVEL_MAX ? level(over.line.level, 'text') : css('--text');
  if (over && over.at > model.from && over.at !== model.times[0]) {
    const at = x(over.at);
    stroke(c, level(over.line.level, 'edge'), 1, [2, 2], () => { c.moveTo(at, top); c.lineTo(at, bottom); });
    const text = model.overText(hm(over.at));
    const atLeft = at - left > 120;
    // Along the top, unless a limit with its name is there.
    const crowded = model.lines.some((l) => Math.abs(y(l.threshold) - top - 7) < 16);
    write(c, text, atLeft ? at - 6 : at + 6, crowded ? bottom - 7 : top + 11, level(over.line.level, 'text'), FONT(600, 11.5), atLeft ? 'right' : 'left');
  }
  const value = model.values[last]!;
  const py = y(value);
  c.beginPath();
  c.arc(x(model.times[last]!), py, 4.5, 0, 7);
  c.fillStyle = over && over.line.level <= LOUD_LEVEL_MAX ? level(over.line.level, 'fill') : css('--chart-line');
  c.fill();
  stroke(c, css('--surface'), 2, [], () => c.arc(x(model.times[last]!), py, 5, 0, 7));
  // The figure keeps clear of the marks of the limits, which stand in the same margin.
  let base = py + 6;
  for (const line of model.lines) {
    const at = y(line.threshold);
    if (Math.abs(at - py) < 16) base = value >= line.threshold ? Math.min(base, at - 10) : Math.max(base, at + 22);
  }
  write(c, figure(value, model.decimals), right + 10, base, strong, FONT(700, 18));
}

function drawTicks({ c, x, bottom, right }: Pen, model: PlotModel, most: number): void {
  const { times, step } = ticksX(model.from, model.to, most);
  const text = (ms: number): string => {
    if (step < units.DAY && hm(ms) !== '00:00') return hm(ms);
    const d = new Date(ms + units.ZONE_MS);
    return `${d.getUTCMonth() + 1}-${d.getUTCDate()}`;
  };
  for (const t of times) {
    if (text(t) === hm(model.to)) continue; // stands at the end already
    const at = x(t);
    stroke(c, css('--line-2'), 1, [], () => { c.moveTo(at, bottom); c.lineTo(at, bottom + 4); });
    write(c, text(t), at, bottom + 17, css('--chart-axis'), FONT(400, 11), 'center');
  }
  write(c, hm(model.to), right, bottom + 17, css('--text'), FONT(600, 11), 'center');
}

export function makePlot(host: HTMLElement, first: PlotModel, onCursor: (index: number | null) => void): Plot {
  let model = first;
  const scale = (): ReturnType<typeof scaleY> =>
    scaleY(model.values.filter((_, i) => model.times[i]! >= model.from), model.lines.map((l) => l.threshold));
  let y = scale();
  const data = (): uPlot.AlignedData => {
    const gaps = new Set(gapsOf(model.times).map(([, b]) => b));
    const xs: number[] = [];
    const ys: (number | null)[] = [];
    model.times.forEach((t, i) => {
      if (gaps.has(i)) {
        xs.push((model.times[i - 1]! + t) / 2000);
        ys.push(null);
      }
      xs.push(t / 1000);
      ys.push(model.values[i]!);
    });
    return [xs, ys];
  };
  const size = (): { width: number; height: number } => ({ width: host.clientWidth, height: host.clientHeight });
  const labelDecimals = (): number => Math.max(0, -Math.floor(Math.log10(y.step) + 1e-9), String(y.step).split('.')[1]?.length ?? 0);
  const u = new uPlot(
    {
      ...size(),
      pxAlign: 0,
      padding: [12, 66, 26, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 8, width: 1.5 } },
      scales: {
        x: { time: false, range: () => [model.from / 1000, model.to / 1000] },
        y: { range: () => [y.min, y.max] },
      },
      axes: [
        { show: false },
        {
          size: 44, gap: 8, font: FONT(400, 11), stroke: () => css('--chart-axis'), ticks: { show: false },
          splits: () => ticksY(y), values: (_, splits) => splits.map((s) => figure(s, labelDecimals())),
          grid: { stroke: () => css('--chart-grid'), width: 1 },
        },
      ],
      series: [{}, { stroke: () => css('--chart-line'), width: 1.75, points: { show: false }, spanGaps: false, pxAlign: 0 }],
      hooks: {
        drawClear: [(it) => withPen(it, (pen) => drawBand(pen, model))],
        draw: [
          (it) => withPen(it, (pen) => {
            stroke(pen.c, css('--line-2'), 1, [], () => { pen.c.moveTo(pen.left, pen.bottom); pen.c.lineTo(pen.right, pen.bottom); });
            drawLimits(pen, model);
            drawGaps(pen, model);
            drawOver(pen, model);
            drawTicks(pen, model, Math.max(2, Math.floor((pen.right - pen.left) / 74)));
            drawNewest(pen, model);
          }),
        ],
        setCursor: [
          (it) => {
            const index = it.cursor.idx ?? null;
            const at = index === null ? null : it.data[0][index];
            onCursor(at === null || at === undefined || (it.cursor.left ?? -1) < 0 ? null : model.times.indexOf(Math.round(at * 1000)));
          },
        ],
      },
    },
    data(),
    host,
  );
  return {
    draw(next) {
      model = next;
      y = scale();
      u.setData(data());
    },
    size: (width, height) => u.setSize({ width, height }),
    destroy: () => u.destroy(),
  };
}
