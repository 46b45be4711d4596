/** The map's look, in code: no tiles, no sprites, no glyphs from elsewhere. Labels are drawn with the page's own font. */

import type { FeatureCollection } from 'geojson'
import type { ExpressionSpecification, LayerSpecification, StyleSpecification } from 'maplibre-gl'

export const FONT = 'Inter Variable'

/** Sources in the order in which they lie on each other. */
export const SOURCES = [
  'basemap',
  'zones',
  'fence',
  'uncertainty',
  'routes',
  'trails',
  'looks',
  'docks',
  'incidents',
  'traffic',
  'drones',
  'pick',
] as const
export type SourceName = (typeof SOURCES)[number]

export const EMPTY: FeatureCollection = { type: 'FeatureCollection', features: [] }

export const COLORS = {
  land: '#0c1218',
  water: '#0d2030',
  river: '#12304a',
  park: '#0f1c18',
  building: '#17202a',
  streetMinor: '#1e2832',
  streetMajor: '#2f3c49',
  label: '#8795a3',
  halo: '#0a0f14',
  area: '#5aa7d6',
  noFly: '#ff6161',
  fence: '#5fd0a8',
  ceiling: '#7d8ea0',
  privacy: '#a88bfa',
  caution: '#f0b429',
  corridor: '#5aa7d6',
  floor: '#c9a26b',
  incident: '#ffb020',
  route: '#6cc7ff',
  drone: '#eaf6ff',
  dock: '#93a4b5',
  traffic: '#9fb2c4',
  trafficAvoid: '#ff6161',
} as const

const kind = (...names: string[]): ExpressionSpecification => ['in', ['get', 'kind'], ['literal', names]]

const pointOf = (name: string): ExpressionSpecification => ['all', ['==', ['geometry-type'], 'Point'], kind(name)]

const label = (
  id: string,
  source: SourceName,
  color: string,
  size: number,
  more: { filter?: ExpressionSpecification; minzoom?: number; anchor?: 'top' | 'bottom' | 'center' | 'left'; always?: boolean } = {},
): LayerSpecification => ({
  id,
  type: 'symbol',
  source,
  ...(more.filter ? { filter: more.filter } : {}),
  ...(more.minzoom === undefined ? {} : { minzoom: more.minzoom }),
  layout: {
    'text-field': ['coalesce', ['get', 'label'], ['get', 'name'], ''],
    'text-font': [FONT],
    'text-size': size,
    'text-anchor': more.anchor ?? 'center',
    'text-offset': more.anchor === 'top' ? [0, 0.9] : more.anchor === 'bottom' ? [0, -0.9] : more.anchor === 'left' ? [1.1, 0] : [0, 0],
    'text-allow-overlap': more.always ?? false,
    'text-optional': true,
  },
  paint: { 'text-color': color, 'text-halo-color': COLORS.halo, 'text-halo-width': 1.6 },
})

function basemapLayers(): LayerSpecification[] {
  const fill = (id: string, color: string, ...kinds: string[]): LayerSpecification => ({
    id,
    type: 'fill',
    source: 'basemap',
    filter: ['all', ['==', ['geometry-type'], 'Polygon'], kind(...kinds)],
    paint: { 'fill-color': color },
  })
  return [
    fill('water', COLORS.water, 'water', 'river', 'wash'),
    fill('parks', COLORS.park, 'park', 'green'),
    { ...fill('buildings', COLORS.building, 'building'), minzoom: 13.5 } as LayerSpecification,
    {
      id: 'streets',
      type: 'line',
      source: 'basemap',
      filter: ['==', ['geometry-type'], 'LineString'],
      layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: {
        'line-color': [
          'match',
          ['get', 'kind'],
          ['motorway', 'arterial'],
          COLORS.streetMajor,
          'runway',
          '#3b4855',
          ['water', 'river', 'wash'],
          COLORS.river,
          COLORS.streetMinor,
        ],
        'line-width': [
          'interpolate',
          ['exponential', 1.6],
          ['zoom'],
          10,
          ['match', ['get', 'kind'], ['motorway', 'arterial', 'runway', 'river'], 0.9, 0.4],
          17,
          ['match', ['get', 'kind'], ['motorway', 'runway', 'river'], 22, ['arterial'], 12, 6],
        ],
      },
    },
    {
      id: 'street-names',
      type: 'symbol',
      source: 'basemap',
      minzoom: 11.5,
      filter: ['all', ['==', ['geometry-type'], 'LineString'], ['!=', ['get', 'name'], null]],
      layout: {
        'symbol-placement': 'line',
        'text-field': ['get', 'name'],
        'text-font': [FONT],
        'text-size': 11,
        'symbol-spacing': 400,
      },
      paint: { 'text-color': '#5f6d7b', 'text-halo-color': COLORS.halo, 'text-halo-width': 1.2 },
    },
  ]
}

