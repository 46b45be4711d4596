import { describe, expect, it } from 'vitest'
import { LiveFeed, SILENCE_MS, type LiveStatus, type SocketEvents } from '../src/lib/live'
import type { Field } from '../src/lib/state'
import { incident, snapshot } from './things'

/** A world whose sockets and time the test moves by hand. */
function world() {
  let now = 0
  let timers: { at: number; run: () => void }[] = []
  const sockets: (SocketEvents & { closed: boolean })[] = []
  const seen = { fields: [] as Field[], status: null as LiveStatus | null, troubles: 0 }
  const feed = new LiveFeed(
    { onField: (field) => seen.fields.push(field), onStatus: (status) => (seen.status = status), onTrouble: () => (seen.troubles += 1) },
    {
      open: (events) => {
        const socket = { ...events, closed: false }
        sockets.push(socket)
        return { close: () => (socket.closed = true) }
      },
      now_ms: () => now,
      after: (run, delay_ms) => {
        const timer = { at: now + delay_ms, run }
        timers.push(timer)
        return () => (timers = timers.filter((one) => one !== timer))
      },
      random: () => 0.5,
    },
  )
  const advance = (milliseconds: number): void => {
    const end = now + milliseconds
    for (;;) {
      const next = timers.filter((one) => one.at <= end).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      timers = timers.filter((one) => one !== next)
      now = next.at
      next.run()
    }
    now = end
  }
  const say = (message: object): void => sockets.at(-1)!.onText(JSON.stringify({ clock_s: 1, engine_age_s: 0, ...message }))
  const sayFirst = (): void => say({ type: 'snapshot', sequence: 1, dropped: 0, snapshot: snapshot({ incidents: [incident('a')] }) })
  return { feed, sockets, seen, advance, say, sayFirst, timers: () => timers.length }
}

describe('the live socket', () => {
  it('is connected from its first snapshot on', () => {
    const w = world()
    expect(w.seen.status).toBeNull()
    w.sayFirst()
    expect(w.seen.status?.connected).toBe(true)
    expect(w.seen.fields).toHaveLength(1)
  })

  it('comes back by itself after a loss and keeps showing what it knew until then', () => {
    const w = world()
    w.sayFirst()
    w.sockets[0]!.onClose()
    expect(w.seen.status?.connected).toBe(false)
    w.advance(250)
    expect(w.sockets).toHaveLength(2)
    expect(w.seen.fields.at(-1)?.incidents['a']).toBeDefined()
    w.sayFirst()
    expect(w.seen.status).toMatchObject({ connected: true, losses: 1 })
  })

  it('cuts off a service that is silent', () => {
    const w = world()
    w.sayFirst()
    w.advance(SILENCE_MS - 1)
    expect(w.seen.status?.connected).toBe(true)
    w.advance(1)
    expect(w.seen.status?.connected).toBe(false)
    expect(w.sockets[0]!.closed).toBe(true)
  })

  it('asks for a new snapshot when a message is missing', () => {
    const w = world()
    w.sayFirst()
    w.say({ type: 'change', sequence: 3, changes: [] })
    expect(w.seen.status?.connected).toBe(false)
    w.advance(250)
    expect(w.sockets).toHaveLength(2)
  })

  it('does not listen to an old connection any more', () => {
    const w = world()
    w.sayFirst()
    w.sockets[0]!.onClose()
    const before = w.seen.fields.length
    w.sockets[0]!.onText('{"type":"change","sequence":2,"clock_s":1,"engine_age_s":0,"changes":[]}')
    w.sockets[0]!.onClose()
    expect(w.seen.fields).toHaveLength(before)
    expect(w.seen.troubles).toBe(1)
  })

  it('waits longer after each attempt that came to nothing', () => {
    const w = world()
    const attempt = (after_ms: number): void => {
      const before = w.sockets.length
      w.sockets.at(-1)!.onClose()
      w.advance(after_ms - 1)
      expect(w.sockets).toHaveLength(before)
      w.advance(1)
      expect(w.sockets).toHaveLength(before + 1)
    }
    for (const after_ms of [200, 400, 800, 1500]) attempt(after_ms)
    w.sayFirst()
    attempt(200)
  })

  it('leaves for good when it is closed', () => {
    const w = world()
    w.sayFirst()
    w.feed.close()
    expect(w.sockets[0]!.closed).toBe(true)
    expect(w.timers()).toBe(0)
    w.sockets[0]!.onClose()
    w.advance(60_000)
    expect(w.sockets).toHaveLength(1)
  })
})
