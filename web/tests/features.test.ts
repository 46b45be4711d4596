import { describe, expect, it } from 'vitest'
import { basemapFeatures, ceilingNotes, droneFeatures, incidentFeatures, lookFeatures, routeFeatures, uncertaintyFeatures, zoneFeatures, zoneLabel } from '../src/lib/map/features'
import { clock } from '../src/lib/format'
import { zonesAt } from '../src/lib/places'
import { mapStyle, SOURCES } from '../src/lib/map/style'
import type { Zone, Zones } from '../src/lib/model'
import { asset, flight, incident, telemetry } from './things'

const square = (west: number, south: number, east: number, north: number): number[][] => [
  [west, south], [east, south], [east, north], [west, north], [west, south],
]
const zone = (id: string, properties: Partial<Zone['properties']>, rings = [square(-111, 32, -110.8, 32.3)]): Zone => ({
  type: 'Feature',
  id,
  geometry: { type: 'Polygon', coordinates: rings },
  properties: {
    name: id, kind: 'ceiling', bottom: null, top: null, source: '', authority: '', note: '', times: 'always', in_force: true, ends_s: null, incident_id: null,
    ...properties,
  },
})
const zones = (...features: Zone[]): Zones => ({ type: 'FeatureCollection', features })

describe('zones on the map', () => {
  it('writes ceilings in feet, other datums by name, and a cell of zero as zero', () => {
    const top = (value_m: number, datum: 'agl' | 'amsl') => ({ value_m, datum, text: '' })
    expect(zoneLabel(zone('a', { top: top(91.44, 'agl') }))).toBe('300 ft')
    expect(zoneLabel(zone('a', { top: top(91.44, 'amsl') }))).toBe('300 ft amsl')
    expect(zoneLabel(zone('a', { kind: 'no_fly', source: 'FAA UAS Facility Map' }))).toBe('0 ft')
    expect(zoneLabel(zone('School', { kind: 'privacy' }))).toBe('School')
  })

  it('notes once that the ceilings are synthetic', () => {
    const note = 'SYNTHETIC: not FAA data, not for flight'
    expect(ceilingNotes(zones(zone('a', { note }), zone('b', { note }), zone('c', { kind: 'privacy', note: 'x' })))).toEqual([`Ceilings: ${note}`])
  })

  it('finds the zones at a place, holes left out, what forbids most first', () => {
    const all = zones(
      zone('area', { kind: 'operating_area' }),
      zone('ring', { kind: 'privacy' }, [square(-111, 32, -110.8, 32.3), square(-110.95, 32.1, -110.85, 32.2)]),
      zone('helipad', { kind: 'no_fly' }, [square(-110.95, 32.1, -110.85, 32.2)]),
    )
    const names = (latitude_deg: number, longitude_deg: number): string[] => zonesAt(all, { latitude_deg, longitude_deg }).map((one) => one.id)
    expect(names(32.15, -110.9)).toEqual(['helipad', 'area'])
    expect(names(32.25, -110.9)).toEqual(['ring', 'area'])
    expect(names(40, -110.9)).toEqual([])
  })

  it('draws what does not hold now apart, and says until when a temporary zone does', () => {
    const later = zone('Night', { kind: 'no_fly', in_force: false, times: 'every day 22:00 to 06:00 (America/Phoenix)' })
    const fire = zone('Fire', { kind: 'temporary', ends_s: 1_795_900_000 })
    const made = zoneFeatures(zones(later, fire), 'America/Phoenix').features.filter((one) => one.geometry.type === 'Point')
    expect(made.map((one) => one.properties)).toEqual([
      { kind: 'not_now', label: 'Night' },
      { kind: 'temporary', label: `Fire, until ${clock(1_795_900_000, 'America/Phoenix').slice(0, 5)}` },
    ])
  })

  it('gives each zone one label', () => {
    const { features } = zoneFeatures(zones(zone('a', {})), 'UTC')
    expect(features.map((one) => one.geometry.type)).toEqual(['Polygon', 'Point'])
  })
})

describe('things on the map', () => {
  it('takes the class of a base map for its kind', () => {
    const made = basemapFeatures({
      type: 'FeatureCollection',
      features: [{ type: 'Feature', geometry: { type: 'Point', coordinates: [0, 0] }, properties: { kind: '', name: null, height_m: null, class: 'river' } }],
    })
    expect(made.features[0]?.properties?.['kind']).toBe('river')
  })

  it('shows where the caller may be only when that is known and still matters', () => {
    const circles = uncertaintyFeatures({
      a: incident('a', { uncertainty_m: 60 }),
      b: incident('b'),
      c: incident('c', { uncertainty_m: 60, state: 'cancelled' }),
      d: incident('d', { uncertainty_m: 60, position: null }),
    })
    expect(circles.features).toHaveLength(1)
    expect(incidentFeatures({ d: incident('d', { position: null }) }).features).toHaveLength(0)
  })

  it('greys a drone whose position is old and says how old', () => {
    const properties = (clock_s: number) => droneFeatures({ a: asset('a') }, [], null, clock_s).features[0]?.properties
    expect(properties(1001)).toMatchObject({ label: 'A', opacity: 1 })
    expect(properties(1010)).toMatchObject({ label: 'A · 10 s old', opacity: 0.45 })
  })

  it('draws no route of a flight that is over, and the flown part apart', () => {
    expect(routeFeatures({ f: flight('f', { state: 'completed' }) }, {}).features).toHaveLength(0)
    const parts = routeFeatures({ f: flight('f', { state: 'en_route', leg: 2 }) }, {}).features.map((one) => one.properties?.['flown'])
    expect(parts).toEqual([true, false])
  })

  it('draws a move on the scene from where the aircraft is', () => {
    const moving = flight('f', { activity: 'move' })
    const drawn = routeFeatures({ f: moving }, { 'sky-1': asset('sky-1') }).features
    expect(drawn.map((one) => one.geometry)).toEqual([{ type: 'LineString', coordinates: [[-110.92, 32.22], [-110.911, 32.229]] }])
  })

  it('draws a look only in the air', () => {
    expect(lookFeatures({ a: asset('a') }).features).toHaveLength(1)
    const landed = telemetry('a', { landed: { at_s: 1, value: 'on_ground' } })
    expect(lookFeatures({ a: asset('a', { telemetry: landed }) }).features).toHaveLength(0)
  })

  it('has a layer for every source, and fetches nothing', () => {
    const style = mapStyle()
    for (const name of SOURCES) expect(style.layers.some((layer) => 'source' in layer && layer.source === name)).toBe(true)
    expect(JSON.stringify(style)).not.toMatch(/https?:/)
    expect(style.glyphs).toBeUndefined()
    expect(style.sprite).toBeUndefined()
  })
})
