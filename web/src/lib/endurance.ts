/** How long an aircraft may stay, in the pilot's words: minutes and a time of day, the battery only beside them. */

import { clock, percent, UNKNOWN, withUnit } from './format'
import type { Asset, Flight } from './model'

/** With less than this left the time is shown as an alarm, or as a caution. */
export const ALARM_S = 60
export const CAUTION_S = 180

export interface TimeLeft {
  /** `9 min`, `45 s`, or a dash. */
  readonly text: string
  /** `here, home by 14:32 · 62 %`; under way `on scene, must turn by 14:30 · 70 %`. */
  readonly note: string
  readonly tone: 'plain' | 'caution' | 'alarm'
}

/** Rounded down: there is never less time than is shown. */
export function minutes(seconds: number): string {
  const left = Math.max(0, seconds)
  return left < 120 ? `${Math.floor(left)} s` : `${Math.floor(left / 60)} min`
}

/** What is left for an aircraft at the service's time, counted on from the moment that the service reckoned it. */
export function timeLeft(asset: Asset, flight: Flight | null, clock_s: number, zone: string): TimeLeft {
  const { endurance: e, telemetry } = asset
  const battery = percent(telemetry.battery?.remaining_fraction)
  if (!e || !flight) {
    const volts = withUnit(telemetry.battery?.voltage_v, 'V', 1).replace(UNKNOWN, '')
    return { text: UNKNOWN, note: `battery ${[battery, volts].filter(Boolean).join(' · ')}`, tone: batteryTone(asset) }
  }
  const tail = e.sentence === '' ? battery : `${battery}, ${e.sentence}`
  if (flight.state === 'returning' || flight.state === 'landing') {
    const home_s = e.at_s + e.way_home_s
    return { text: minutes(home_s - clock_s), note: `home at ${shortClock(home_s, zone)} · ${tail}`, tone: 'plain' }
  }
  const left_s = e.turn_by_s - clock_s
  if (onItsWay(flight)) {
    const tone = e.on_scene_s < ALARM_S ? 'alarm' : e.on_scene_s < CAUTION_S || e.sentence !== '' ? 'caution' : 'plain'
    return { text: minutes(e.on_scene_s), note: `on scene, must turn by ${shortClock(e.turn_by_s, zone)} · ${tail}`, tone }
  }
  const tone = left_s < ALARM_S ? 'alarm' : left_s < CAUTION_S || e.sentence !== '' ? 'caution' : 'plain'
  return { text: minutes(left_s), note: `here, home by ${shortClock(e.home_by_s, zone)} · ${tail}`, tone }
}

/** Until it has been on the scene, what counts is what it will have there, not how long it could hover here. */
function onItsWay(flight: Flight): boolean {
  return flight.times.on_scene_s === null && ['launching', 'en_route', 'holding'].includes(flight.state)
}

/** For a line of its own, such as a video's: `12 min on scene` under way, then `9 min left`; empty where nothing is known. */
export function leftWords(asset: Asset | undefined, flight: Flight | null, clock_s: number): string {
  if (!asset?.endurance || !flight || flight.state === 'returning' || flight.state === 'landing') return ''
  if (onItsWay(flight)) return `${minutes(asset.endurance.on_scene_s)} on scene`
  return `${minutes(asset.endurance.turn_by_s - clock_s)} left`
}

function shortClock(time_s: number, zone: string): string {
  return clock(time_s, zone).slice(0, 5)
}

function batteryTone(asset: Asset): TimeLeft['tone'] {
  const left = asset.telemetry.battery?.remaining_fraction
  if (left === undefined) return 'plain'
  if (left <= asset.airframe.reserve_fraction) return 'alarm'
  return left <= asset.airframe.reserve_fraction + 0.1 ? 'caution' : 'plain'
}
