/** Questions about flights that several panels ask. */

import { inOperatingArea } from './places'
import type { Asset, Flight, FlightState, Incident, Stream, Zones } from './model'
import type { Field } from './state'

const OVER: readonly FlightState[] = ['completed', 'aborted']

export const isOver = (flight: Flight): boolean => OVER.includes(flight.state)

/** Flights under way, the oldest first, so that their order does not change while they last. */
export function activeFlights(field: Field): Flight[] {
  return Object.values(field.flights)
    .filter((flight) => !isOver(flight))
    .sort((a, b) => (a.times.requested_s ?? a.state_since_s) - (b.times.requested_s ?? b.state_since_s) || a.id.localeCompare(b.id))
}

/** The flight to show for an asset: the one under way, else its newest that is over. */
export function flightOf(field: Field, asset_id: string): Flight | null {
  const own = Object.values(field.flights).filter((flight) => flight.asset_id === asset_id)
  const newest = own.sort((a, b) => (b.times.requested_s ?? b.state_since_s) - (a.times.requested_s ?? a.state_since_s))
  return newest.find((flight) => !isOver(flight)) ?? newest[0] ?? null
}

/** Assets in a fixed order. */
export function assetsInOrder(field: Field): Asset[] {
  return Object.values(field.assets).sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
}

/** Streams in a fixed order: by asset's name, then by id. */
export function streamsInOrder(field: Field): Stream[] {
  const name = (stream: Stream): string => field.assets[stream.asset_id]?.name ?? stream.asset_id
  return Object.values(field.streams).sort(
    (a, b) => name(a).localeCompare(name(b), 'en', { numeric: true }) || a.id.localeCompare(b.id),
  )
}

/** Open incidents first, then those whose flight is over, then the closed; in each the most urgent, then the newest. */
export function incidentsInOrder(field: Field): Incident[] {
  const flown = new Map(Object.values(field.incidents).map((incident) => [incident.id, flightFor(field, incident.id)]))
  const done = (incident: Incident): number => {
    const flight = flown.get(incident.id)
    return incident.state !== 'open' ? 2 : flight && isOver(flight) ? 1 : 0
  }
  return Object.values(field.incidents).sort(
    (a, b) => done(a) - done(b) || a.priority - b.priority || b.received_s - a.received_s || a.id.localeCompare(b.id),
  )
}

/** The flight that is under way for an incident, else its newest, or null. */
export function flightFor(field: Field, incident_id: string): Flight | null {
  const own = Object.values(field.flights).filter((flight) => flight.incident_id === incident_id)
  return own.find((flight) => !isOver(flight)) ?? own.sort((a, b) => b.state_since_s - a.state_since_s)[0] ?? null
}

/** Why launching for an incident is refused anyway; "" when nothing is known against it. `zones` null: not loaded yet. */
export function whyNoLaunch(incident: Incident, zones: Zones | null): string {
  if (incident.state !== 'open') return `The call is ${incident.state}.`
  if (incident.position === null) return 'This call has no usable position yet.'
  return zones && !inOperatingArea(zones, incident.position) ? 'This call is outside the operating area.' : ''
}

/** A step of the way from the call to the scene: seconds after the call, null while it has not happened. */
export interface Step {
  readonly name: string
  readonly after_call_s: number | null
}

/** Call, take-off, on scene, home: in seconds after the call came in. */
export function timeline(flight: Flight, incident: Incident | undefined): Step[] {
  const call_s = incident?.received_s ?? flight.times.requested_s
  const after = (at_s: number | null): number | null => (at_s === null || call_s === null ? null : at_s - call_s)
  return [
    { name: 'Call', after_call_s: call_s === null ? null : 0 },
    { name: 'Take-off', after_call_s: after(flight.times.takeoff_sent_s) },
    { name: 'On scene', after_call_s: after(flight.times.on_scene_s) },
    { name: 'Landed', after_call_s: after(flight.times.landed_s) },
  ]
}

/** Where an asset without a flight is, as far as it is known. */
export function restWords(asset: Asset): string {
  const { link, landed } = asset.telemetry
  if (link === 'never_seen') return 'Never heard'
  if (link === 'lost') return 'Not heard any more'
  if (landed === null) return 'Waiting for its state'
  return landed.value === 'on_ground' ? 'On the ground' : 'In the air without a flight'
}

/** Why it is as it is: the flight's sentence, or the asset's; and how far what lasts on it has come. */
export function whyWords(flight: Flight | null, asset: Asset | null): string {
  const why = flight ? [flight.sentence] : asset ? asset.sentences : []
  const rest = flight === null && asset !== null && why.length === 0 ? [`${asset.name} is ready.`] : []
  return [...why, ...rest, ...(asset?.progress ?? [])].filter((one) => one !== '').join(' ')
}

/** A flight's state as people say it. */
export function stateWords(flight: Flight): string {
  const words: Record<FlightState, string> = {
    preparing: 'Preparing',
    launching: 'Taking off',
    en_route: 'On the way',
    on_scene: 'On scene',
    holding: 'Holding',
    returning: 'Returning',
    landing: 'Landing',
    link_lost: 'Link lost',
    taken_over: 'Taken over',
    completed: 'Completed',
    aborted: 'Aborted',
  }
  if (flight.state === 'on_scene' && flight.activity === 'orbit') return 'On scene, orbiting'
  if (flight.activity === 'fly') return flight.state === 'on_scene' ? 'On scene, by stick' : 'Flown by stick'
  return words[flight.state]
}
