import { describe, expect, it } from 'vitest'
import { heightTag, trafficFeatures, trafficRows } from '../src/lib/traffic'
import type { Intruder } from '../src/lib/model'
import { asset } from './things'

function intruder(changes: Partial<Intruder> = {}): Intruder {
  return {
    id: 'a1b2c3', name: 'Helicopter N123AB', category: 'rotorcraft', latitude_deg: 32.23, longitude_deg: -110.92, seen_s: 1000,
    altitude_amsl_m: 860, altitude_error_m: 50, speed_mps: 40, track_deg: 270, climb_mps: 0, on_ground: false, source: 'roof',
    level: 'clear', ...changes,
  }
}

describe('traffic', () => {
  it('is tagged with its height over ours in hundreds of feet and its trend', () => {
    expect(heightTag(intruder(), 800)).toBe('+02')
    expect(heightTag(intruder({ climb_mps: -3 }), 800)).toBe('+02 ↓')
    expect(heightTag(intruder({ altitude_amsl_m: 700, climb_mps: 3 }), 800)).toBe('−03 ↑')
    expect(heightTag(intruder({ altitude_amsl_m: null }), 800)).toBe('?')
    expect(heightTag(intruder(), null)).toBe('860 m')
    expect(heightTag(intruder({ on_ground: true }), 800)).toBe('ground')
  })

  it('looks old when it is', () => {
    const made = (clock_s: number) => trafficFeatures({ aircraft: [intruder()], problems: [] }, asset('sky-1'), clock_s).features[0]?.properties
    expect(made(1004)).toMatchObject({ label: '+02', icon: 'traffic-clear', opacity: 1, heading_deg: 270 })
    expect(made(1012)).toMatchObject({ label: '+02 · 12 s old', opacity: 0.45 })
  })

  it('lists the grave first, then the near, never what is on the ground', () => {
    const aircraft = [
      intruder({ id: 'near' }),
      intruder({ id: 'far', latitude_deg: 32.5, level: 'avoid' }),
      intruder({ id: 'parked', on_ground: true }),
    ]
    const rows = trafficRows({ aircraft, problems: [] }, asset('sky-1'), 1000)
    expect(rows.map((row) => row.id)).toEqual(['far', 'near'])
    expect(rows[1]).toMatchObject({ height: '+02', place: '1.1 km N', stale: false })
  })
})
