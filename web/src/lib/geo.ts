/** Small geometry for drawing. Decisions about where an aircraft may fly are never made here. */

export interface LatLon {
  readonly latitude_deg: number
  readonly longitude_deg: number
}

/** Mean earth radius (IUGG), metres: drawn shapes are off by less than 0.4 %. */
const EARTH_RADIUS_M = 6_371_008.8
const RADIANS = Math.PI / 180

/** The place `distance_m` metres from `origin` along `bearing_deg` (clockwise from true north), on a sphere. */
export function destination(origin: LatLon, bearing_deg: number, distance_m: number): LatLon {
  const angle = distance_m / EARTH_RADIUS_M
  const latitude = origin.latitude_deg * RADIANS
  const bearing = bearing_deg * RADIANS
  const sine = Math.sin(latitude) * Math.cos(angle) + Math.cos(latitude) * Math.sin(angle) * Math.cos(bearing)
  const east = Math.atan2(
    Math.sin(bearing) * Math.sin(angle) * Math.cos(latitude),
    Math.cos(angle) - Math.sin(latitude) * sine,
  )
  return { latitude_deg: Math.asin(sine) / RADIANS, longitude_deg: origin.longitude_deg + east / RADIANS }
}

/** Great-circle distance, metres (haversine). */
export function distance_m(a: LatLon, b: LatLon): number {
  const dLat = (b.latitude_deg - a.latitude_deg) * RADIANS
  const dLon = (b.longitude_deg - a.longitude_deg) * RADIANS
  const h =
    Math.sin(dLat / 2) ** 2 +
    Math.cos(a.latitude_deg * RADIANS) * Math.cos(b.latitude_deg * RADIANS) * Math.sin(dLon / 2) ** 2
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(h)))
}

/** True bearing from one place to another, near enough for a few kilometres. */
export function bearing_deg(from: LatLon, to: LatLon): number {
  const north = to.latitude_deg - from.latitude_deg
  const east = (to.longitude_deg - from.longitude_deg) * Math.cos((from.latitude_deg * Math.PI) / 180)
  return ((Math.atan2(east, north) * 180) / Math.PI + 360) % 360
}

/** A closed GeoJSON ring of `corners` points, `radius_m` around `center`. */
export function circleRing(center: LatLon, radius_m: number, corners = 64): [number, number][] {
  const ring: [number, number][] = []
  for (let i = 0; i <= corners; i++) {
    const point = destination(center, (360 * (i % corners)) / corners, radius_m)
    ring.push([point.longitude_deg, point.latitude_deg])
  }
  return ring
}

/** How far ahead on flat ground the camera's axis ends, kept between `least_m`, so that it can be seen on a map, and
 * `cap_m`, which is also the answer when it looks at the horizon or above. */
export function lookDistance_m(height_m: number, pitch_deg: number, cap_m = 300, least_m = 60): number {
  if (pitch_deg >= 0 || height_m <= 0) return cap_m
  return Math.min(Math.max(height_m / Math.tan(-pitch_deg * RADIANS), least_m), cap_m)
}

/** A closed ring: the wedge the camera sees on the map, from the aircraft outwards. */
export function lookWedge(
  from: LatLon,
  yaw_deg: number,
  length_m: number,
  field_of_view_deg: number,
): [number, number][] {
  const ring: [number, number][] = [[from.longitude_deg, from.latitude_deg]]
  const steps = 8
  for (let i = 0; i <= steps; i++) {
    const bearing = yaw_deg - field_of_view_deg / 2 + (field_of_view_deg * i) / steps
    const point = destination(from, bearing, length_m)
    ring.push([point.longitude_deg, point.latitude_deg])
  }
  ring.push([from.longitude_deg, from.latitude_deg])
  return ring
}
