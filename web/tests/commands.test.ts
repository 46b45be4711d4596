import { describe, expect, it } from 'vitest'
import { BUTTONS, whyNot, type Situation } from '../src/lib/commands'
import type { FlightState } from '../src/lib/model'
import { flight } from './things'

const STATES: FlightState[] = ['preparing', 'launching', 'en_route', 'on_scene', 'holding', 'returning', 'landing', 'link_lost', 'taken_over', 'completed', 'aborted']
const situation = (state: FlightState, changes: Partial<Situation> = {}): Situation => ({ flight: flight('f', { state }), roles: ['pilot'], connected: true, ...changes })

describe('which buttons can be used', () => {
  it('gives for every button in every state either leave or a sentence', () => {
    for (const state of STATES) {
      for (const { button } of BUTTONS) {
        const reason = whyNot(button, situation(state))
        if (reason !== null) expect(reason).toMatch(/^[A-Z].*\.$/)
      }
    }
  })

  it('lets a pilot stop it and send it home wherever it flies by our orders', () => {
    for (const state of ['launching', 'en_route', 'on_scene', 'holding'] as const) {
      expect(whyNot('hold', situation(state))).toBeNull()
      expect(whyNot('return', situation(state))).toBeNull()
    }
  })

  it('keeps the camera from looking around before the scene', () => {
    expect(whyNot('look', situation('en_route'))).toMatch(/Horizon/)
    expect(whyNot('look_scene', situation('returning'))).toMatch(/Horizon/)
    expect(whyNot('look', situation('on_scene'))).toBeNull()
  })

  it('leaves only stopping and going home when the page is blind', () => {
    const usable = BUTTONS.filter(({ button }) => whyNot(button, situation('on_scene', { connected: false })) === null)
    expect(usable.map(({ button }) => button)).toEqual(['hold', 'return'])
  })

  it('lets nobody fly who is no pilot', () => {
    for (const { button } of BUTTONS) expect(whyNot(button, situation('on_scene', { roles: ['rtcc', 'viewer'] }))).toMatch(/pilot/)
  })

  it('offers nothing without a flight or after it', () => {
    for (const { button } of BUTTONS) {
      expect(whyNot(button, { flight: null, roles: ['pilot'], connected: true })).not.toBeNull()
      expect(whyNot(button, situation('completed'))).not.toBeNull()
    }
  })

  it('has each key once', () => {
    const keys = BUTTONS.map((info) => info.key)
    expect(new Set(keys).size).toBe(keys.length)
  })
})
