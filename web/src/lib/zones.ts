/** A temporary zone as a person wants it, made into the order; or the sentence what is missing. */

import type { LatLon } from './geo'
import type { TemporaryZoneOrder } from './model'

export interface ZoneWish {
  readonly center: LatLon
  readonly name: string
  readonly reason: string
  readonly radius_m: number | null
  readonly lasts_min: number | null
  readonly incident_id: string | null
}

const LEAST_RADIUS_M = 10
const GREATEST_RADIUS_M = 60_000
const LONGEST_MIN = 90 * 1440

export function temporaryZone(wish: ZoneWish): TemporaryZoneOrder | string {
  const { center, radius_m, lasts_min } = wish
  if (wish.name.trim() === '') return 'Give it a name that people will know it by.'
  if (radius_m === null || !(radius_m >= LEAST_RADIUS_M && radius_m <= GREATEST_RADIUS_M)) return 'The radius is 10 to 60,000 m.'
  if (lasts_min === null || !(lasts_min > 0 && lasts_min <= LONGEST_MIN)) return 'It lasts from 1 minute to 90 days.'
  return {
    name: wish.name.trim(),
    reason: wish.reason.trim(),
    center: { latitude_deg: center.latitude_deg, longitude_deg: center.longitude_deg },
    radius_m,
    corners: [],
    start_s: null,
    lasts_s: lasts_min * 60,
    incident_id: wish.incident_id,
  }
}
