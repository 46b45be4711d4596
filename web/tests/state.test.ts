import { describe, expect, it } from 'vitest'
import type { Change, LiveMessage } from '../src/lib/model'
import { NOTHING_YET, receive, type Field } from '../src/lib/state'
import { alarm, asset, flight, incident, refusal, snapshot, stream, telemetry } from './things'

const first = (parts = {}): LiveMessage => ({ type: 'snapshot', sequence: 1, clock_s: 1000, engine_age_s: 0.1, dropped: 0, snapshot: snapshot(parts) })
const then = (sequence: number, ...changes: Change[]): LiveMessage => ({ type: 'change', sequence, clock_s: 1000 + sequence, engine_age_s: 0.1, changes })

function after(...messages: LiveMessage[]): Field {
  return messages.reduce<Field>((field, message) => {
    const next = receive(field, message)
    if (next === null) throw new Error('a gap')
    return next
  }, NOTHING_YET)
}

describe('the state that messages make', () => {
  it('takes a snapshot, then what changes', () => {
    const field = after(
      first({ incidents: [incident('a')], assets: [asset('sky-1')] }),
      then(2, { kind: 'incident', incident: incident('a', { priority: 1 }) }, { kind: 'flight', flight: flight('f') }),
      then(3, { kind: 'stream', stream: stream('sky-1', { state: 'lost' }) }),
    )
    expect(field.incidents['a']?.priority).toBe(1)
    expect(field.flights['f']?.state).toBe('on_scene')
    expect(field.streams['sky-1']?.state).toBe('lost')
    expect(field).toMatchObject({ sequence: 3, clock_s: 1003 })
  })

  it('refuses a gap, a repeat, and changes before any snapshot', () => {
    const field = after(first(), then(2))
    expect(receive(field, then(4))).toBeNull()
    expect(receive(field, then(2))).toBeNull()
    expect(receive(NOTHING_YET, then(1))).toBeNull()
  })

  it('forgets what a new snapshot does not hold', () => {
    const field = after(first({ incidents: [incident('a')] }), { ...first({ incidents: [incident('b')] }), sequence: 9 } as LiveMessage)
    expect(Object.keys(field.incidents)).toEqual(['b'])
    expect(receive(field, then(10))).not.toBeNull()
  })

  it('moves an aircraft and leaves the rest of its telemetry', () => {
    const before = after(first({ assets: [asset('sky-1')] }))
    const kinematics = { ...telemetry('sky-1').kinematics!, latitude_deg: 32.5 }
    const moved = receive(before, then(2, { kind: 'motion', asset_id: 'sky-1', kinematics, gimbal: null }))!
    const { kinematics: seen, gimbal, ...rest } = moved.assets['sky-1']!.telemetry
    expect([seen?.latitude_deg, gimbal]).toEqual([32.5, null])
    expect(before.assets['sky-1']!.telemetry).toMatchObject(rest)
    expect(receive(before, then(2, { kind: 'motion', asset_id: 'nobody', kinematics, gimbal: null }))!.assets).toEqual(before.assets)
  })

  it('puts telemetry into its asset and leaves the rest of it', () => {
    const field = after(
      first({ assets: [asset('sky-1', { readiness: 'busy' })] }),
      then(2, { kind: 'telemetry', telemetry: telemetry('sky-1', { link: 'lost' }) }, { kind: 'telemetry', telemetry: telemetry('nobody') }),
    )
    expect(field.assets['sky-1']).toMatchObject({ readiness: 'busy', telemetry: { link: 'lost' } })
    expect(field.assets['nobody']).toBeUndefined()
  })

  it('draws a trail in the air, without points where it stood still, and clears it on the ground', () => {
    const at = (longitude_deg: number): Change => {
      const seen = telemetry('sky-1')
      return { kind: 'telemetry', telemetry: { ...seen, kinematics: { ...seen.kinematics!, longitude_deg } } }
    }
    const flown = after(first({ assets: [asset('sky-1')] }), then(2, at(-110.91), at(-110.91), at(-110.9)))
    expect(flown.trails['sky-1']?.map((point) => point[0])).toEqual([-110.92, -110.91, -110.9])
    const landed = telemetry('sky-1', { landed: { at_s: 1, value: 'on_ground' }, armed: { at_s: 1, value: false } })
    expect(receive(flown, then(3, { kind: 'telemetry', telemetry: landed }))?.trails['sky-1']).toEqual([])
  })

  it('keeps refusals newest first and each once', () => {
    const field = after(first({ refusals: [refusal('a', 10)] }), then(2, { kind: 'refusal', refusal: refusal('b', 20) }, { kind: 'refusal', refusal: refusal('a', 10) }))
    expect(field.refusals.map((one) => one.id)).toEqual(['b', 'a'])
  })

  it('shows an alarm that is raised again with its newest words', () => {
    const field = after(first({ alarms: [alarm('x', { sentence: 'old' })] }), then(2, { kind: 'alarm', alarm: alarm('x', { sentence: 'new' }) }))
    expect(field.alarms.map((one) => one.sentence)).toEqual(['new'])
  })

  it('changes nothing of the state before', () => {
    const field = after(first({ assets: [asset('sky-1')] }))
    const before = structuredClone(field)
    receive(field, then(2, { kind: 'telemetry', telemetry: telemetry('sky-1', { link: 'lost' }) }))
    expect(field).toEqual(before)
  })
})
