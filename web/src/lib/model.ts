/** The service's nouns by short names; the shapes come from its OpenAPI document. */

import type { components } from '../generated/api'

type Schemas = components['schemas']

export type Incident = Schemas['Incident']
export type Asset = Schemas['Asset']
export type Check = Schemas['Check']
export type Telemetry = Schemas['Telemetry']
export type Kinematics = Schemas['Kinematics']
export type Flight = Schemas['Flight']
export type FlightState = Schemas['FlightState']
export type Candidate = Schemas['Candidate']
export type Stream = Schemas['Stream']
export type Refusal = Schemas['Refusal']
export type Camera = NonNullable<Telemetry['camera']>
export type FlightReport = Schemas['FlightReport']
export type Sight = Schemas['SightChanged']
export type Alarm = Schemas['Alarm']
export type Traffic = Schemas['Traffic']
export type Intruder = Schemas['Intruder']
export type Stranger = Schemas['Stranger']
export type Site = Schemas['Site']
export type Session = Schemas['Session']
export type Role = Session['roles'][number]
export type Zones = Schemas['ZoneCollection']
export type Zone = Schemas['ZoneFeature']
export type TemporaryZone = Schemas['TemporaryZone']
export type TemporaryZoneOrder = Schemas['TemporaryZoneOrder']
export type Fences = Schemas['FenceCollection']
export type Basemap = Schemas['BasemapCollection']
export type Snapshot = Schemas['Snapshot']
export type Change = Schemas['ChangeMessage']['changes'][number]
export type LiveMessage = Schemas['SnapshotMessage'] | Schemas['ChangeMessage']
export type CommandAccepted = Schemas['CommandAccepted']

export type Place =
  | { kind: 'position'; latitude_deg: number; longitude_deg: number }
  | { kind: 'horizon' }
  | { kind: 'scene' }

/** What the console asks of a flight; fields that are left out leave it to the service. */
export type CommandOrder =
  | { action: 'hold' | 'resume' | 'return' | 'orbit' }
  | { action: 'move'; to: Extract<Place, { kind: 'position' }> }
  | {
      action: 'fly'
      /** Another one for every touch of the stick; within it each word has a greater `sequence`. */
      hold_id: string
      sequence: number
      forward_mps: number
      right_mps: number
      up_mps: number
      turn_degps: number
      released: boolean
    }
  | { action: 'look'; at: Place }
  | { action: 'turn'; up_deg: number; right_deg: number }
  | { action: 'zoom'; step: 'in' | 'out' }
  | { action: 'palette'; palette: string }
  | { action: 'photograph' }