function zoneLayers(): LayerSpecification[] {
  const area = (id: string, zone: string, color: string, opacity: number, width: number): LayerSpecification[] => [
    { id: `${id}-fill`, type: 'fill', source: 'zones', filter: kind(zone), paint: { 'fill-color': color, 'fill-opacity': opacity } },
    { id: `${id}-line`, type: 'line', source: 'zones', filter: kind(zone), paint: { 'line-color': color, 'line-width': width, 'line-opacity': 0.75 } },
  ]
  const outline = (id: string, zone: string, color: string): LayerSpecification => ({
    id,
    type: 'line',
    source: 'zones',
    filter: kind(zone),
    paint: { 'line-color': color, 'line-width': 1, 'line-opacity': 0.5, 'line-dasharray': [2, 3] },
  })
  return [
    {
      id: 'ceiling-line',
      type: 'line',
      source: 'zones',
      filter: kind('ceiling'),
      paint: { 'line-color': COLORS.ceiling, 'line-width': 0.9, 'line-opacity': 0.5, 'line-dasharray': [3, 3] },
    },
    ...area('privacy', 'privacy', COLORS.privacy, 0.12, 1),
    outline('caution', 'caution', COLORS.caution),
    outline('no-fly-above', 'no_fly_above', COLORS.noFly),
    outline('corridor', 'corridor', COLORS.corridor),
    outline('floor', 'floor', COLORS.floor),
    outline('not-now', 'not_now', COLORS.ceiling),
    ...area('no-fly', 'no_fly', COLORS.noFly, 0.16, 1.4),
    ...area('temporary', 'temporary', COLORS.noFly, 0.24, 2.4),
    {
      id: 'operating-area',
      type: 'line',
      source: 'zones',
      filter: kind('operating_area'),
      paint: { 'line-color': COLORS.area, 'line-width': 1.6, 'line-opacity': 0.8, 'line-dasharray': [4, 2] },
    },
    label('ceiling-labels', 'zones', '#76879a', 10.5, { filter: pointOf('ceiling'), minzoom: 12.5 }),
    label('no-fly-labels', 'zones', '#ff8f8f', 11, { filter: pointOf('no_fly'), minzoom: 12.5 }),
    label('temporary-labels', 'zones', '#ffb3b3', 12, { filter: pointOf('temporary'), always: true }),
    label('floor-labels', 'zones', COLORS.floor, 11, { filter: pointOf('floor'), minzoom: 12.5 }),
    label('not-now-labels', 'zones', '#76879a', 10.5, { filter: pointOf('not_now'), minzoom: 13 }),
    label('privacy-labels', 'zones', '#bda8ff', 11, { filter: pointOf('privacy'), minzoom: 14 }),
    label('caution-labels', 'zones', COLORS.caution, 11, { filter: pointOf('caution'), minzoom: 13 }),
  ]
}

