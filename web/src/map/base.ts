// The WebGL map below the marks: land, border, neighbours, graticule, points. No tiles, no glyphs: every
// name is drawn by the page itself (components/MapMarks.vue), so that a map without WebGL shows the same.
// Loaded when the page stands already; src/components/FlatMap.vue is the picture until then.

import type { GeoJSONSource, LngLatBoundsLike, StyleSpecification } from 'maplibre-gl';
import { type Box, type Frame, type Position, type Project, type Ring, graticule, grow } from '../geo/geometry';

export interface Land {
  rings: readonly Ring[];
  neighbours: readonly Ring[];
  box: Box;
}
export interface Points {
  towns: readonly Position[];
  stations: readonly Position[];
}
export interface BaseMap {
  project: Project;
  pixelsPerDegree(): number;
  zoom(by: number): void;
  whole(frame: Frame): void;
  show(position: Position): void;
  points(points: Points): void;
  colours(): void;
  destroy(): void;
}

export const GRID_DEGREES = 0.1;
const WORLD: Ring = [[-180, -85], [180, -85], [180, 85], [-180, 85], [-180, -85]];

export function hasWebGl(): boolean {
  try {
    return document.createElement('canvas').getContext('webgl2') !== null;
  } catch {
    return false;
  }
}

const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(`--map-${name}`).trim();

const lines = (rings: readonly Ring[]): GeoJSON.Feature => ({
  type: 'Feature',
  properties: {},
  geometry: { type: 'MultiLineString', coordinates: rings.map((r) => r.map(([x, y]) => [x, y])) },
});
const dots = (positions: readonly Position[]): GeoJSON.Feature => ({
  type: 'Feature',
  properties: {},
  geometry: { type: 'MultiPoint', coordinates: positions.map(([x, y]) => [x, y]) },
});
const feature = (geometry: GeoJSON.Geometry): GeoJSON.Feature => ({ type: 'Feature', properties: {}, geometry });

/** Colours of the layers that have one, by the token that gives it. */
const PAINT: [layer: string, property: string, token: string][] = [
  ['land', 'background-color', 'land'], ['rim', 'line-color', 'rim'], ['outside', 'fill-color', 'outside'],
  ['neighbours', 'line-color', 'neighbour'], ['grid', 'line-color', 'grid'], ['border', 'line-color', 'border'],
  ['towns', 'circle-color', 'town'], ['stations', 'circle-color', 'land'], ['stations', 'circle-stroke-color', 'station'],
];

function styleOf(land: Land, points: Points): StyleSpecification {
  const data = (f: GeoJSON.Feature): { type: 'geojson'; data: GeoJSON.Feature } => ({ type: 'geojson', data: f });
  const holes = land.rings.map((r) => r.map(([x, y]) => [x, y]));
  const line = (id: string, source: string, width: number, more: object = {}): StyleSpecification['layers'][number] => ({
    id, source, type: 'line', layout: { 'line-join': 'round' }, paint: { 'line-width': width, ...more },
  });
  return {
    version: 8,
    sources: {
      border: data(lines(land.rings)),
      outside: data(feature({ type: 'Polygon', coordinates: [WORLD.map(([x, y]) => [x, y]), ...holes] })),
      neighbours: data(lines(land.neighbours)),
      grid: data(lines(graticule(grow(land.box, 1), GRID_DEGREES))),
      towns: data(dots(points.towns)),
      stations: data(dots(points.stations)),
    },
    // The rim is a broad line along the border, of which the outside covers the outer half.
    layers: [
      { id: 'land', type: 'background' },
      line('rim', 'border', 9),
      { id: 'outside', source: 'outside', type: 'fill' },
      line('neighbours', 'neighbours', 1),
      line('grid', 'grid', 1, { 'line-dasharray': [1, 3] }),
      line('border', 'border', 1.25),
      { id: 'towns', source: 'towns', type: 'circle', paint: { 'circle-radius': 1.6 } },
      { id: 'stations', source: 'stations', type: 'circle', paint: { 'circle-radius': 2.6, 'circle-stroke-width': 1.25 } },
    ],
  };
}

const bounds = (box: Box): LngLatBoundsLike => [box.west, box.south, box.east, box.north];

export async function makeBaseMap(
  container: HTMLElement, title: string, content: { land: Land; points: Points }, frame: Frame,
  on: { move: () => void; touched: () => void },
): Promise<BaseMap> {
  const { land, points } = content;
  const [{ Map: GlMap, setWorkerUrl }, { default: workerUrl }] = await Promise.all([
    import('maplibre-gl'),
    import('maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url'),
  ]);
  setWorkerUrl(workerUrl);
  const pad = (f: Frame): { top: number; right: number; bottom: number; left: number } =>
    ({ top: f.top, right: f.right, bottom: f.bottom, left: f.left });
  const map = new GlMap({
    container,
    style: styleOf(land, points),
    bounds: bounds(land.box),
    fitBoundsOptions: { padding: pad(frame), animate: false },
    maxBounds: bounds(grow(land.box, 0.8)),
    maxZoom: 15,
    attributionControl: false,
    locale: { 'Map.Title': title },
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    fadeDuration: 0,
    canvasContextAttributes: { antialias: true },
  });
  map.touchZoomRotate.disableRotation();
  const colours = (): void => {
    for (const [layer, property, token] of PAINT) map.setPaintProperty(layer, property as 'fill-color', colour(token));
  };
  await new Promise<void>((done) => map.once('load', () => done()));
  colours();
  await new Promise<void>((done) => map.once('idle', () => done()));
  map.on('move', on.move);
  map.on('dragstart', on.touched);
  map.on('wheel', on.touched);
  map.on('touchmove', on.touched);
  return {
    project: ([lon, lat]) => map.project([lon, lat]),
    pixelsPerDegree: () => (512 * 2 ** map.getZoom()) / 360,
    zoom: (by) => {
      on.touched();
      map.zoomTo(map.getZoom() + by, { duration: 200 });
    },
    whole: (f) => {
      map.resize();
      map.fitBounds(bounds(land.box), { padding: pad(f), animate: false });
    },
    show: ([lon, lat]) => {
      if (!map.getBounds().contains([lon, lat])) map.easeTo({ center: [lon, lat], duration: 320 });
    },
    points: (p) => {
      void (map.getSource('towns') as GeoJSONSource).setData(dots(p.towns));
      void (map.getSource('stations') as GeoJSONSource).setData(dots(p.stations));
    },
    colours,
    destroy: () => map.remove(),
  };
}
