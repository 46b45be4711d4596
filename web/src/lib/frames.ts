/** Is the picture live? Told from the count of frames that were shown, never from the connection's own word. */

/** Without a new frame for this long the picture counts as stopped (well under the two seconds promised). */
export const STOPPED_AFTER_MS = 1200
/** When the service itself says that the source stopped, this is enough. */
export const STOPPED_AFTER_WITH_WORD_MS = 400

export type Picture = 'none' | 'live' | 'stopped'

/** Watches one video's frame counter. Times are milliseconds of one monotonic clock. */
export class FrameWatch {
  private count = 0
  private last_ms: number | null = null

  /** Tells the counter's present value. A counter that went back (a new track) is no new picture before it moves
   * again; nor is what a browser counts without a connection: it shows a black frame when a track ends. */
  note(count: number, now_ms: number, connected: boolean): void {
    if (connected && count > this.count) this.last_ms = now_ms
    this.count = count
  }

  /** Milliseconds since a frame was last seen to be new; null before the first. */
  age_ms(now_ms: number): number | null {
    return this.last_ms === null ? null : now_ms - this.last_ms
  }

  /** `sourceSaysLive` is what the service says of the stream. */
  picture(now_ms: number, sourceSaysLive: boolean): Picture {
    const age_ms = this.age_ms(now_ms)
    if (age_ms === null) return 'none'
    return age_ms > (sourceSaysLive ? STOPPED_AFTER_MS : STOPPED_AFTER_WITH_WORD_MS) ? 'stopped' : 'live'
  }
}
