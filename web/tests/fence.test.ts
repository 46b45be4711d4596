import { describe, expect, it } from 'vitest'
import { fenceFeatures, fenceWords } from '../src/lib/map/fence'
import type { Fences } from '../src/lib/model'
import { asset, telemetry } from './things'

const shape = (asset_id: string, inclusion: boolean, max_height_above_takeoff_m: number | null = 54): Fences['features'][number] => ({
  type: 'Feature',
  geometry: { type: 'Polygon', coordinates: [[[-111, 32], [-110.8, 32], [-110.8, 32.3], [-111, 32]]] },
  properties: { asset_id, inclusion, max_height_above_takeoff_m, digest: `of ${asset_id}` },
})
const fences: Fences = { type: 'FeatureCollection', features: [shape('sky-1', true), shape('sky-1', false), shape('sky-2', true, null)] }
const said = (id: string, digest: string | null, fence_problem = '') =>
  fenceWords(fences, asset(id, { telemetry: telemetry(id, { fence: digest === null ? null : { digest, verified_s: 990 }, fence_problem }) }))

describe('the fence on board', () => {
  it('shows the shapes of one aircraft alone', () => {
    expect(fenceFeatures(fences, 'sky-1').features.map((one) => one.properties)).toEqual([{ inclusion: true }, { inclusion: false }])
    expect(fenceFeatures(fences, null).features).toEqual([])
  })

  it('is said to be on board only when the very same was read back', () => {
    expect(said('sky-1', 'of sky-1')).toEqual({ text: 'Fence on board SKY-1, lid 54 m above take-off', verified: true })
    expect(said('sky-2', 'of sky-2').text).toBe('Fence on board SKY-2')
    expect(said('sky-1', null)).toEqual({ text: 'Fence of SKY-1, lid 54 m above take-off, not verified on board', verified: false })
    expect(said('sky-1', 'another').verified).toBe(false)
    expect(said('sky-1', 'of sky-1', 'It was lost.').text).toBe('Fence of SKY-1, lid 54 m above take-off, not verified on board: It was lost.')
  })

  it('says when there can be none', () => {
    expect(said('sky-3', null, 'The dock is in a no-fly zone.').text).toBe('No fence could be made for SKY-3: The dock is in a no-fly zone.')
  })
})
