import { describe, expect, it } from 'vitest'
import { isEarlier, isPast } from '../src/lib/alarms'
import { answersAndRefusals, refusedAnswer } from '../src/lib/answers'
import { problemSentences, Refused } from '../src/lib/api'
import { activeFlights, flightFor, flightOf, incidentsInOrder, restWords, stateWords, streamsInOrder, timeline, whyNoLaunch, whyWords } from '../src/lib/flights'
import { match } from '../src/lib/keys'
import { readings } from '../src/lib/readings'
import { NOTHING_YET, type Field } from '../src/lib/state'
import type { Zones } from '../src/lib/model'
import { alarm, asset, flight, incident, refusal, stream, telemetry } from './things'

const field = (parts: Partial<Field>): Field => ({ ...NOTHING_YET, ...parts })

describe('telemetry as rows', () => {
  const row = (name: string, clock_s: number, seen = asset('sky-1')) => readings(seen, flight('f'), clock_s, 'UTC').find((one) => one.name === name)!

  it('names the datum of each height', () => {
    expect(row('Height', 1000)).toMatchObject({ text: '60 m', datum: 'above take-off', age: '' })
    expect(row('Altitude', 1000)).toMatchObject({ text: '800 m', datum: 'above mean sea level' })
  })

  it('says how old an old value is', () => {
    expect(row('Speed', 1002.9).age).toBe('')
    expect(row('Speed', 1008).age).toBe('8 s old')
  })

  it('has the same rows in the same order whatever is known', () => {
    const bare = asset('x', { telemetry: telemetry('x', { kinematics: null, battery: null, mode: null, gimbal: null, link: 'never_seen' }) })
    const names = (rows: { name: string }[]): string[] => rows.map((one) => one.name)
    expect(names(readings(bare, null, 1000, 'UTC'))).toEqual(names(readings(asset('sky-1'), flight('f'), 1000, 'UTC')))
    expect(readings(bare, null, 1000, 'UTC').find((one) => one.name === 'Height')?.text).toBe('–')
  })

  it('shows Remote ID as good since, or says what is wrong', () => {
    const with_ = (state: 'good' | 'bad', since_s: number) =>
      asset('x', { telemetry: telemetry('x', { remote_id: { state, sentence: 'It says: missing basic_id.', since_s } }) })
    expect(row('Remote ID', 1000)).toMatchObject({ text: '–', tone: 'plain' })
    expect(row('Remote ID', 1000, with_('good', 940))).toMatchObject({ text: 'Good', datum: 'for 1:00', tone: 'plain' })
    expect(row('Remote ID', 1000, with_('bad', 940))).toMatchObject({ text: 'Bad', datum: 'It says: missing basic_id.', tone: 'alarm' })
  })

  it('warns of the battery at the reserve and shortly before', () => {
    const with_ = (remaining_fraction: number) => asset('x', { telemetry: telemetry('x', { battery: { at_s: 1, remaining_fraction, voltage_v: null } }) })
    expect([0.5, 0.25, 0.2].map((left) => row('Time left', 1, with_(left)).tone)).toEqual(['plain', 'caution', 'alarm'])
  })
})

describe('order that does not jump', () => {
  it('puts streams by the name of their asset, numbers as numbers', () => {
    const assets = { a: asset('a', { name: 'SKY-10' }), b: asset('b', { name: 'SKY-2' }) }
    const streams = { a: stream('a'), b: stream('b', { state: 'lost' }) }
    expect(streamsInOrder(field({ assets, streams })).map((one) => one.id)).toEqual(['b', 'a'])
  })

  it('puts open and urgent incidents first, then those that were flown for', () => {
    const flights = { f: flight('f', { incident_id: 'e', state: 'completed' }) }
    const incidents = {
      e: incident('e', { priority: 1 }),
      a: incident('a', { state: 'closed', priority: 1 }),
      b: incident('b', { priority: 3 }),
      c: incident('c', { priority: 1, received_s: 1 }),
      d: incident('d', { priority: 1, received_s: 2 }),
    }
    expect(incidentsInOrder(field({ incidents, flights })).map((one) => one.id)).toEqual(['d', 'c', 'b', 'e', 'a'])
  })
})

