import { describe, expect, it } from 'vitest'
import { cameraButtons, dragTurn, nextPalette, whyNotCamera, zoomWords } from '../src/lib/camera'
import type { Situation } from '../src/lib/commands'
import { lookFeatures } from '../src/lib/map/features'
import { applyChange, NOTHING_YET } from '../src/lib/state'
import { asset, camera, flight, telemetry } from './things'

const equipped = (changes = {}) => asset('sky-1', { telemetry: telemetry('sky-1', { camera: camera(changes) }) })
const situation = (state: 'on_scene' | 'en_route'): Situation => ({ flight: flight('f', { state }), roles: ['pilot'], connected: true })
const named = (one: ReturnType<typeof asset>) => cameraButtons(one).map((button) => button.id)

describe('the camera controls', () => {
  it('are those that the camera has', () => {
    expect(named(equipped())).toEqual(['left', 'up', 'down', 'right', 'zoom_out', 'zoom_in', 'palette', 'photograph'])
    expect(named(equipped({ can_zoom: false, palettes: ['White hot'], can_photograph: false }))).toEqual(['left', 'up', 'down', 'right'])
    expect(named(asset('sky-1', { telemetry: telemetry('sky-1', { gimbal: null }) }))).toEqual([])
  })

  it('say why not, except for what aims at nothing', () => {
    const one = equipped()
    const reasons = (state: 'on_scene' | 'en_route') =>
      Object.fromEntries(cameraButtons(one).map((button) => [button.id, whyNotCamera(button, situation(state), one)]))
    expect(reasons('en_route')).toMatchObject({ up: 'Horizon until on scene.', zoom_in: 'Horizon until on scene.', palette: null, photograph: 'Horizon until on scene.' })
    expect(reasons('on_scene')).toMatchObject({ up: null, zoom_in: null, zoom_out: 'It is at its widest.', photograph: null })
  })

  it('turn in smaller steps when zoomed in', () => {
    const step = (fov_deg: number) => cameraButtons(equipped({ horizontal_fov_deg: fov_deg })).find((button) => button.id === 'up')?.order
    expect(step(66)).toEqual({ action: 'turn', up_deg: 13.2, right_deg: 0 })
    expect(step(10)).toEqual({ action: 'turn', up_deg: 2, right_deg: 0 })
  })

  it('go round the palettes', () => {
    expect(nextPalette(['a', 'b'], 'b')).toBe('a')
    expect(nextPalette(['a', 'b'], null)).toBe('a')
    expect(nextPalette(['a'], 'a')).toBeNull()
  })

  it('say the zoom as a magnification where it is known', () => {
    expect(zoomWords(equipped({ magnification: 3.14 }))).toBe('3.1×')
    expect(zoomWords(equipped({ magnification: null, zoom_fraction: 0.4 }))).toBe('40 %')
    expect(zoomWords(equipped({ can_zoom: false }))).toBe('')
    expect(zoomWords(null)).toBe('')
  })

  it('let the picture follow the hand', () => {
    const size = { width_px: 800, height_px: 450 }
    expect(dragTurn({ right_px: 200, down_px: 0 }, size, 40)).toEqual({ action: 'turn', up_deg: 0, right_deg: -10 })
    expect(dragTurn({ right_px: 0, down_px: 45 }, size, 64)).toEqual({ action: 'turn', up_deg: 3.6, right_deg: -0 })
    expect(dragTurn({ right_px: 800, down_px: 0 }, size, 66)).toMatchObject({ right_deg: -45 })
    expect(dragTurn({ right_px: 0.2, down_px: 0 }, size, 66)).toBeNull()
  })
})

describe('where the camera looks on the map', () => {
  const corner = (latitude_deg: number, longitude_deg: number) => ({ latitude_deg, longitude_deg })
  const outline = [corner(32, -111), corner(32, -110.9), corner(32.1, -110.9), corner(32.1, -111)]
  const seen = { kind: 'sight' as const, asset_id: 'a', at_s: 1000, center: corner(32.05, -110.95), outline, error_m: 6 }

  it('is the outline while it is fresh, and looks old when it is', () => {
    const field = applyChange({ ...NOTHING_YET, assets: { a: asset('a') } }, seen)
    const fresh = lookFeatures(field.assets, field.sights, 1001).features
    expect(fresh.map((one) => one.geometry.type)).toEqual(['Polygon', 'LineString'])
    expect(fresh[0]?.properties).toMatchObject({ old: false })
    expect(lookFeatures(field.assets, field.sights, 1010).features[0]?.properties).toMatchObject({ old: true })
  })
})
