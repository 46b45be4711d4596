/** Which buttons can be used, and why not. The service decides in the end; this only saves a useless click. */

import { isOver } from './flights'
import type { Flight, FlightState, Role } from './model'

export type Button = 'hold' | 'resume' | 'return' | 'orbit' | 'move' | 'look' | 'look_scene' | 'look_horizon'

export interface ButtonInfo {
  readonly button: Button
  readonly label: string
  readonly key: string
}

/** In their fixed places: what stops and brings home comes first. */
export const BUTTONS: readonly ButtonInfo[] = [
  { button: 'hold', label: 'Hold', key: 'H' },
  { button: 'return', label: 'Return home', key: 'R' },
  { button: 'resume', label: 'Resume', key: 'G' },
  { button: 'orbit', label: 'Orbit', key: 'O' },
  { button: 'move', label: 'Move…', key: 'V' },
  { button: 'look', label: 'Look…', key: 'L' },
  { button: 'look_scene', label: 'Look at scene', key: 'C' },
  { button: 'look_horizon', label: 'Look at horizon', key: 'N' },
]

export interface Situation {
  readonly flight: Flight | null
  readonly roles: readonly Role[]
  /** Whether the live socket is heard. */
  readonly connected: boolean
}

const CAN: Record<Exclude<Button, 'look_scene' | 'look_horizon'>, readonly FlightState[]> = {
  hold: ['launching', 'en_route', 'on_scene', 'holding', 'returning', 'taken_over'],
  return: ['preparing', 'launching', 'en_route', 'on_scene', 'holding', 'returning', 'link_lost', 'taken_over'],
  resume: ['holding', 'taken_over'],
  orbit: ['on_scene'],
  move: ['en_route', 'on_scene', 'holding'],
  look: ['on_scene'],
}

const WHY_NOT_YET: Partial<Record<FlightState, string>> = {
  preparing: 'It is still on its dock.',
  launching: 'It is still taking off.',
  returning: 'Hold it first.',
  landing: 'It is landing.',
  link_lost: 'The aircraft is not heard.',
  taken_over: 'Take it back by Hold.',
}

/** Why `button` cannot be used now, as a sentence; null when it can. */
export function whyNot(button: Button, { flight, roles, connected }: Situation): string | null {
  if (!roles.includes('pilot') && !roles.includes('admin')) return 'You are not signed in as a pilot.'
  if (!flight) return 'No flight is chosen.'
  if (isOver(flight)) return 'The flight is over.'
  const kind = button === 'look_scene' || button === 'look_horizon' ? 'look' : button
  // Stopping and going home may be asked for blind; everything else needs eyes.
  if (!connected && kind !== 'hold' && kind !== 'return') return 'You would fly blind.'
  if (CAN[kind].includes(flight.state)) return null
  if (kind === 'resume') return 'It is not holding.'
  if (kind === 'look') return lookReason(flight.state)
  if (kind === 'orbit' && (flight.state === 'en_route' || flight.state === 'holding')) return 'It is not on scene yet.'
  return WHY_NOT_YET[flight.state] ?? 'Not possible now.'
}

function lookReason(state: FlightState): string {
  if (state === 'link_lost' || state === 'taken_over') return WHY_NOT_YET[state] ?? ''
  return 'Horizon until on scene.'
}
