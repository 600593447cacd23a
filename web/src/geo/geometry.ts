// Plane geometry of the map: rings out of GeoJSON, boxes, a projection for the map that is drawn
// without WebGL, and where a neighbour's name stands.

export type Position = readonly [number, number]; // longitude, latitude; or x, y
export type Ring = Position[];

export interface Box {
  west: number;
  south: number;
  east: number;
  north: number;
}

interface Geometry {
  type: string;
  coordinates?: unknown;
  geometries?: Geometry[];
}
interface Feature {
  type: 'Feature';
  properties?: Record<string, unknown> | null;
  geometry: Geometry | null;
}

/** The features of any GeoJSON object; a bare geometry becomes one. */
export function featuresOf(json: unknown): Feature[] {
  if (!json || typeof json !== 'object') return [];
  const object = json as { type?: string; features?: Feature[]; geometry?: Geometry };
  if (object.type === 'FeatureCollection') return object.features ?? [];
  if (object.type === 'Feature') return [object as Feature];
  return object.type ? [{ type: 'Feature', properties: {}, geometry: object as Geometry }] : [];
}

/** Outer rings of the polygons, and lines, of a geometry. Holes are left out: a district has none that we draw. */
export function ringsOf(geometry: Geometry | null | undefined): Ring[] {
  if (!geometry) return [];
  const c = geometry.coordinates;
  switch (geometry.type) {
    case 'Polygon': return (c as Ring[]).slice(0, 1);
    case 'MultiPolygon': return (c as Ring[][]).flatMap((polygon) => polygon.slice(0, 1));
    case 'LineString': return [c as Ring];
    case 'MultiLineString': return c as Ring[];
    case 'GeometryCollection': return (geometry.geometries ?? []).flatMap(ringsOf);
    default: return [];
  }
}

export function allRings(json: unknown): Ring[] {
  return featuresOf(json).flatMap((f) => ringsOf(f.geometry));
}

export function boxOf(rings: readonly Ring[]): Box | null {
  const box = { west: Infinity, south: Infinity, east: -Infinity, north: -Infinity };
  for (const ring of rings) {
    for (const [x, y] of ring) {
      box.west = Math.min(box.west, x);
      box.east = Math.max(box.east, x);
      box.south = Math.min(box.south, y);
      box.north = Math.max(box.north, y);
    }
  }
  return box.west <= box.east ? box : null;
}

export function grow(box: Box, share: number): Box {
  const dx = (box.east - box.west) * share;
  const dy = (box.north - box.south) * share;
  return { west: box.west - dx, south: box.south - dy, east: box.east + dx, north: box.north + dy };
}

export const mercatorY = (lat: number): number => Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) * (180 / Math.PI);

export type Project = (position: Position) => { x: number; y: number };

export interface Frame {
  width: number;
  height: number;
  top: number;
  right: number;
  bottom: number;
  left: number;
}

/** Web Mercator that fits the box into the frame's inner rectangle; the same picture as the WebGL map's. */
export function fit(box: Box, frame: Frame): { project: Project; pixelsPerDegree: number; box: Box } {
  const yNorth = mercatorY(box.north);
  const ySouth = mercatorY(box.south);
  const innerWidth = Math.max(1, frame.width - frame.left - frame.right);
  const innerHeight = Math.max(1, frame.height - frame.top - frame.bottom);
  const k = Math.min(innerWidth / (box.east - box.west), innerHeight / (yNorth - ySouth));
  const x0 = frame.left + (innerWidth - k * (box.east - box.west)) / 2;
  const y0 = frame.top + (innerHeight - k * (yNorth - ySouth)) / 2;
  return {
    project: ([lon, lat]) => ({ x: x0 + k * (lon - box.west), y: y0 + k * (yNorth - mercatorY(lat)) }),
    pixelsPerDegree: k,
    box: {
      west: box.west - x0 / k,
      east: box.west + (frame.width - x0) / k,
      south: latitudeOf(yNorth - (frame.height - y0) / k),
      north: latitudeOf(yNorth + y0 / k),
    },
  };
}

const latitudeOf = (y: number): number => (Math.atan(Math.exp((y * Math.PI) / 180)) * 360) / Math.PI - 90;

export function inside(ring: Ring, [px, py]: Position): boolean {
  let odd = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [xi, yi] = ring[i]!;
    const [xj, yj] = ring[j]!;
    if (yi > py !== yj > py && px < ((xj - xi) * (py - yi)) / (yj - yi) + xi) odd = !odd;
  }
  return odd;
}

function distanceToRing(ring: Ring, [px, py]: Position): number {
  let best = Infinity;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [ax, ay] = ring[j]!;
    const [bx, by] = ring[i]!;
    const dx = bx - ax;
    const dy = by - ay;
    const t = Math.max(0, Math.min(1, ((px - ax) * dx + (py - ay) * dy) / (dx * dx + dy * dy || 1)));
    best = Math.min(best, Math.hypot(px - ax - t * dx, py - ay - t * dy));
  }
  return best;
}

const LABEL_GRID = 18;

/** Where a name stands best: the point of the ring inside the box that lies farthest from every edge. */
export function labelPoint(ring: Ring, box: Box): { at: Position; room: number } | null {
  let best: { at: Position; room: number } | null = null;
  for (let i = 1; i < LABEL_GRID; ++i) {
    for (let j = 1; j < LABEL_GRID; ++j) {
      const at: Position = [
        box.west + ((box.east - box.west) * i) / LABEL_GRID,
        box.south + ((box.north - box.south) * j) / LABEL_GRID,
      ];
      const wall = Math.min(at[0] - box.west, box.east - at[0], at[1] - box.south, box.north - at[1]);
      if (best && wall <= best.room) continue; // cannot be better
      if (!inside(ring, at)) continue;
      const room = Math.min(wall, distanceToRing(ring, at));
      if (!best || room > best.room) best = { at, room };
    }
  }
  return best;
}

/** Lines of the graticule that cross the box, every `step` degrees. */
export function graticule(box: Box, step: number): Ring[] {
  const lines: Ring[] = [];
  for (let i = Math.ceil(box.west / step); i * step <= box.east; ++i) {
    lines.push([[i * step, box.south], [i * step, box.north]]);
  }
  for (let i = Math.ceil(box.south / step); i * step <= box.north; ++i) {
    lines.push([[box.west, i * step], [box.east, i * step]]);
  }
  return lines;
}

const METRES_PER_DEGREE = 111_320;

/** A round length and its width in pixels, at most `most` wide. */
export function scaleBar(pixelsPerDegree: number, latitude: number, most = 110): { metres: number; width: number } {
  const perMetre = pixelsPerDegree / (METRES_PER_DEGREE * Math.cos((latitude * Math.PI) / 180));
  const room = most / perMetre;
  const power = 10 ** Math.floor(Math.log10(room));
  const metres = [5, 2, 1].map((n) => n * power).find((m) => m <= room) ?? power;
  return { metres, width: metres * perMetre };
}
