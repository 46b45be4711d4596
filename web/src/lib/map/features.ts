/** What the map shows, as GeoJSON made from the state. Pure: the same state gives the same features. */

import type { Feature, FeatureCollection, Geometry, Polygon } from 'geojson'
import { circleRing, lookDistance_m, lookWedge, type LatLon } from '../geo'
import { isOver } from '../flights'
import { clock, span, title } from '../format'
import type { Asset, Basemap, Flight, Incident, Sight, Stranger, Zone, Zones } from '../model'
import type { ById, TrailPoint } from '../state'

type Properties = Record<string, string | number | boolean | null>

const METRES_A_FOOT = 0.3048
/** The wedge on the map is a direction, not a footprint: the lens is drawn this wide unless told otherwise. */
const LENS_DEG = 66
const FACILITY_MAP = 'FAA UAS Facility Map'

const collection = (features: Feature[]): FeatureCollection => ({ type: 'FeatureCollection', features })
const feature = (geometry: Geometry, properties: Properties): Feature => ({ type: 'Feature', geometry, properties })
const point = (place: LatLon, properties: Properties): Feature =>
  feature({ type: 'Point', coordinates: [place.longitude_deg, place.latitude_deg] }, properties)
const polygon = (ring: [number, number][]): Polygon => ({ type: 'Polygon', coordinates: [ring] })
const line = (coordinates: (readonly number[])[], properties: Properties): Feature =>
  feature({ type: 'LineString', coordinates: coordinates.map((pair) => [...pair]) }, properties)

/** The base map with every feature's `kind` filled in; files of other makers call it `class`. */
export function basemapFeatures(basemap: Basemap): FeatureCollection {
  return collection(
    basemap.features.map(({ geometry, properties }) =>
      feature(geometry as Geometry, { kind: properties.kind || String(properties['class'] ?? ''), name: properties.name ?? null }),
    ),
  )
}

/** Each zone's area and, apart from it, one point for its label (an area's label would repeat in every tile). */
export function zoneFeatures(zones: Zones, timeZone: string): FeatureCollection {
  return collection(
    zones.features.flatMap((zone) => [
      feature(zone.geometry as Geometry, { kind: drawnAs(zone), name: zone.properties.name }),
      point(middleOf(zone), { kind: drawnAs(zone), label: zoneLabel(zone, timeZone) }),
    ]),
  )
}

/** A no-fly zone that begins above the ground (a shelf) is outlined only: one flies beneath it. What does not hold now is faint. */
function drawnAs(zone: Zone): string {
  const { kind, bottom, in_force } = zone.properties
  if (!in_force) return 'not_now'
  return kind === 'no_fly' && bottom ? 'no_fly_above' : kind
}

/** A ceiling by its height in feet above ground (as the facility map writes it), a temporary one with its end, any other by its name. */
export function zoneLabel(zone: Zone, timeZone = 'UTC'): string {
  const { kind, top, name, source, ends_s } = zone.properties
  if (ends_s !== null) return `${name}, until ${clock(ends_s, timeZone).slice(0, 5)}`
  if (kind === 'no_fly' && source === FACILITY_MAP) return '0 ft'
  if (kind !== 'ceiling' || !top) return name
  const height = `${Math.round(top.value_m / METRES_A_FOOT)} ft`
  return top.datum === 'agl' ? height : `${height} ${top.datum}`
}

/** What is noted about the ceilings, each note once: it stands on the map all the time. */
export function ceilingNotes(zones: Zones): string[] {
  const notes = zones.features.filter((zone) => zone.properties.kind === 'ceiling').map((zone) => zone.properties.note)
  return [...new Set(notes.filter((note) => note !== ''))].map((note) => `Ceilings: ${note}`)
}

function middleOf(zone: Zone): LatLon {
  const outer = zone.geometry.type === 'Polygon' ? zone.geometry.coordinates[0] : zone.geometry.coordinates[0]?.[0]
  const longitudes = (outer ?? []).map((pair) => pair[0] ?? 0)
  const latitudes = (outer ?? []).map((pair) => pair[1] ?? 0)
  const middle = (values: number[]): number => (Math.min(...values) + Math.max(...values)) / 2
  return { latitude_deg: middle(latitudes), longitude_deg: middle(longitudes) }
}

export function dockFeatures(assets: ById<Asset>): FeatureCollection {
  const docks = new Map(Object.values(assets).map((asset) => [asset.dock.id, asset.dock]))
  return collection([...docks.values()].map((dock) => point(dock.place, { label: dock.name })))
}

