// What lies on the map over the land: rings of stations, marks of alarms, tags, names. The list is the
// truth: the marks come from its rows, in reverse order, so that the worst is drawn last and on top.

import type { Alarm, Id, Station, Town } from '../api/types';
import type { AlarmRow } from '../model/alarms';
import { findStream } from '../model/state';
import { figure, withUnit } from '../text/numbers';
import { type PlacedLabel, type Rect, overlap, placeLabels, textWidth } from './labels';
import type { Position, Project } from './geometry';

export const MARK_SIZE: Record<number, number> = { 1: 24, 2: 24, 3: 20, 4: 17 };
const TAG_HEIGHT = 22;
const TAG_LEVEL_MAX = 2; // red and orange carry a tag

export interface MapMark {
  alarm: Id;
  level: number;
  x: number;
  y: number;
  size: number;
  selected: boolean;
  pulse: boolean;
  label: string;
}
export interface MapTag extends Rect {
  alarm: Id;
  text: string;
}
export interface MapStation {
  id: Id;
  x: number;
  y: number;
  selected: boolean;
}
export interface MapLayout {
  towns: { id: Id; x: number; y: number }[];
  stations: MapStation[];
  labels: PlacedLabel[];
  seat: Id | null;
  marks: MapMark[];
  tags: MapTag[];
}

export interface MapContent {
  towns: readonly Town[];
  stations: readonly Station[];
  rows: readonly AlarmRow[];
  selectedAlarm: Id | null;
  selectedStream: Id | null;
  townName: (town: Town) => string;
  stationName: (station: Station) => string;
}

/** Where an alarm lies: at its station, else at its town; null where neither has a point. */
export function placeOfAlarm(alarm: Alarm, stations: readonly Station[], towns: ReadonlyMap<Id, Town>): Position | null {
  const station = findStream(stations, alarm['Datastream@iot.id'])?.station;
  if (station?.point) return station.point;
  const town = alarm['Town@iot.id'] ? towns.get(alarm['Town@iot.id']) : null;
  return town?.location?.coordinates ?? null;
}

const square = (x: number, y: number, size: number): Rect => ({ x: x - size / 2, y: y - size / 2, width: size, height: size });

function tagText(content: MapContent, alarm: Alarm): string {
  const place = findStream(content.stations, alarm['Datastream@iot.id']);
  if (!place) return '';
  const value = withUnit(figure(place.stream.latest?.result ?? alarm.value), alarm.unitSymbol ?? place.stream.unitSymbol);
  return `${content.stationName(place.station)} ${value}`;
}

export function layoutMap(content: MapContent, project: Project, bounds: Rect): MapLayout {
  const townMap = new Map(content.towns.map((t) => [t['@iot.id'], t]));
  const marks: MapMark[] = [];
  const busy: Rect[] = [];
  for (const { alarm, fresh, cleared } of content.rows) {
    if (cleared) continue;
    const position = placeOfAlarm(alarm, content.stations, townMap);
    if (!position) continue;
    const { x, y } = project(position);
    const size = MARK_SIZE[alarm.level] ?? 17;
    const selected = alarm['@iot.id'] === content.selectedAlarm;
    marks.push({
      alarm: alarm['@iot.id'], level: alarm.level, x, y, size, selected,
      pulse: fresh && alarm.level === 1, label: tagText(content, alarm),
    });
    busy.push(square(x, y, size + 8));
  }
  const tags = placeTags(marks, busy, bounds);
  busy.push(...tags);
  const stations = content.stations.flatMap((s): MapStation[] => {
    if (!s.point) return [];
    const at = project(s.point);
    const chosen = s.streams.some((stream) => stream['@iot.id'] === content.selectedStream);
    const marked = marks.some((m) => Math.hypot(m.x - at.x, m.y - at.y) < m.size / 2); // the mark says enough
    return [{ id: s['@iot.id'], ...at, selected: chosen && !marked }];
  });
  const rings = stations.map((s) => square(s.x, s.y, 8));
  const pointed = content.towns.filter((t) => t.location).sort((a, b) => a.code.localeCompare(b.code));
  const towns = pointed.map((t) => ({ id: t['@iot.id'], ...project(t.location!.coordinates) }));
  const wishes = pointed.map((t, i) => ({ ...towns[i]!, text: content.townName(t) }));
  const labels = placeLabels(wishes, [...busy, ...rings], bounds);
  return { towns, stations, labels, seat: pointed[0]?.['@iot.id'] ?? null, marks: marks.reverse(), tags };
}

/** Right of the mark, else left, else below; one that fits nowhere is left out, the list has it. */
function placeTags(marks: readonly MapMark[], busy: readonly Rect[], bounds: Rect): MapTag[] {
  const tags: MapTag[] = [];
  for (const [i, mark] of marks.entries()) {
    if (mark.level > TAG_LEVEL_MAX || !mark.label) continue;
    const width = textWidth(mark.label) * 1.04 + 14;
    const reach = mark.size / 2 + 8;
    const tries: Rect[] = [
      { x: mark.x + reach, y: mark.y - TAG_HEIGHT / 2, width, height: TAG_HEIGHT },
      { x: mark.x - reach - width, y: mark.y - TAG_HEIGHT / 2, width, height: TAG_HEIGHT },
      { x: mark.x - width / 2, y: mark.y + reach, width, height: TAG_HEIGHT },
      { x: mark.x - width / 2, y: mark.y - reach - TAG_HEIGHT, width, height: TAG_HEIGHT },
    ];
    const free = tries.find(
      (r) =>
        r.x >= bounds.x && r.x + r.width <= bounds.x + bounds.width && r.y >= bounds.y &&
        r.y + r.height <= bounds.y + bounds.height &&
        !busy.some((b, j) => j !== i && overlap(r, b)) && !tags.some((t) => overlap(r, t)),
    );
    if (free) tags.push({ ...free, alarm: mark.alarm, text: mark.label });
  }
  return tags;
}
