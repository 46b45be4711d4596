/** What a page holds: the state of the field, the connection, the session and one clock that everything ages by. */

import { api, Refused } from './api'
import { LiveFeed, type LiveStatus, type Socket, type SocketEvents } from './live'
import type { Basemap, Fences, Role, Session, Site, Zones } from './model'
import { NOTHING_YET, type Field } from './state'

const TICK_MS = 250

function openSocket({ onText, onClose }: SocketEvents): Socket {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
  const socket = new WebSocket(`${scheme}://${location.host}/api/v1/live`)
  socket.onmessage = (event: MessageEvent<string>) => onText(event.data)
  socket.onclose = onClose
  return socket
}

export class App {
  field: Field = $state.raw(NOTHING_YET)
  status: LiveStatus = $state.raw({ connected: false, heard_ms: null, losses: 0 })
  session: Session | null = $state.raw(null)
  site: Site | null = $state.raw(null)
  zones: Zones | null = $state.raw(null)
  fences: Fences | null = $state.raw(null)
  basemap: Basemap | null = $state.raw(null)
  /** When the first snapshot came; null before. */
  listed_ms: number | null = $state(null)
  /** True once the service has said that nobody is signed in here any more. */
  signedOut = $state(false)
  /** Monotonic milliseconds, four times a second. */
  now_ms = $state(performance.now())
  /** The service's clock now, UTC seconds, carried on from its newest message. */
  readonly clock_s = $derived(
    this.status.heard_ms === null ? 0 : this.field.clock_s + (this.now_ms - this.status.heard_ms) / 1000,
  )
  readonly timeZone = $derived(this.site?.time_zone ?? 'UTC')
  readonly roles: readonly Role[] = $derived(this.session?.roles ?? [])
  /** Seconds since the newest message; null before the first. */
  readonly silence_s = $derived(this.status.heard_ms === null ? null : (this.now_ms - this.status.heard_ms) / 1000)
  readonly lost = $derived(this.signedOut || (!this.status.connected && (this.status.heard_ms !== null || this.now_ms > 4000)))

  private readonly opened_ms = performance.now()

  constructor() {
    new LiveFeed(
      {
        onField: (field) => {
          const changed = field.zones_revision !== this.field.zones_revision
          this.field = field
          this.listed_ms ??= performance.now()
          if (changed && this.zones) this.loadZones()
        },
        onStatus: (status) => (this.status = status),
        onTrouble: () => void this.checkSession(),
      },
      {
        open: openSocket,
        now_ms: () => performance.now(),
        after: (run, delay_ms) => {
          const timer = setTimeout(run, delay_ms)
          return () => clearTimeout(timer)
        },
        random: Math.random,
      },
    )
    setInterval(() => (this.now_ms = performance.now()), TICK_MS)
    void this.checkSession()
    void this.load('site', async () => (this.site = await api.site()))
  }

  /** What the map draws: asked for when it is the map's turn, as it is large. */
  loadMap(): void {
    this.loadZones()
    void this.load('basemap', async () => (this.basemap = await api.basemap()))
  }

  /** Again whenever the service says that they have changed. */
  private loadZones(): void {
    void this.load('zones', async () => (this.zones = await api.zones()))
    void this.load('fences', async () => (this.fences = await api.fences()))
  }

  /** Seconds for which the page has waited for its first message. */
  get waited_s(): number {
    return (this.now_ms - this.opened_ms) / 1000
  }

  private async checkSession(): Promise<void> {
    try {
      this.session = await api.session()
      this.signedOut = false
    } catch (error) {
      if (error instanceof Refused && error.status === 401) this.signedOut = true
    }
  }

  /** Tries until it works: a page that was opened while the service started must not stay without its map. */
  private async load(name: string, run: () => Promise<unknown>, attempt = 0): Promise<void> {
    try {
      await run()
    } catch (error) {
      if (attempt === 5) console.warn(`The ${name} could not be loaded yet; trying on.`, error)
      setTimeout(() => void this.load(name, run, attempt + 1), Math.min(1000 * (attempt + 1), 5000))
    }
  }
}
