/** Telemetry as rows of text, each with the age of its value: an old value never looks like a new one. */

import { timeLeft } from './endurance'
import { heading, span, title, UNKNOWN, withUnit } from './format'
import type { Asset, Flight } from './model'

/** A value older than this is shown as old. */
export const STALE_AFTER_S = 3

export interface Reading {
  readonly name: string
  readonly text: string
  /** What the number is measured from, where it has a datum. */
  readonly datum: string
  /** How old, in words, when it is old; empty otherwise. */
  readonly age: string
  readonly tone: 'plain' | 'caution' | 'alarm'
}

/** The rows for one asset at the service's time `clock_s`, times of day in the site's `zone`. Always the same rows in the same order. */
export function readings(asset: Asset, flight: Flight | null, clock_s: number, zone: string): Reading[] {
  const { kinematics: k, battery: b, mode, gimbal, satellites, remote_id, link, link_changed_s } = asset.telemetry
  const age = (value: { at_s: number } | null): string => {
    const seconds = value ? clock_s - value.at_s : 0
    return seconds > STALE_AFTER_S ? `${span(seconds)} old` : ''
  }
  const plain = (name: string, text: string, source: { at_s: number } | null, datum = ''): Reading => ({
    name, text, datum, age: age(source), tone: 'plain',
  })
  const left = timeLeft(asset, flight, clock_s, zone)
  return [
    plain('Height', withUnit(k?.height_above_takeoff_m, 'm'), k, 'above take-off'),
    plain('Altitude', withUnit(k?.altitude_amsl_m, 'm'), k, 'above mean sea level'),
    plain('Speed', withUnit(k?.ground_speed_mps, 'm/s', 1), k, 'over ground'),
    plain('Heading', heading(k?.heading_deg), k, 'true'),
    { ...plain('Time left', left.text, b, left.note), tone: left.tone },
    plain('Camera', gimbal ? `${Math.round(gimbal.pitch_deg)}°` : UNKNOWN, gimbal, gimbal ? `towards ${heading(gimbal.yaw_deg)}` : ''),
    plain('Autopilot', mode ? title(mode.value) : UNKNOWN, mode, satellites ? `${satellites.count} satellites` : ''),
    {
      name: 'Remote ID',
      text: { good: 'Good', bad: 'Bad', unknown: UNKNOWN }[remote_id.state],
      datum: remote_id.state === 'good' ? `for ${span(clock_s - (remote_id.since_s ?? clock_s))}` : remote_id.sentence,
      age: '',
      tone: remote_id.state === 'bad' ? 'alarm' : 'plain',
    },
    {
      name: 'Link',
      text: { never_seen: 'Never seen', online: 'Online', lost: 'Lost' }[link],
      datum: link_changed_s === null ? '' : `for ${span(clock_s - link_changed_s)}`,
      age: '',
      tone: link === 'online' ? 'plain' : link === 'lost' ? 'alarm' : 'caution',
    },
    { ...plain('On scene', onScene(flight, clock_s), null, promised(flight)), tone: 'plain' },
  ]
}

function onScene(flight: Flight | null, clock_s: number): string {
  if (!flight || flight.times.on_scene_s === null) return UNKNOWN
  return span((flight.times.returning_s ?? flight.times.ended_s ?? clock_s) - flight.times.on_scene_s)
}

function promised(flight: Flight | null): string {
  const minutes = flight?.decision.candidates.find((one) => one.asset_id === flight.asset_id)?.minutes_on_scene
  return minutes === null || minutes === undefined ? '' : `of ${Math.round(minutes)} min planned`
}
