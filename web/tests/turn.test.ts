import { describe, expect, it } from 'vitest'

import { isMapsTurn, MAP_WAITS_MS } from '../src/lib/turn'

const opening = { pictureSeen: false, pictureExpected: true, listed_ms: 2000, now_ms: 2100 }

describe('whose turn it is', () => {
  it('is the video’s while a picture is expected', () => {
    expect(isMapsTurn(opening)).toBe(false)
    expect(isMapsTurn({ ...opening, now_ms: 2000 + MAP_WAITS_MS })).toBe(false)
  })

  it('is the map’s once there is a picture, or none to wait for, or the wait was long enough', () => {
    expect(isMapsTurn({ ...opening, pictureSeen: true })).toBe(true)
    expect(isMapsTurn({ ...opening, pictureExpected: false })).toBe(true)
    expect(isMapsTurn({ ...opening, now_ms: 2001 + MAP_WAITS_MS })).toBe(true)
  })

  it('is counted from the list of videos, not from a slow opening, but not waited for without end', () => {
    expect(isMapsTurn({ ...opening, listed_ms: null, now_ms: MAP_WAITS_MS + 1 })).toBe(false)
    expect(isMapsTurn({ ...opening, listed_ms: null, now_ms: 2 * MAP_WAITS_MS + 1 })).toBe(true)
  })
})
