import { describe, expect, it } from 'vitest'
import { circleRing, destination, distance_m, lookDistance_m, lookWedge } from '../src/lib/geo'

const TUCSON = { latitude_deg: 32.2217, longitude_deg: -110.9265 }

describe('small geometry', () => {
  it('goes where it says', () => {
    for (const bearing of [0, 45, 90, 200, 359]) {
      expect(distance_m(TUCSON, destination(TUCSON, bearing, 1000))).toBeCloseTo(1000, 3)
    }
    expect(destination(TUCSON, 90, 1000).longitude_deg).toBeGreaterThan(TUCSON.longitude_deg)
    expect(destination(TUCSON, 0, 1000).latitude_deg).toBeGreaterThan(TUCSON.latitude_deg)
  })

  it('draws circles that are closed and round', () => {
    const ring = circleRing(TUCSON, 60)
    expect(ring[0]).toEqual(ring.at(-1))
    for (const [longitude_deg, latitude_deg] of ring) {
      expect(distance_m(TUCSON, { latitude_deg, longitude_deg })).toBeCloseTo(60, 2)
    }
  })

  it('looks as far as height and pitch say, and no farther than the cap', () => {
    expect(lookDistance_m(90, -45)).toBeCloseTo(90)
    expect(lookDistance_m(60, -90)).toBe(60)
    expect(lookDistance_m(60, 0)).toBe(300)
    expect(lookDistance_m(60, -1, 500)).toBe(500)
  })

  it('opens the wedge to both sides of where the camera looks', () => {
    const ring = lookWedge(TUCSON, 0, 100, 60)
    const longitudes = ring.map((corner) => corner[0] - TUCSON.longitude_deg)
    expect(Math.min(...longitudes)).toBeCloseTo(-Math.max(...longitudes), 9)
    expect(ring[0]).toEqual(ring.at(-1))
  })
})
