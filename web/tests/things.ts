/** Examples for tests: whole, valid things whose fields a test may change. */

import type { Alarm, Asset, Camera, Check, Flight, Incident, Refusal, Snapshot, Stream, Telemetry } from '../src/lib/model'

export function telemetry(asset_id: string, changes: Partial<Telemetry> = {}): Telemetry {
  return {
    asset_id,
    link: 'online',
    link_changed_s: 100,
    kinematics: {
      at_s: 1000,
      latitude_deg: 32.22,
      longitude_deg: -110.92,
      altitude_amsl_m: 800,
      height_above_takeoff_m: 60,
      north_mps: 0,
      east_mps: 0,
      down_mps: 0,
      ground_speed_mps: 0,
      heading_deg: 90,
    },
    mode: { at_s: 1000, value: 'hold' },
    armed: { at_s: 1000, value: true },
    landed: { at_s: 1000, value: 'in_air' },
    battery: { at_s: 1000, remaining_fraction: 0.8, voltage_v: 15.5 },
    gimbal: { at_s: 1000, pitch_deg: -45, yaw_deg: 90 },
    gimbal_manager: { control: 'ours', controller: 'this service', pitch_min_deg: -90, pitch_max_deg: 30, sentence: '' },
    camera: null,
    photographs: 0,
    home: null,
    health: null,
    satellites: null,
    remote_id: { state: 'unknown', sentence: 'No Remote ID module has been heard.', since_s: null },
    fence: null,
    fence_problem: '',
    texts: [],
    ...changes,
  }
}

export function camera(changes: Partial<Camera> = {}): Camera {
  return {
    name: 'Acme',
    can_zoom: true,
    can_photograph: true,
    palettes: ['White hot', 'Lava'],
    palette: 'White hot',
    zoom_fraction: 0,
    magnification: 1,
    horizontal_fov_deg: 66,
    storage_left_mb: 1000,
    photographs: 0,
    videos: [],
    sentence: '',
    ...changes,
  }
}

export function asset(id: string, changes: Partial<Asset> = {}): Asset {
  return {
    id,
    name: id.toUpperCase(),
    system_id: 1,
    dock: { id: `dock-${id}`, name: `Dock ${id}`, place: { latitude_deg: 32.22, longitude_deg: -110.93, altitude_amsl_m: 740 } },
    airframe: { name: 'x', cruise_mps: 12, climb_mps: 4, descent_mps: 2, endurance_s: 1200, reserve_fraction: 0.2 },
    readiness: 'ready',
    sentences: [],
    progress: [],
    flight_id: null,
    checks: [],
    endurance: null,
    telemetry: telemetry(id),
    ...changes,
  }
}

export function check(name: string, changes: Partial<Check> = {}): Check {
  return { name, value: 'found', limit: 'at most', state: 'passed', sentence: '', blocks: false, ...changes }
}

export function flight(id: string, changes: Partial<Flight> = {}): Flight {
  return {
    id,
    incident_id: 'incident',
    asset_id: 'sky-1',
    state: 'on_scene',
    state_since_s: 990,
    sentence: '',
    decision: { rule: 'r', sentence: 's', requested_by: 'policy', candidates: [] },
    scene: { latitude_deg: 32.23, longitude_deg: -110.91 },
    route: [
      { latitude_deg: 32.22, longitude_deg: -110.93, altitude_amsl_m: 800 },
      { latitude_deg: 32.225, longitude_deg: -110.92, altitude_amsl_m: 800 },
      { latitude_deg: 32.229, longitude_deg: -110.911, altitude_amsl_m: 800 },
    ],
    leg: 1,
    look_at: null,
    activity: 'hold',
    regime: null,
    times: { requested_s: 900, takeoff_sent_s: 901, airborne_s: 915, on_scene_s: 960, camera_on_scene_s: null, returning_s: null, landed_s: null, ended_s: null },
    ...changes,
  }
}

export function incident(id: string, changes: Partial<Incident> = {}): Incident {
  return {
    id,
    source: 'cad',
    source_id: id,
    type: 'ROBBERY',
    priority: 2,
    source_priority: '2',
    position: { latitude_deg: 32.23, longitude_deg: -110.91 },
    uncertainty_m: null,
    address: '',
    description: '',
    state: 'open',
    note: '',
    received_s: 899,
    updated_s: 899,
    source_updated_s: null,
    ...changes,
  }
}

export function stream(id: string, changes: Partial<Stream> = {}): Stream {
  return {
    id,
    asset_id: id,
    name: id,
    state: 'live',
    sentence: '',
    changed_s: 900,
    viewers: 0,
    width_px: null,
    height_px: null,
    frames_per_second: null,
    last_frame_s: null,
    whep_path: `/api/v1/streams/${id}/whep`,
    ...changes,
  }
}

export function refusal(id: string, at_s: number): Refusal {
  return { id, at_s, subject: 'command', title: 'Not cleared', sentences: ['No.'], requested_by: 'pilot', incident_id: null, flight_id: null, asset_id: null }
}

export function alarm(id: string, changes: Partial<Alarm> = {}): Alarm {
  return { id, severity: 'warning', sentence: 'Look.', since_s: 950, asset_id: null, flight_id: null, stream_id: null, ...changes }
}

export function snapshot(changes: Partial<Snapshot> = {}): Snapshot {
  return { clock_s: 1000, incidents: [], assets: [], flights: [], streams: [], refusals: [], strangers: [], alarms: [], traffic: { aircraft: [], problems: [] }, zones_revision: 1, ...changes }
}
