/** Which zones a place lies in. */

import type { LatLon } from './geo'
import type { Zone, Zones } from './model'

/** The zones that a place lies in, what forbids most first. */
export function zonesAt(zones: Zones, place: LatLon): Zone[] {
  const rank = ['temporary', 'no_fly', 'ceiling', 'floor', 'privacy', 'caution', 'corridor', 'operating_area']
  const at = [place.longitude_deg, place.latitude_deg] as const
  return zones.features
    .filter(({ geometry }) =>
      (geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates).some((rings) => inRings(rings, at)),
    )
    .sort((a, b) => rank.indexOf(a.properties.kind) - rank.indexOf(b.properties.kind))
}

/** Whether a place lies where the site's aircraft may fly at all. */
export function inOperatingArea(zones: Zones, place: LatLon): boolean {
  const areas = zones.features.filter((zone) => zone.properties.in_force && zone.properties.kind === 'operating_area')
  return zonesAt({ ...zones, features: areas }, place).length > 0
}

/** Even-odd rule over the outer ring and its holes. */
function inRings(rings: readonly (readonly number[][])[], [x, y]: readonly [number, number]): boolean {
  let inside = false
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [xi = 0, yi = 0] = ring[i] ?? []
      const [xj = 0, yj = 0] = ring[j] ?? []
      if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside
    }
  }
  return inside
}
