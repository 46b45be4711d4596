import { describe, expect, it } from 'vitest'
import { h264Only, WhepSession, type WhepReport, type WhepWorld } from '../src/lib/whep'

const codec = (mimeType: string, sdpFmtpLine = ''): RTCRtpCodec => ({ mimeType, clockRate: 90000, sdpFmtpLine })

describe('what is offered', () => {
  it('is H.264 and its repair, packetization mode 1 first', () => {
    const offered = h264Only([
      codec('video/VP8'),
      codec('video/H264', 'packetization-mode=0;profile-level-id=42001f'),
      codec('video/H264', 'packetization-mode=1;profile-level-id=42e01f'),
      codec('video/rtx'),
      codec('video/AV1'),
    ])
    expect(offered.map((one) => one.sdpFmtpLine ?? '').slice(0, 2)).toEqual([
      'packetization-mode=1;profile-level-id=42e01f',
      'packetization-mode=0;profile-level-id=42001f',
    ])
    expect(offered.map((one) => one.mimeType)).toEqual(['video/H264', 'video/H264', 'video/rtx'])
  })
})

class Peer {
  connectionState = 'new'
  onconnectionstatechange: (() => void) | null = null
  ontrack: ((event: unknown) => void) | null = null
  answer = ''
  closed = false
  async setRemoteDescription(description: { sdp: string }) {
    this.answer = description.sdp
  }
  close() {
    this.closed = true
  }
  become(state: string) {
    this.connectionState = state
    this.onconnectionstatechange?.()
  }
}

function world(respond: (method: string) => Response | Promise<Response>, mayTry: () => boolean = () => true) {
  const peers: Peer[] = []
  const requests: string[] = []
  let timers: { at: number; run: () => void }[] = []
  let now = 0
  const reports: WhepReport[] = []
  const made: WhepWorld = {
    fetch: async (url, init) => {
      requests.push(`${init.method} ${url}`)
      return respond(init.method ?? 'GET')
    },
    offer: async () => {
      const peer = new Peer()
      peers.push(peer)
      return { peer: peer as unknown as RTCPeerConnection, sdp: 'v=0 offer' }
    },
    after: (run, delay_ms) => {
      const timer = { at: now + delay_ms, run }
      timers.push(timer)
      return () => (timers = timers.filter((one) => one !== timer))
    },
    random: () => 0.5,
  }
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 20; i++) await Promise.resolve()
  }
  const advance = async (milliseconds: number): Promise<void> => {
    const end = now + milliseconds
    for (;;) {
      await settle()
      const next = timers.filter((one) => one.at <= end).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      timers = timers.filter((one) => one !== next)
      now = next.at
      next.run()
    }
    now = end
    await settle()
  }
  const session = new WhepSession('/whep', mayTry, () => undefined, (report) => reports.push(report), made)
  return { session, peers, requests, reports, advance, settle }
}

const accepted = (method: string): Response =>
  method === 'POST' ? new Response('v=0 answer', { status: 201, headers: { Location: '/whep/7' } }) : new Response(null, { status: 200 })

describe('a viewing session', () => {
  it('posts its offer, takes the answer, and says when it is connected', async () => {
    const w = world(accepted)
    await w.settle()
    expect(w.requests).toEqual(['POST /whep'])
    expect(w.peers[0]!.answer).toBe('v=0 answer')
    w.peers[0]!.become('connected')
    expect(w.reports.at(-1)).toEqual({ state: 'connected', sentence: '' })
  })

  it('tells the relay when it leaves, and tries nothing afterwards', async () => {
    const w = world(accepted)
    await w.settle()
    w.session.close()
    expect(w.peers[0]!.closed).toBe(false)
    await w.advance(60_000)
    expect(w.requests).toEqual(['POST /whep', 'DELETE /whep/7'])
    expect(w.peers[0]!.closed).toBe(true)
    expect(w.peers).toHaveLength(1)
  })

  it('leaves nothing open at the relay when it was closed while the offer was under way', async () => {
    let answer = (_: Response): void => undefined
    const w = world((method) => (method === 'POST' ? new Promise<Response>((resolve) => (answer = resolve)) : new Response()))
    await w.settle()
    w.session.close()
    answer(accepted('POST'))
    await w.settle()
    expect(w.requests).toEqual(['POST /whep', 'DELETE /whep/7'])
    expect(w.peers[0]!.closed).toBe(true)
  })

  it('comes back by itself after a failed connection', async () => {
    const w = world(accepted)
    await w.settle()
    w.peers[0]!.become('connected')
    w.peers[0]!.become('failed')
    expect(w.reports.at(-1)?.state).toBe('waiting')
    await w.advance(250)
    expect(w.peers).toHaveLength(2)
    expect(w.peers[0]!.closed).toBe(true)
    expect(w.requests).toEqual(['POST /whep', 'POST /whep'])
  })

  it('waits a moment before it takes a hiccup for a loss', async () => {
    const w = world(accepted)
    await w.settle()
    w.peers[0]!.become('connected')
    w.peers[0]!.become('disconnected')
    await w.advance(1900)
    w.peers[0]!.become('connected')
    await w.advance(60_000)
    expect(w.peers).toHaveLength(1)
  })

  it('gives up a connection that does not come about', async () => {
    const w = world(accepted)
    await w.advance(6300)
    expect(w.peers.length).toBe(2)
  })

  it('shows the service\'s own words when it is refused, and climbs the ladder', async () => {
    const w = world(() => Response.json({ detail: 'SKY-1 is not live yet.' }, { status: 503 }))
    await w.settle()
    expect(w.reports.at(-1)).toEqual({ state: 'waiting', sentence: 'SKY-1 is not live yet.' })
    await w.advance(20_000)
    expect(w.requests.length).toBeGreaterThan(4)
    expect(w.requests.length).toBeLessThan(12)
  })

  it('asks nothing while there is nothing to watch, and at once when there is', async () => {
    let live = false
    const w = world(accepted, () => live)
    await w.advance(20_000)
    expect(w.requests).toEqual([])
    live = true
    w.session.nudge()
    await w.settle()
    expect(w.requests).toEqual(['POST /whep'])
    w.session.nudge()
    await w.settle()
    expect(w.requests).toHaveLength(1)
  })

  it('survives a service that cannot be reached', async () => {
    const w = world(() => Promise.reject(new TypeError('Failed to fetch')))
    await w.advance(1000)
    expect(w.reports.at(-1)).toMatchObject({ state: expect.stringMatching(/waiting|connecting/) })
    expect(w.peers.length).toBeGreaterThan(1)
  })
})
