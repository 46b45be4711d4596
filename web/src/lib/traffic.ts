/** Other aircraft as traffic displays show them: height over ours in hundreds of feet, and an arrow when it changes. */

import type { FeatureCollection } from 'geojson'
import { bearing_deg, distance_m } from './geo'
import type { Asset, Intruder, Traffic } from './model'

/** A position older than this looks old. */
export const OLD_AFTER_S = 5
const HUNDRED_FEET_M = 30.48
/** 500 ft a minute, as TIS and TCAS draw the arrow. */
const TREND_MPS = 2.54
const LISTED = 5
const POINTS = ['N', 'NE', 'E', 'SE', 'S', 'SW', 'W', 'NW']

export interface TrafficRow {
  readonly id: string
  readonly height: string
  readonly name: string
  readonly place: string
  readonly level: Intruder['level']
  /** `12 s old`; empty while it is not. */
  readonly old: string
}

/** `+02 ↑`: hundreds of feet over our altitude; without ours the altitude in metres; `?` while it sends none. */
export function heightTag(one: Intruder, own_amsl_m: number | null): string {
  const climb = one.climb_mps ?? 0
  const trend = climb >= TREND_MPS ? ' ↑' : climb <= -TREND_MPS ? ' ↓' : ''
  if (one.on_ground) return 'ground'
  if (one.altitude_amsl_m === null) return '?'
  if (own_amsl_m === null) return `${Math.round(one.altitude_amsl_m)} m${trend}`
  const hundreds = Math.round((one.altitude_amsl_m - own_amsl_m) / HUNDRED_FEET_M)
  return `${hundreds < 0 ? '−' : '+'}${String(Math.abs(hundreds)).padStart(2, '0')}${trend}`
}

export function trafficFeatures(traffic: Traffic, own: Asset | undefined, clock_s: number): FeatureCollection {
  const own_amsl_m = own?.telemetry.kinematics?.altitude_amsl_m ?? null
  return {
    type: 'FeatureCollection',
    features: traffic.aircraft.map((one) => ({
      type: 'Feature',
      geometry: { type: 'Point', coordinates: [one.longitude_deg, one.latitude_deg] },
      properties: {
        label: `${heightTag(one, own_amsl_m)}${isOld(one, clock_s) ? ` · ${age(one, clock_s)}` : ''}`,
        icon: `traffic-${one.level}`,
        heading_deg: one.track_deg ?? 0,
        opacity: isOld(one, clock_s) ? 0.45 : 1,
      },
    })),
  }
}

/** The nearest in the air, those in an encounter first; nothing while we do not know where ours is. */
export function trafficRows(traffic: Traffic, own: Asset | undefined, clock_s: number): TrafficRow[] {
  const here = own?.telemetry.kinematics
  if (!here) return []
  const grave = { avoid: 0, advise: 1, clear: 2 }
  return traffic.aircraft
    .filter((one) => !one.on_ground)
    .map((one) => ({ one, far_m: distance_m(here, one) }))
    .sort((a, b) => grave[a.one.level] - grave[b.one.level] || a.far_m - b.far_m)
    .slice(0, LISTED)
    .map(({ one, far_m }) => ({
      id: one.id,
      height: heightTag(one, here.altitude_amsl_m),
      name: one.name,
      place: `${(far_m / 1000).toFixed(1)} km ${POINTS[Math.round(bearing_deg(here, one) / 45) % 8]}`,
      level: one.level,
      old: isOld(one, clock_s) ? age(one, clock_s) : '',
    }))
}

const isOld = (one: Intruder, clock_s: number): boolean => clock_s - one.seen_s > OLD_AFTER_S
const age = (one: Intruder, clock_s: number): string => `${Math.round(clock_s - one.seen_s)} s old`
