/** MapLibre, kept cheap: it draws when data or the view changed and never otherwise. */

import 'maplibre-gl/dist/maplibre-gl.css'
import type { FeatureCollection } from 'geojson'
import { GeoJSONSource, Map as MapLibre, ScaleControl, setWorkerCount, setWorkerUrl } from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url'
import type { LatLon } from '../geo'
import { icons } from './icons'
import { FONT, mapStyle, type SourceName } from './style'

setWorkerUrl(new URL(workerUrl, location.href).href)
setWorkerCount(1)

export type Bounds = readonly [west: number, south: number, east: number, north: number]

/** At the top lies the legend. */
const PADDING_PX = { top: 76, right: 48, bottom: 48, left: 48 }
/** Less than any padding: a map that was just fitted need not follow. */
const MARGIN_PX = 32

export class FieldMap {
  private readonly map: MapLibre
  private readonly shown = new Map<SourceName, FeatureCollection>()
  private loaded = false

  /** Makes the map in `container`; `onClick` gets each place that is clicked, `onProblem` a sentence if it cannot start. */
  static async create(
    container: HTMLElement,
    bounds: Bounds,
    onClick: (place: LatLon) => void,
    onProblem: (sentence: string) => void,
  ): Promise<FieldMap> {
    // Labels are drawn with the page's font, so it has to be there before the first label is.
    await document.fonts.load(`16px "${FONT}"`).catch(() => [])
    return new FieldMap(container, bounds, onClick, onProblem)
  }

  private constructor(
    container: HTMLElement,
    bounds: Bounds,
    onClick: (place: LatLon) => void,
    onProblem: (sentence: string) => void,
  ) {
    this.map = new MapLibre({
      container,
      style: mapStyle(),
      bounds: [bounds[0], bounds[1], bounds[2], bounds[3]],
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      maxPitch: 0,
      fadeDuration: 0,
      renderWorldCopies: false,
      refreshExpiredTiles: false,
      minZoom: 8,
      maxZoom: 19,
      keyboard: true,
      canvasContextAttributes: { antialias: false, powerPreference: 'low-power' },
    })
    this.map.touchZoomRotate.disableRotation()
    this.map.addControl(new ScaleControl({ unit: 'metric' }), 'bottom-left')
    this.map.getCanvas().setAttribute('aria-label', 'Map: arrow keys move it, plus and minus zoom')
    this.map.on('click', (event) => onClick({ latitude_deg: event.lngLat.lat, longitude_deg: event.lngLat.lng }))
    this.map.on('load', () => this.start())
    this.map.on('error', (event) => {
      console.error(`The map could not draw: ${event.error.message}`)
      if (!this.loaded) onProblem('The map could not be started. Reload the page once the service is back.')
    })
  }

  /** Replaces what a source shows; the same object again costs nothing. */
  show(name: SourceName, data: FeatureCollection): void {
    if (this.shown.get(name) === data) return
    this.shown.set(name, data)
    if (this.loaded) this.write(name, data)
  }

  /** Moves so that `bounds` is in view. */
  fit(bounds: Bounds, maxZoom: number): void {
    this.map.fitBounds([bounds[0], bounds[1], bounds[2], bounds[3]], { padding: PADDING_PX, maxZoom, animate: false })
  }

  /** Whether `place` lies well inside the view; what was fitted does. */
  sees(place: LatLon): boolean {
    const { clientWidth: width, clientHeight: height } = this.map.getContainer()
    const point = this.map.project([place.longitude_deg, place.latitude_deg])
    return point.x > MARGIN_PX && point.x < width - MARGIN_PX && point.y > MARGIN_PX && point.y < height - MARGIN_PX
  }

  /** Moves the middle to `place`, without animation (each frame costs). */
  center(place: LatLon): void {
    this.map.jumpTo({ center: [place.longitude_deg, place.latitude_deg] })
  }

  /** The place in the middle of the view. */
  middle(): LatLon {
    const { lat, lng } = this.map.getCenter()
    return { latitude_deg: lat, longitude_deg: lng }
  }

  /** Called when the user moved the map by hand. */
  onMoved(run: () => void): void {
    this.map.on('movestart', (event) => {
      if ('originalEvent' in event && event.originalEvent) run()
    })
  }

  cursor(name: 'crosshair' | ''): void {
    this.map.getCanvas().style.cursor = name
  }

  remove(): void {
    this.map.remove()
  }

  private start(): void {
    for (const [name, image] of Object.entries(icons())) this.map.addImage(name, image, { pixelRatio: 2 })
    this.loaded = true
    for (const [name, data] of this.shown) this.write(name, data)
    this.map.getContainer().dataset['mapReady'] = 'true'
  }

  private write(name: SourceName, data: FeatureCollection): void {
    const source = this.map.getSource(name)
    if (source instanceof GeoJSONSource) source.setData(data)
  }
}
