/** All that a page knows, derived from the live socket by pure reducers: the same messages give the same state. */

import type { Alarm, Asset, Change, Flight, Incident, LiveMessage, Refusal, Sight, Snapshot, Stranger, Stream, Telemetry, Traffic } from './model'

export type ById<T> = Readonly<Record<string, T>>
export type TrailPoint = readonly [longitude_deg: number, latitude_deg: number]

export interface Field {
  /** Sequence number of the newest message; 0 before the first snapshot. */
  readonly sequence: number
  /** The service's clock in the newest message, UTC seconds. */
  readonly clock_s: number
  /** Seconds since the engine's loop last ran, as the newest message says; null when not known. */
  readonly engine_age_s: number | null
  readonly incidents: ById<Incident>
  readonly assets: ById<Asset>
  readonly flights: ById<Flight>
  readonly streams: ById<Stream>
  /** Newest first. */
  readonly refusals: readonly Refusal[]
  readonly strangers: readonly Stranger[]
  /** Other aircraft, and what is wrong with the receivers that hear them. */
  readonly traffic: Traffic
  /** Newest first. */
  readonly alarms: readonly Alarm[]
  /** Where each airborne asset has been, oldest first. */
  readonly trails: ById<readonly TrailPoint[]>
  /** Where on the ground each camera looked last. */
  readonly sights: ById<Sight>
  /** Of zones and fences, as the service counts their changes: what the page holds of an older one, it reads again. */
  readonly zones_revision: number
}

export const NOTHING_YET: Field = {
  sequence: 0,
  clock_s: 0,
  engine_age_s: null,
  incidents: {},
  assets: {},
  flights: {},
  streams: {},
  refusals: [],
  strangers: [],
  traffic: { aircraft: [], problems: [] },
  alarms: [],
  trails: {},
  sights: {},
  zones_revision: 0,
}

const MAX_TRAIL_POINTS = 600
const MAX_REFUSALS = 200
const MAX_ALARMS = 100
/** Movement below this (degrees, about a metre) adds no point to a trail. */
const TRAIL_STEP_DEG = 1e-5

/** What a message does, or `null` when it does not follow the one before: then a new snapshot is needed. */
export function receive(field: Field, message: LiveMessage): Field | null {
  const head = { sequence: message.sequence, clock_s: message.clock_s, engine_age_s: message.engine_age_s }
  if (message.type === 'snapshot') return { ...fromSnapshot(field, message.snapshot), ...head }
  if (field.sequence === 0 || message.sequence !== field.sequence + 1) return null
  return { ...message.changes.reduce(applyChange, field), ...head }
}

/** The state after one change. */
export function applyChange(field: Field, change: Change): Field {
  switch (change.kind) {
    case 'incident':
      return { ...field, incidents: put(field.incidents, change.incident) }
    case 'asset':
      return withTrail({ ...field, assets: put(field.assets, change.asset) }, change.asset.telemetry)
    case 'telemetry': {
      const asset = field.assets[change.telemetry.asset_id]
      // Telemetry of an asset that no snapshot named: the next snapshot brings both.
      if (!asset) return field
      return withTrail({ ...field, assets: put(field.assets, { ...asset, telemetry: change.telemetry }) }, change.telemetry)
    }
    case 'motion': {
      const asset = field.assets[change.asset_id]
      if (!asset) return field
      const telemetry = { ...asset.telemetry, kinematics: change.kinematics, gimbal: change.gimbal }
      return withTrail({ ...field, assets: put(field.assets, { ...asset, telemetry }) }, telemetry)
    }
    case 'sight':
      return { ...field, sights: { ...field.sights, [change.asset_id]: change } }
    case 'flight':
      return { ...field, flights: put(field.flights, change.flight) }
    case 'stream':
      return { ...field, streams: put(field.streams, change.stream) }
    case 'refusal':
      return { ...field, refusals: newestFirst([change.refusal, ...field.refusals]) }
    case 'strangers':
      return { ...field, strangers: change.strangers }
    case 'traffic':
      return { ...field, traffic: change.traffic }
    case 'zones':
      return { ...field, zones_revision: change.revision }
    case 'alarm':
      return { ...field, alarms: latestAlarms([change.alarm, ...field.alarms]) }
  }
}

function fromSnapshot(field: Field, snapshot: Snapshot): Field {
  const base: Field = {
    ...field,
    incidents: byId(snapshot.incidents),
    assets: byId(snapshot.assets),
    flights: byId(snapshot.flights),
    streams: byId(snapshot.streams),
    refusals: newestFirst(snapshot.refusals),
    strangers: snapshot.strangers,
    traffic: snapshot.traffic,
    alarms: latestAlarms(snapshot.alarms),
    zones_revision: snapshot.zones_revision,
  }
  return snapshot.assets.reduce((next, asset) => withTrail(next, asset.telemetry), base)
}

function withTrail(field: Field, telemetry: Telemetry): Field {
  const id = telemetry.asset_id
  const airborne = telemetry.landed !== null && telemetry.landed.value !== 'on_ground'
  const trail = field.trails[id] ?? []
  if (!airborne) return trail.length === 0 || telemetry.armed?.value ? field : { ...field, trails: { ...field.trails, [id]: [] } }
  const here = telemetry.kinematics
  if (!here) return field
  const last = trail.at(-1)
  const moved =
    !last ||
    Math.abs(last[0] - here.longitude_deg) > TRAIL_STEP_DEG ||
    Math.abs(last[1] - here.latitude_deg) > TRAIL_STEP_DEG
  if (!moved) return field
  const longer = [...trail, [here.longitude_deg, here.latitude_deg] as const].slice(-MAX_TRAIL_POINTS)
  return { ...field, trails: { ...field.trails, [id]: longer } }
}

function put<T extends { readonly id: string }>(all: ById<T>, one: T): ById<T> {
  return { ...all, [one.id]: one }
}

function byId<T extends { readonly id: string }>(items: readonly T[]): ById<T> {
  return Object.fromEntries(items.map((item) => [item.id, item]))
}

function newestFirst(refusals: readonly Refusal[]): readonly Refusal[] {
  return Object.values(byId(refusals))
    .sort((a, b) => b.at_s - a.at_s)
    .slice(0, MAX_REFUSALS)
}

/** Of an alarm that was raised again only the first in the list, which is the newest. */
function latestAlarms(alarms: readonly Alarm[]): readonly Alarm[] {
  return Object.values(byId([...alarms].reverse()))
    .sort((a, b) => b.since_s - a.since_s)
    .slice(0, MAX_ALARMS)
}
