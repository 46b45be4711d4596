import { describe, expect, it } from 'vitest'
import type { Intruder, Traffic } from '../src/lib/model'
import { heightTag, trafficFeatures, trafficRows } from '../src/lib/traffic'
import { asset } from './things'

const NOW_S = 1000
const OWN = asset('sky-1')

function intruder(changes: Partial<Intruder> = {}): Intruder {
  return {
    id: 'a1b2c3', name: 'Helicopter N123AB', latitude_deg: 32.23, longitude_deg: -110.92, altitude_amsl_m: 900, climb_mps: 0,
    track_deg: 90, on_ground: false, level: 'clear', seen_s: NOW_S, ...changes,
  } as Intruder
}
const sky = (...aircraft: Intruder[]): Traffic => ({ aircraft, problems: [] })

describe('the height tag', () => {
  it('is hundreds of feet over ours, with an arrow from 500 ft a minute on', () => {
    expect(heightTag(intruder({ altitude_amsl_m: 861 }), 800)).toBe('+02')
    expect(heightTag(intruder({ altitude_amsl_m: 705, climb_mps: -2.6 }), 800)).toBe('−03 ↓')
    expect(heightTag(intruder({ altitude_amsl_m: 1100, climb_mps: 2.6 }), 800)).toBe('+10 ↑')
  })
  it('says what is not known', () => {
    expect(heightTag(intruder({ altitude_amsl_m: null }), 800)).toBe('?')
    expect(heightTag(intruder(), null)).toBe('900 m')
    expect(heightTag(intruder({ on_ground: true }), 800)).toBe('ground')
  })
})

describe('the list', () => {
  it('has those in an encounter first, then the nearest, five in all and none on the ground', () => {
    const here = OWN.telemetry.kinematics
    const at = (id: string, off: number, level: Intruder['level']): Intruder =>
      intruder({ id, level, latitude_deg: (here?.latitude_deg ?? 0) + off })
    const many = [at('far', 0.2, 'avoid'), at('b', 0.02, 'clear'), at('a', 0.01, 'clear'), at('mid', 0.1, 'advise')]
    const rows = trafficRows(sky(...many, at('c', 0.03, 'clear'), at('d', 0.04, 'clear'), intruder({ id: 'g', on_ground: true })), OWN, NOW_S)
    expect(rows.map((row) => row.id)).toEqual(here ? ['far', 'mid', 'a', 'b', 'c'] : [])
  })
  it('is empty while it is not known where ours is', () => {
    expect(trafficRows(sky(intruder()), undefined, NOW_S)).toEqual([])
  })
})

describe('an old position', () => {
  it('looks old on the map', () => {
    const [young, old] = trafficFeatures(sky(intruder(), intruder({ seen_s: NOW_S - 12 })), undefined, NOW_S).features
    expect(young?.properties).toMatchObject({ label: '900 m', opacity: 1 })
    expect(old?.properties).toMatchObject({ label: '900 m · 12 s old', opacity: 0.45 })
  })
})
