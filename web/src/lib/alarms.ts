/** Which alarms still matter: a list that stays red for ever is not read any more. */

import { isOver } from './flights'
import type { Alarm, Flight } from './model'
import type { ById } from './state'

/** An alarm without a flight fades after this long. */
const FADES_AFTER_S = 600

/** Whether something newer was said about the same flight: the alarm is still told, but no longer the last word. */
export function isEarlier(alarm: Alarm, alarms: readonly Alarm[]): boolean {
  return alarm.flight_id !== null && alarms.some((other) => other.flight_id === alarm.flight_id && other.since_s > alarm.since_s)
}

/** Whether the alarm is history: its flight is over, or it has none and is old. */
export function isPast(alarm: Alarm, flights: ById<Flight>, clock_s: number): boolean {
  const flight = alarm.flight_id === null ? undefined : flights[alarm.flight_id]
  return flight ? isOver(flight) : clock_s - alarm.since_s > FADES_AFTER_S
}
