import { describe, expect, it } from 'vitest';
import type { Alarm, Station, Town } from '../api/types';
import { alarmRows } from '../model/alarms';
import { type Ring, allRings, boxOf, fit, graticule, inside, labelPoint, scaleBar } from './geometry';
import { overlap, placeLabels, textWidth } from './labels';
import { layoutMap, placeOfAlarm } from './marks';

const square: Ring = [[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]];

describe('plane geometry', () => {
  it('takes the rings out of any GeoJSON', () => {
    const polygon = { type: 'Polygon', coordinates: [square, [[1, 1], [2, 1], [1, 2], [1, 1]]] };
    expect(allRings(polygon)).toEqual([square]);
    expect(allRings({ type: 'Feature', geometry: polygon })).toHaveLength(1);
    expect(allRings({ type: 'FeatureCollection', features: [{ type: 'Feature', geometry: { type: 'MultiPolygon', coordinates: [[square], [square]] } }] })).toHaveLength(2);
    expect(allRings(null)).toEqual([]);
  });
  it('fits a box into a frame, north up, and knows what else is seen', () => {
    const { project, box, pixelsPerDegree } = fit({ west: 107, south: 30, east: 108, north: 31 }, { width: 400, height: 500, top: 20, right: 20, bottom: 20, left: 20 });
    expect(project([107, 31]).x).toBeCloseTo(20);
    expect(project([108, 31]).x).toBeCloseTo(380);
    expect(project([107, 31]).y).toBeLessThan(project([107, 30]).y);
    expect(project([box.west, box.north])).toMatchObject({ x: expect.closeTo(0, 6), y: expect.closeTo(0, 6) });
    expect(project([box.east, box.south])).toMatchObject({ x: expect.closeTo(400, 6), y: expect.closeTo(500, 6) });
    expect(pixelsPerDegree).toBeCloseTo(360);
  });
  it('knows inside from outside and the middle of a ring', () => {
    expect(inside(square, [5, 5])).toBe(true);
    expect(inside(square, [15, 5])).toBe(false);
    const best = labelPoint(square, { west: -10, south: -10, east: 20, north: 20 })!;
    expect(Math.abs(best.at[0] - 5)).toBeLessThan(1);
    expect(labelPoint(square, { west: 20, south: 20, east: 30, north: 30 })).toBeNull();
  });
  it('draws the graticule through round degrees', () => {
    const lines = graticule({ west: 107.05, south: 30.05, east: 107.25, north: 30.15 }, 0.1);
    expect(lines).toHaveLength(3);
    expect(lines[0]![0]![0]).toBeCloseTo(107.1);
  });
  it('measures a round length', () => {
    const bar = scaleBar(800, 30.6, 110);
    expect(bar.metres).toBe(10_000);
    expect(bar.width).toBeGreaterThan(60);
    expect(bar.width).toBeLessThanOrEqual(110);
  });
  it('has no point in a box without rings', () => expect(boxOf([])).toBeNull());
});

describe('names', () => {
  const bounds = { x: 0, y: 0, width: 300, height: 300 };
  it('keeps clear of each other, of marks and of the border', () => {
    const wishes = [{ id: 1, x: 100, y: 100, text: '回龙' }, { id: 2, x: 104, y: 102, text: '云龙' }, { id: 3, x: 299, y: 150, text: '石安' }];
    const mark = { x: 104, y: 90, width: 40, height: 20 };
    const placed = placeLabels(wishes, [mark], bounds);
    expect(placed).toHaveLength(3);
    const rects = placed.map((l) => {
      const width = textWidth(l.text);
      const x = l.anchor === 'start' ? l.left : l.anchor === 'end' ? l.left - width : l.left - width / 2;
      return { x, y: l.base - 11, width, height: 14 };
    });
    rects.forEach((a, i) => {
      expect(overlap(a, mark)).toBe(false);
      expect(a.x + a.width).toBeLessThanOrEqual(300);
      rects.slice(i + 1).forEach((b) => expect(overlap(a, b)).toBe(false));
    });
  });
  it('leaves out what fits nowhere', () => {
    expect(placeLabels([{ id: 1, x: 50, y: 50, text: '回龙' }], [bounds], bounds)).toEqual([]);
  });
});

describe('marks', () => {
  const towns = [{ '@iot.id': 1, code: '1', name: '回龙镇', location: { type: 'Point', coordinates: [1, 1] } }, { '@iot.id': 2, code: '2', name: '双桂街道', location: null }] as Town[];
  const stations = [{ '@iot.id': 1, name: '站', point: [2, 2], streams: [{ '@iot.id': 7, name: 's', unitSymbol: 'm', latest: { '@iot.id': 1, phenomenonTime: '', result: 3.8 } }] }] as Station[];
  const alarm = (id: number, level: number, more: Partial<Alarm>): Alarm => ({ '@iot.id': id, title: '', level, state: 'active', raisedAt: '2026-11-24T00:00:00Z', ...more });
  const layout = (alarms: Alarm[]) => layoutMap(
    { towns, stations, rows: alarmRows(alarms, [], 0), selectedAlarm: 1, selectedStream: 7, townName: (t) => t.name, stationName: (s) => s.name },
    ([x, y]) => ({ x: x * 50, y: y * 50 }), { x: 0, y: 0, width: 400, height: 400 });
  it('stand at the station, else at the town, else nowhere', () => {
    const map = new Map(towns.map((t) => [t['@iot.id'], t]));
    expect(placeOfAlarm(alarm(1, 1, { 'Datastream@iot.id': 7 }), stations, map)).toEqual([2, 2]);
    expect(placeOfAlarm(alarm(1, 1, { 'Town@iot.id': 1 }), stations, map)).toEqual([1, 1]);
    expect(placeOfAlarm(alarm(1, 1, { 'Town@iot.id': 2 }), stations, map)).toBeNull();
  });
  it('are the live rows, the worst drawn last; only red and orange have a tag', () => {
    const { marks, tags } = layout([alarm(1, 1, { 'Datastream@iot.id': 7 }), alarm(2, 3, { 'Datastream@iot.id': 7 }), alarm(3, 1, { 'Datastream@iot.id': 7, state: 'cleared' })]);
    expect(marks.map((m) => m.alarm)).toEqual([2, 1]);
    expect(marks[1]).toMatchObject({ selected: true, size: 24 });
    expect(tags.map((t) => t.text)).toEqual(['站 3.8 m']);
  });
});
