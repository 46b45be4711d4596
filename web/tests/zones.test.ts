import { describe, expect, it } from 'vitest'
import { temporaryZone, type ZoneWish } from '../src/lib/zones'

const wish: ZoneWish = {
  center: { latitude_deg: 32.2, longitude_deg: -110.9 }, name: ' Fire ', reason: '', radius_m: 300, lasts_min: 90, incident_id: null,
}

describe('a temporary zone', () => {
  it('is ordered in seconds', () => {
    expect(temporaryZone(wish)).toMatchObject({ name: 'Fire', radius_m: 300, lasts_s: 5400, start_s: null, incident_id: null })
  })

  it('says what is missing', () => {
    expect(temporaryZone({ ...wish, name: ' ' })).toContain('name')
    expect(temporaryZone({ ...wish, radius_m: 5 })).toContain('radius')
    expect(temporaryZone({ ...wish, radius_m: null })).toContain('radius')
    expect(temporaryZone({ ...wish, lasts_min: 0 })).toContain('minute')
    expect(temporaryZone({ ...wish, lasts_min: Number.NaN })).toContain('minute')
  })
})