/** What the aircraft itself holds to: it stays inside the dashes and out of the hatched shapes. */
function fenceLayers(): LayerSpecification[] {
  const inclusion = (value: boolean): ExpressionSpecification => ['==', ['get', 'inclusion'], value]
  return [
    { id: 'fence-out', type: 'fill', source: 'fence', filter: inclusion(false), paint: { 'fill-pattern': 'hatch', 'fill-opacity': 0.45 } },
    { id: 'fence-out-line', type: 'line', source: 'fence', filter: inclusion(false), paint: { 'line-color': COLORS.fence, 'line-width': 1, 'line-opacity': 0.55 } },
    { id: 'fence-in', type: 'line', source: 'fence', filter: inclusion(true), layout: { 'line-join': 'round' }, paint: { 'line-color': COLORS.fence, 'line-width': 2, 'line-opacity': 0.9, 'line-dasharray': [3, 1.5] } },
  ]
}

function flightLayers(): LayerSpecification[] {
  return [
    { id: 'uncertainty-fill', type: 'fill', source: 'uncertainty', paint: { 'fill-color': COLORS.incident, 'fill-opacity': 0.1 } },
    { id: 'uncertainty-line', type: 'line', source: 'uncertainty', paint: { 'line-color': COLORS.incident, 'line-width': 1.2, 'line-dasharray': [3, 2] } },
    { id: 'route', type: 'line', source: 'routes', layout: { 'line-cap': 'round' }, paint: { 'line-color': COLORS.route, 'line-width': 2, 'line-opacity': ['case', ['get', 'flown'], 0.25, 0.9], 'line-dasharray': [2, 2] } },
    { id: 'trail', type: 'line', source: 'trails', layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': COLORS.drone, 'line-width': 2, 'line-opacity': 0.45 } },
    { id: 'look-fill', type: 'fill', source: 'looks', filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': COLORS.route, 'fill-opacity': ['case', ['boolean', ['get', 'old'], false], 0.04, 0.14] } },
    { id: 'look-line', type: 'line', source: 'looks', paint: { 'line-color': COLORS.route, 'line-width': 1, 'line-opacity': ['case', ['boolean', ['get', 'old'], false], 0.2, 0.6] } },
  ]
}

function symbolLayers(): LayerSpecification[] {
  const icon = (id: string, source: SourceName, image: string, rotate = false): LayerSpecification => ({
    id,
    type: 'symbol',
    source,
    layout: {
      'icon-image': ['coalesce', ['get', 'icon'], image],
      'icon-allow-overlap': true,
      'icon-ignore-placement': true,
      ...(rotate ? { 'icon-rotate': ['get', 'heading_deg'], 'icon-rotation-alignment': 'map' as const } : {}),
    },
    paint: { 'icon-opacity': ['coalesce', ['get', 'opacity'], 1] },
  })
  return [
    icon('dock', 'docks', 'dock'),
    label('dock-labels', 'docks', COLORS.dock, 11, { anchor: 'top', minzoom: 11 }),
    icon('incident', 'incidents', 'incident'),
    label('incident-labels', 'incidents', COLORS.incident, 12, { anchor: 'bottom', always: true }),
    icon('traffic', 'traffic', 'traffic-clear', true),
    label('traffic-labels', 'traffic', COLORS.traffic, 11.5, { anchor: 'top', always: true }),
    icon('drone', 'drones', 'drone', true),
    label('drone-labels', 'drones', COLORS.drone, 12.5, { anchor: 'left', always: true }),
    icon('pick', 'pick', 'pick'),
    label('pick-labels', 'pick', '#ffffff', 12, { anchor: 'top', always: true }),
  ]
}

/** The whole style, with empty sources that the page fills. */
export function mapStyle(): StyleSpecification {
  return {
    version: 8,
    sources: Object.fromEntries(
      SOURCES.map((name) => [name, { type: 'geojson' as const, data: EMPTY, tolerance: 0.5, maxzoom: name === 'basemap' ? 15 : 18 }]),
    ),
    layers: [
      { id: 'land', type: 'background', paint: { 'background-color': COLORS.land } },
      ...basemapLayers(),
      ...zoneLayers(),
      ...fenceLayers(),
      ...flightLayers(),
      ...symbolLayers(),
    ],
  }
}