export function incidentFeatures(incidents: ById<Incident>): FeatureCollection {
  return collection(
    Object.values(incidents).flatMap((incident) =>
      incident.position
        ? [
            point(incident.position, {
              label: incident.state === 'open' ? `${incident.type} · P${incident.priority}` : title(incident.state),
              icon: incident.state === 'open' ? 'incident' : 'incident-over',
              opacity: incident.state === 'open' ? 1 : 0.6,
            }),
          ]
        : [],
    ),
  )
}

/** Circles in which the caller may really be. */
export function uncertaintyFeatures(incidents: ById<Incident>): FeatureCollection {
  return collection(
    Object.values(incidents).flatMap(({ state, position, uncertainty_m }) =>
      state === 'open' && position && uncertainty_m ? [feature(polygon(circleRing(position, uncertainty_m)), {})] : [],
    ),
  )
}

/** The flown and the remaining part of each route; of a move on the scene, the way from here to where it goes. */
export function routeFeatures(flights: ById<Flight>, assets: ById<Asset>): FeatureCollection {
  return collection(
    Object.values(flights)
      .filter((flight) => !isOver(flight) && flight.route.length > 1)
      .flatMap((flight) => {
        const here = assets[flight.asset_id]?.telemetry.kinematics
        const goal = flight.route.at(-1)
        if (flight.state === 'on_scene' && flight.activity === 'move' && here && goal) {
          return [line([[here.longitude_deg, here.latitude_deg], [goal.longitude_deg, goal.latitude_deg]], { flown: false })]
        }
        const corners = flight.route.map((corner) => [corner.longitude_deg, corner.latitude_deg])
        const leg = ['on_scene', 'returning', 'landing'].includes(flight.state) ? corners.length - 1 : Math.max(flight.leg, 0)
        const at = Math.min(Math.max(leg - 1, 0), corners.length - 1)
        return [line(corners.slice(0, at + 1), { flown: true }), line(corners.slice(at), { flown: flight.state !== 'preparing' && at === corners.length - 1 })].filter(
          (part) => part.geometry.type === 'LineString' && part.geometry.coordinates.length > 1,
        )
      }),
  )
}

export function trailFeatures(trails: ById<readonly TrailPoint[]>): FeatureCollection {
  return collection(Object.values(trails).flatMap((trail) => (trail.length > 1 ? [line([...trail], {})] : [])))
}

/** Each drone with its name, and its age when its position is old; undeclared aircraft beside them. */
export function droneFeatures(
  assets: ById<Asset>,
  strangers: readonly Stranger[],
  selected_id: string | null,
  clock_s: number,
): FeatureCollection {
  const own = Object.values(assets).flatMap((asset) => {
    const here = asset.telemetry.kinematics
    if (!here) return []
    const age_s = clock_s - here.at_s
    const stale = asset.telemetry.link !== 'online' || age_s > 3
    return [
      point(here, {
        label: stale ? `${asset.name} · ${span(age_s)} old` : asset.name,
        icon: asset.id === selected_id ? 'drone-selected' : 'drone',
        heading_deg: here.heading_deg ?? 0,
        opacity: stale ? 0.45 : 1,
      }),
    ]
  })
  const others = strangers.flatMap((stranger) =>
    stranger.position ? [point(stranger.position, { label: 'not ours', icon: 'drone', heading_deg: 0, opacity: 0.5 })] : [],
  )
  return collection([...own, ...others])
}

/** What each camera in the air sees of the ground, and the line to its middle; a direction while only that is known. */
export function lookFeatures(assets: ById<Asset>, sights: ById<Sight> = {}, clock_s = 0): FeatureCollection {
  return collection(
    Object.values(assets).flatMap(({ id, telemetry }) => {
      const { kinematics, gimbal, landed } = telemetry
      if (!kinematics || !gimbal || landed?.value === 'on_ground') return []
      const old = telemetry.link !== 'online' || (clock_s > 0 && clock_s - gimbal.at_s > 3)
      const sight = sights[id]
      if (!sight || sight.outline.length < 3) {
        const length_m = lookDistance_m(kinematics.height_above_takeoff_m, gimbal.pitch_deg)
        return [feature(polygon(lookWedge(kinematics, gimbal.yaw_deg, length_m, LENS_DEG)), { old })]
      }
      const stale = old || clock_s - sight.at_s > 3
      const ring = [...sight.outline, ...sight.outline.slice(0, 1)].map((corner): [number, number] => [corner.longitude_deg, corner.latitude_deg])
      const middle = sight.center
        ? [line([[kinematics.longitude_deg, kinematics.latitude_deg], [sight.center.longitude_deg, sight.center.latitude_deg]], { old: stale })]
        : []
      return [feature(polygon(ring), { old: stale, error_m: sight.error_m }), ...middle]
    }),
  )
}

export function pickFeatures(place: LatLon | null, label: string): FeatureCollection {
  return collection(place ? [point(place, { label })] : [])
}
