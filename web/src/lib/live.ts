/** The live socket: a snapshot, then changes in sequence; comes back by itself and never shows a gap as the truth. */

import { retryDelayMs } from './ladder'
import type { LiveMessage } from './model'
import { NOTHING_YET, receive, type Field } from './state'

/** A service that is silent for this long is cut off (it speaks at least once a second). */
export const SILENCE_MS = 3000

export interface LiveStatus {
  readonly connected: boolean
  /** Monotonic milliseconds at which the newest message came; null before the first. */
  readonly heard_ms: number | null
  /** Counts the connections that were lost since the page was opened. */
  readonly losses: number
}

/** One connection, once it is being opened; the callbacks are told nothing after `close`. */
export interface Socket {
  close(): void
}

export interface SocketEvents {
  readonly onText: (text: string) => void
  readonly onClose: () => void
}

export interface LiveWorld {
  readonly open: (events: SocketEvents) => Socket
  readonly now_ms: () => number
  readonly after: (run: () => void, delay_ms: number) => () => void
  readonly random: () => number
}

/** Told of every new state, of every change of the connection, and of every attempt that came to nothing. */
export interface LiveListener {
  readonly onField: (field: Field) => void
  readonly onStatus: (status: LiveStatus) => void
  /** A connection was lost or not made; whoever listens may ask whether the session still holds. */
  readonly onTrouble: () => void
}

export class LiveFeed {
  private field: Field = NOTHING_YET
  private socket: Socket | null = null
  /** Counts connections: what an older one still says is not listened to. */
  private turn = 0
  private attempt = 0
  private status: LiveStatus = { connected: false, heard_ms: null, losses: 0 }
  private cancelSilence: () => void = () => {}
  private cancelRetry: () => void = () => {}

  constructor(
    private readonly listener: LiveListener,
    private readonly world: LiveWorld,
  ) {
    this.connect()
  }

  /** Leaves for good. */
  close(): void {
    this.cancelRetry()
    this.drop()
  }

  private connect(): void {
    const turn = ++this.turn
    this.socket = this.world.open({
      onText: (text) => {
        if (turn === this.turn) this.take(text)
      },
      onClose: () => {
        if (turn === this.turn) this.lost()
      },
    })
    this.watchSilence()
  }

  private take(text: string): void {
    const next = receive(this.field, JSON.parse(text) as LiveMessage)
    // A gap: what is shown would be wrong, so start again from a snapshot.
    if (next === null) return this.lost()
    this.attempt = 0
    this.watchSilence()
    this.field = next
    this.tell({ ...this.status, connected: true, heard_ms: this.world.now_ms() })
    this.listener.onField(next)
  }

  private watchSilence(): void {
    this.cancelSilence()
    this.cancelSilence = this.world.after(() => this.lost(), SILENCE_MS)
  }

  private lost(): void {
    this.drop()
    if (this.status.connected) this.tell({ ...this.status, connected: false, losses: this.status.losses + 1 })
    this.listener.onTrouble()
    this.cancelRetry = this.world.after(() => this.connect(), retryDelayMs(this.attempt, this.world.random()))
    this.attempt += 1
  }

  private drop(): void {
    this.turn += 1
    this.cancelSilence()
    this.socket?.close()
    this.socket = null
  }

  private tell(status: LiveStatus): void {
    this.status = status
    this.listener.onStatus(status)
  }
}
