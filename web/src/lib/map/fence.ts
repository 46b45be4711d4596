/** The fence on board of one aircraft: its shapes for the map, and what is known of it in words. */

import type { FeatureCollection, Geometry } from 'geojson'
import type { Asset, Fences } from '../model'

/** The shapes of one asset's fence, told apart by `inclusion`. */
export function fenceFeatures(fences: Fences, asset_id: string | null): FeatureCollection {
  return {
    type: 'FeatureCollection',
    features: fences.features
      .filter(({ properties }) => properties.asset_id === asset_id)
      .map(({ geometry, properties }) => ({
        type: 'Feature',
        geometry: geometry as Geometry,
        properties: { inclusion: properties.inclusion },
      })),
  }
}

export interface FenceWords {
  readonly text: string
  /** False when the fence that should be on board was not read back from there. */
  readonly verified: boolean
}

/** Whether the fence that belongs on board is there, and its lid. */
export function fenceWords(fences: Fences, asset: Asset): FenceWords {
  const plan = fences.features.find(({ properties }) => properties.asset_id === asset.id)?.properties
  const { fence, fence_problem } = asset.telemetry
  const why = fence_problem === '' ? '' : `: ${fence_problem}`
  if (!plan) return { text: `No fence could be made for ${asset.name}${why}`, verified: false }
  const lid = plan.max_height_above_takeoff_m === null ? '' : `, lid ${Math.round(plan.max_height_above_takeoff_m)} m above take-off`
  return fence?.digest === plan.digest && fence_problem === ''
    ? { text: `Fence on board ${asset.name}${lid}`, verified: true }
    : { text: `Fence of ${asset.name}${lid}, not verified on board${why}`, verified: false }
}