describe('flights', () => {
  const over = flight('old', { state: 'completed', times: { ...flight('x').times, requested_s: 100 } })
  const now = flight('new', { state: 'en_route' })
  const both = field({ flights: { old: over, new: now } })

  it('shows the one under way before one that is over', () => {
    expect(flightOf(both, 'sky-1')?.id).toBe('new')
    expect(flightFor(both, 'incident')?.id).toBe('new')
    expect(activeFlights(both).map((one) => one.id)).toEqual(['new'])
  })

  it('counts the time line in seconds from the call', () => {
    expect(timeline(now, incident('incident'))).toEqual([
      { name: 'Call', after_call_s: 0 },
      { name: 'Take-off', after_call_s: 2 },
      { name: 'On scene', after_call_s: 61 },
      { name: 'Landed', after_call_s: null },
    ])
  })

  it('never says that an aircraft is on the ground unless it said so itself', () => {
    const seen = (changes: Parameters<typeof telemetry>[1]) => restWords(asset('a', { telemetry: telemetry('a', changes) }))
    expect(seen({ landed: { at_s: 1, value: 'on_ground' } })).toBe('On the ground')
    expect(seen({ landed: { at_s: 1, value: 'in_air' } })).toBe('In the air without a flight')
    expect(seen({ landed: null })).toBe('Waiting for its state')
    expect(seen({ landed: { at_s: 1, value: 'on_ground' }, link: 'lost' })).toBe('Not heard any more')
  })

  it('says why, and how far what lasts has come', () => {
    const busy = asset('sky-1', { progress: ['Fence upload: 12 of 34 items.'] })
    expect(whyWords(null, null)).toBe('')
    expect(whyWords(null, asset('sky-1'))).toBe('SKY-1 is ready.')
    expect(whyWords(null, { ...busy, sentences: ['It waits.'] })).toBe('It waits. Fence upload: 12 of 34 items.')
    expect(whyWords(flight('f', { sentence: 'It prepares.' }), busy)).toBe('It prepares. Fence upload: 12 of 34 items.')
    expect(whyWords(flight('f', { sentence: '' }), asset('sky-1'))).toBe('')
  })

  it('says what it does on the scene', () => {
    expect(stateWords(flight('f', { activity: 'orbit' }))).toBe('On scene, orbiting')
  })
})

describe('answers', () => {
  it('shows a kept refusal once', () => {
    const own = refusedAnswer('own', 10, 'SKY-1: Move', new Refused(409, ['No.'], 'r1'))
    expect(answersAndRefusals([own], [refusal('r1', 10)]).map((one) => one.id)).toEqual(['r1'])
    expect(answersAndRefusals([own], []).map((one) => one.id)).toEqual(['own'])
  })

  it('reads every sentence of a problem document', () => {
    expect(problemSentences({ detail: 'a', sentences: ['a', 'b'] })).toEqual(['a', 'b'])
    expect(problemSentences({ detail: 'a', errors: [{ pointer: '/x', sentence: 'c' }] })).toEqual(['a', 'c'])
    expect(problemSentences('<html>')).toBeNull()
  })
})

describe('alarms', () => {
  it('step back when something newer was said of the same flight', () => {
    const lost = alarm('a', { flight_id: 'f', since_s: 1 })
    const back = alarm('b', { flight_id: 'f', since_s: 2 })
    const other = alarm('c', { flight_id: 'g', since_s: 3 })
    expect([lost, back, other].map((one) => isEarlier(one, [lost, back, other]))).toEqual([true, false, false])
  })

  it('fade with their flight, or with time', () => {
    const flights = { f: flight('f'), g: flight('g', { state: 'completed' }) }
    expect(isPast(alarm('a', { flight_id: 'f', since_s: 0 }), flights, 10_000)).toBe(false)
    expect(isPast(alarm('a', { flight_id: 'g' }), flights, 951)).toBe(true)
    expect(isPast(alarm('a'), flights, 951)).toBe(false)
    expect(isPast(alarm('a'), flights, 2000)).toBe(true)
  })
})

describe('keys', () => {
  it('mean the same in any case', () => {
    const hold = { keys: ['H'], label: 'Hold', run: () => undefined }
    expect(match([hold], 'h')).toBe(hold)
    expect(match([hold], 'x')).toBeNull()
  })
})

describe('calls for which nothing is launched', () => {
  const corners = [[-111, 32], [-110.8, 32], [-110.8, 32.3], [-111, 32.3], [-111, 32]]
  const zones: Zones = {
    type: 'FeatureCollection',
    features: [{
      type: 'Feature', id: 'area', geometry: { type: 'Polygon', coordinates: [corners] },
      properties: { name: 'Town', kind: 'operating_area', bottom: null, top: null, source: '', authority: '', note: '', times: 'always', in_force: true, ends_s: null, incident_id: null },
    }],
  }

  it('says why, from the call alone', () => {
    expect(whyNoLaunch(incident('a'), zones)).toBe('')
    expect(whyNoLaunch(incident('a', { state: 'cancelled' }), zones)).toBe('The call is cancelled.')
    expect(whyNoLaunch(incident('a', { position: null }), zones)).toContain('no usable position')
    expect(whyNoLaunch(incident('a', { position: { latitude_deg: 33, longitude_deg: -110.9 } }), zones)).toContain('outside the operating area')
  })

  it('a mere note is nothing against it, nor are zones that are not loaded', () => {
    expect(whyNoLaunch(incident('a', { note: 'The source gave no common priority.' }), zones)).toBe('')
    expect(whyNoLaunch(incident('a', { position: { latitude_deg: 33, longitude_deg: -110.9 } }), null)).toBe('')
  })
})
