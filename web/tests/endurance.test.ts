import { describe, expect, it } from 'vitest'
import { leftWords, minutes, timeLeft } from '../src/lib/endurance'
import type { Asset } from '../src/lib/model'
import { asset, flight } from './things'

const left = (left_s: number, changes: Partial<NonNullable<Asset['endurance']>> = {}): Asset =>
  asset('sky-1', {
    endurance: {
      at_s: 1000, left_s, turn_by_s: 1000 + left_s, home_by_s: 1000 + left_s + 90, way_home_s: 90, reach_m: 2000,
      on_scene_s: left_s - 120, charge_fraction: 0.8, wind_mps: null, sentence: '', ...changes,
    },
  })

describe('minutes on the scene', () => {
  it('rounds down and never below nothing', () => {
    expect([599, 120, 119.9, 0, -5].map(minutes)).toEqual(['9 min', '2 min', '119 s', '0 s', '0 s'])
  })

  it('says how long here, home by when, and the battery beside it', () => {
    expect(timeLeft(left(590), flight('f'), 1000, 'UTC')).toEqual({ text: '9 min', note: 'here, home by 00:28 · 80 %', tone: 'plain' })
  })

  it('says under way what it will have there, and the point of no return', () => {
    const under_way = flight('f', { state: 'en_route', times: { ...flight('f').times, on_scene_s: null } })
    expect(timeLeft(left(590), under_way, 1000, 'UTC')).toEqual({ text: '7 min', note: 'on scene, must turn by 00:26 · 80 %', tone: 'plain' })
    expect([290, 170].map((left_s) => timeLeft(left(left_s), under_way, 1000, 'UTC').tone)).toEqual(['caution', 'alarm'])
    expect(leftWords(left(590), under_way, 1000)).toBe('7 min on scene')
    expect(leftWords(left(590), flight('f', { state: 'holding' }), 1000)).toBe('9 min left')
  })

  it('counts on between two messages, and warns', () => {
    const tones = [0, 420, 560].map((after_s) => timeLeft(left(590), flight('f'), 1000 + after_s, 'UTC').tone)
    expect(tones).toEqual(['plain', 'caution', 'alarm'])
    expect(timeLeft(left(590), flight('f'), 1500, 'UTC').text).toBe('90 s')
  })

  it('says what is worse than the gauge', () => {
    const worse = timeLeft(left(590, { sentence: 'it empties 2.0 times as fast as its model says' }), flight('f'), 1000, 'UTC')
    expect(worse.tone).toBe('caution')
    expect(worse.note).toContain('80 %, it empties 2.0 times')
  })

  it('on the way home says when it is there', () => {
    const home = timeLeft(left(200), flight('f', { state: 'returning' }), 1030, 'UTC')
    expect(home).toMatchObject({ text: '60 s', note: 'home at 00:18 · 80 %' })
  })

  it('promises nothing where nothing is known', () => {
    expect(timeLeft(asset('sky-1'), flight('f'), 1000, 'UTC')).toEqual({ text: '–', note: 'battery 80 % · 15.5 V', tone: 'plain' })
    expect(leftWords(asset('sky-1'), flight('f'), 1000)).toBe('')
    expect(leftWords(undefined, null, 1000)).toBe('')
    expect(leftWords(left(590), flight('f'), 1000)).toBe('9 min left')
  })
})
