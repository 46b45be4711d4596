/** Which alarms still matter: a list that stays red for ever is not read any more. */

import { isOver } from './flights'
import type { Alarm, Flight } from './model'
import type { ById } from './state'

/** An alarm without a flight fades after this long. */
const FADES_AFTER_S = 600

/** Whether the alarm is history: its flight is over, or it has none and is old. */
export function isPast(alarm: Alarm, flights: ById<Flight>, clock_s: number): boolean {
  const flight = alarm.flight_id === null ? undefined : flights[alarm.flight_id]
  return flight ? isOver(flight) : clock_s - alarm.since_s > FADES_AFTER_S
}
