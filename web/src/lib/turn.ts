/** Whose turn it is while a page opens: video first, then the map, which is large and slow to draw in software. */

/** The map waits this long for the first picture, counted from when the page knows which videos there are. */
export const MAP_WAITS_MS = 1500

export interface Opening {
  readonly pictureSeen: boolean
  /** Whether any video that the page shows could give a picture now. */
  readonly pictureExpected: boolean
  /** When the first list of videos came; null before. */
  readonly listed_ms: number | null
  readonly now_ms: number
}

/** Whether the map may load and draw. Without any answer from the service it does so in the end, to say so. */
export function isMapsTurn({ pictureSeen, pictureExpected, listed_ms, now_ms }: Opening): boolean {
  if (pictureSeen) return true
  if (listed_ms === null) return now_ms > 2 * MAP_WAITS_MS
  return !pictureExpected || now_ms - listed_ms > MAP_WAITS_MS
}
