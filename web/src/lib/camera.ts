/** The camera's controls: which a camera has, why one cannot be used now, and what a drag in the picture means. */

import { whyNot, type Situation } from './commands'
import type { Asset, CommandOrder, Flight, Stream } from './model'

export interface CameraButton {
  readonly id: 'up' | 'down' | 'left' | 'right' | 'zoom_in' | 'zoom_out' | 'photograph' | 'palette'
  readonly label: string
  /** What the service keeps it under in the answers. */
  readonly said: string
  readonly key: string
  readonly order: CommandOrder
}

/** A step turns the picture by this share of its width. */
const STEP = 0.2
const LARGEST_STEP_DEG = 15
const MOST_TURN_DEG = 45
const WIDE_DEG = 66
const HEIGHT_OVER_WIDTH = 9 / 16

/** Only the controls that this camera has, in their fixed order. */
export function cameraButtons(asset: Asset): CameraButton[] {
  const { camera, gimbal_manager, gimbal } = asset.telemetry
  const step_deg = round(Math.min(LARGEST_STEP_DEG, STEP * (camera?.horizontal_fov_deg ?? WIDE_DEG)))
  const turn = (id: 'up' | 'down' | 'left' | 'right', label: string, key: string, up: number, right: number): CameraButton => ({
    id, label, key, said: `Camera ${id}`, order: { action: 'turn', up_deg: up * step_deg, right_deg: right * step_deg },
  })
  const turns =
    gimbal && gimbal_manager.sentence === ''
      ? [turn('left', '◀', 'A', 0, -1), turn('up', '▲', 'W', 1, 0), turn('down', '▼', 'S', -1, 0), turn('right', '▶', 'D', 0, 1)]
      : []
  if (!camera) return turns
  const zooms: CameraButton[] = camera.can_zoom
    ? [
        { id: 'zoom_out', label: '−', key: '-', said: 'Zoom out', order: { action: 'zoom', step: 'out' } },
        { id: 'zoom_in', label: '+', key: '+', said: 'Zoom in', order: { action: 'zoom', step: 'in' } },
      ]
    : []
  const next = nextPalette(camera.palettes, camera.palette)
  const palettes: CameraButton[] = next
    ? [{ id: 'palette', label: `Heat: ${camera.palette ?? '—'}`, key: 'T', said: `Palette ${next}`, order: { action: 'palette', palette: next } }]
    : []
  const photograph: CameraButton[] = camera.can_photograph
    ? [{ id: 'photograph', label: 'Photo', key: 'K', said: 'Photograph', order: { action: 'photograph' } }]
    : []
  return [...turns, ...zooms, ...palettes, ...photograph]
}

/** Why a control cannot be used now; null when it can. A palette and zooming out aim at nothing. */
export function whyNotCamera(button: CameraButton, situation: Situation, asset: Asset): string | null {
  if (button.id === 'zoom_in' && asset.telemetry.camera?.zoom_fraction === 1) return 'It is at its longest.'
  if (button.id === 'zoom_out' && asset.telemetry.camera?.zoom_fraction === 0) return 'It is at its widest.'
  const reason = whyNot('look', situation)
  const aims = button.id !== 'palette'
  return reason !== null && !aims && situation.flight && situation.connected && !isOverOrDocked(situation.flight) ? null : reason
}

const isOverOrDocked = (flight: Flight): boolean => ['completed', 'aborted', 'preparing'].includes(flight.state)

export function nextPalette(palettes: readonly string[], now: string | null): string | null {
  if (palettes.length < 2) return null
  return palettes[(palettes.indexOf(now ?? '') + 1) % palettes.length] ?? null
}

/** Zoom as people say it: "3.1×", by the fields of view; else its share of the range; "" for a camera without zoom. */
export function zoomWords(asset: Asset | null): string {
  const camera = asset?.telemetry.camera
  if (!camera || !camera.can_zoom) return ''
  if (camera.magnification !== null) return `${camera.magnification.toFixed(1)}×`
  return camera.zoom_fraction === null ? '' : `${Math.round(camera.zoom_fraction * 100)} %`
}

/** A picture that is dragged follows the hand: the camera turns the other way. Null for less than a degree's tenth. */
export function dragTurn(
  moved: { readonly right_px: number; readonly down_px: number },
  size: { readonly width_px: number; readonly height_px: number },
  fov_deg: number | null,
): CommandOrder | null {
  const width_deg = fov_deg ?? WIDE_DEG
  const right_deg = clamp((-moved.right_px / size.width_px) * width_deg)
  const up_deg = clamp((moved.down_px / size.height_px) * width_deg * HEIGHT_OVER_WIDTH)
  if (Math.abs(right_deg) < 0.1 && Math.abs(up_deg) < 0.1) return null
  return { action: 'turn', up_deg, right_deg }
}

/** An aircraft's videos; the first is its main one. */
export function videosOf(streams: readonly Stream[], asset_id: string | null): Stream[] {
  return streams.filter((one) => one.asset_id === asset_id)
}

/** What a video is called among those of its aircraft: "Zoom", "Heat". */
export function videoLabel(stream: Stream, asset: Asset): string {
  return asset.telemetry.camera?.videos.find((one) => one.stream_id === stream.id)?.name ?? stream.name
}

const clamp = (angle_deg: number): number => round(Math.max(-MOST_TURN_DEG, Math.min(MOST_TURN_DEG, angle_deg)))
const round = (value: number): number => Math.round(value * 10) / 10
