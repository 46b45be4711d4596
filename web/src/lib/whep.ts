/** One live video by WHEP (WebRTC-HTTP egress): offer, answer, watching, and coming back by itself.
 *
 * The offer is posted without waiting for candidates (the relay learns the viewer's address from its checks), no
 * ICE server is asked, only H.264 is offered because the relay passes H.264 through. */

import { retryDelayMs } from './ladder'

export type WhepState = 'connecting' | 'connected' | 'waiting'

export interface WhepReport {
  readonly state: WhepState
  /** Why there is no connection, for people; empty while there is one. */
  readonly sentence: string
}

/** A connection that has made its offer and is bound to no stream yet. */
export interface Offered {
  readonly peer: RTCPeerConnection
  readonly sdp: string
}

/** What a session needs from the world, so that tests can stand in for it. */
export interface WhepWorld {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
  readonly offer: () => Promise<Offered>
  readonly after: (run: () => void, delay_ms: number) => () => void
  readonly random: () => number
}

export const browserWorld: WhepWorld = {
  fetch: (url, init) => fetch(url, init),
  offer: () => {
    const ready = spare ?? makeOffer()
    spare = null
    return ready
  },
  after: (run, delay_ms) => {
    const timer = setTimeout(run, delay_ms)
    return () => clearTimeout(timer)
  },
  random: Math.random,
}

/** The first offer of a page, made while the page still waits to hear which streams there are. */
let spare: Promise<Offered> | null = null

/** Makes the first offer ahead: it takes the browser longer than the relay takes to answer it. */
export function warmUp(): void {
  spare = makeOffer()
  spare.catch(() => (spare = null))
}

async function makeOffer(): Promise<Offered> {
  const peer = new RTCPeerConnection({ iceServers: [], bundlePolicy: 'max-bundle' })
  const transceiver = peer.addTransceiver('video', { direction: 'recvonly' })
  const codecs = h264Only(RTCRtpReceiver.getCapabilities('video')?.codecs ?? [])
  if (codecs.length > 0) transceiver.setCodecPreferences(codecs)
  const offer = await peer.createOffer()
  await peer.setLocalDescription(offer)
  return { peer, sdp: offer.sdp ?? '' }
}

/** H.264 with packetization mode 1 first, then other H.264, then what repairs loss (rtx); nothing else. */
export function h264Only(codecs: readonly RTCRtpCodec[]): RTCRtpCodec[] {
  const h264 = codecs.filter((codec) => codec.mimeType.toLowerCase() === 'video/h264')
  const preferred = h264.filter((codec) => codec.sdpFmtpLine?.includes('packetization-mode=1'))
  const rest = h264.filter((codec) => !preferred.includes(codec))
  return [...preferred, ...rest, ...codecs.filter((codec) => codec.mimeType.toLowerCase() === 'video/rtx')]
}

const CONNECT_DEADLINE_MS = 6000
const LEAVE_DEADLINE_MS = 3000
/** ICE says "disconnected" for a lost packet or two as well; after this long it is a loss. */
const DISCONNECTED_GRACE_MS = 2000

export class WhepSession {
  private peer: RTCPeerConnection | null = null
  private resource: string | null = null
  private attempt = 0
  /** Counts attempts: what an older one still brings is not used. */
  private turn = 0
  private connecting = false
  private closed = false
  private cancelTimer: () => void = () => {}

  /** Connects as soon as `mayTry` says that there is something to watch, and again after every loss. `onTrack` is
   * called with each new picture track, `onReport` on each change of state. */
  constructor(
    private readonly url: string,
    private readonly mayTry: () => boolean,
    private readonly onTrack: (track: MediaStreamTrack) => void,
    private readonly onReport: (report: WhepReport) => void,
    private readonly world: WhepWorld = browserWorld,
  ) {
    this.tryNow()
  }

  /** Leaves: the relay is told (DELETE), nothing is tried again. */
  close(): void {
    this.closed = true
    this.hangUp()
  }

  /** Drops the connection and makes a new one now, for when frames stopped and the connection does not say so. */
  restart(): void {
    if (this.closed) return
    this.hangUp()
    this.tryNow()
  }

  /** What is waited for may have come: does nothing while there is a connection or one is being made. */
  nudge(): void {
    if (this.closed || this.connecting) return
    this.cancelTimer()
    this.attempt = 0
    this.tryNow()
  }

  private tryNow(): void {
    if (this.mayTry()) void this.connect()
    else this.tryLater()
  }

  private tryLater(): void {
    this.cancelTimer = this.world.after(() => this.tryNow(), retryDelayMs(this.attempt, this.world.random()))
    this.attempt += 1
  }

  private async connect(): Promise<void> {
    this.onReport({ state: 'connecting', sentence: 'Connecting to the video.' })
    const turn = ++this.turn
    this.connecting = true
    this.cancelTimer = this.world.after(
      () => this.lost(turn, 'The video did not connect in time; trying again.'),
      CONNECT_DEADLINE_MS,
    )
    try {
      const { peer, sdp } = await this.world.offer()
      if (turn !== this.turn) return peer.close()
      this.peer = peer
      peer.ontrack = (event) => {
        preferNoBuffer(event.receiver)
        this.onTrack(event.track)
      }
      peer.onconnectionstatechange = () => this.connectionChanged(turn, peer.connectionState)
      const { answer, resource } = await this.post(sdp)
      if (turn !== this.turn) return this.remove(resource)
      this.resource = resource
      await peer.setRemoteDescription({ type: 'answer', sdp: answer })
    } catch (error) {
      this.lost(turn, error instanceof WhepError ? error.message : 'The video service cannot be reached; trying again.')
    }
  }

  private async post(sdp: string): Promise<{ answer: string; resource: string | null }> {
    const response = await this.world.fetch(this.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/sdp' },
      body: sdp,
      credentials: 'same-origin',
    })
    if (!response.ok) throw new WhepError(await problemSentence(response))
    return { answer: await response.text(), resource: response.headers.get('Location') }
  }

  private connectionChanged(turn: number, state: RTCPeerConnectionState): void {
    if (turn !== this.turn) return
    if (state === 'connected') {
      this.cancelTimer()
      this.attempt = 0
      this.onReport({ state: 'connected', sentence: '' })
    } else if (state === 'disconnected') {
      this.cancelTimer()
      this.cancelTimer = this.world.after(
        () => this.lost(turn, 'The video connection was lost; connecting again.'),
        DISCONNECTED_GRACE_MS,
      )
    } else if (state === 'failed' || state === 'closed') {
      this.lost(turn, 'The video connection was lost; connecting again.')
    }
  }

  private lost(turn: number, sentence: string): void {
    if (turn !== this.turn) return
    this.hangUp()
    this.onReport({ state: 'waiting', sentence })
    this.tryLater()
  }

  private hangUp(): void {
    this.turn += 1
    this.connecting = false
    this.cancelTimer()
    const { peer, resource } = this
    this.peer = null
    this.resource = null
    if (peer) {
      peer.onconnectionstatechange = null
      peer.ontrack = null
    }
    // A connection that broke ends at the relay by itself. One that stands is closed after the relay was told: it
    // would hear of the closing first and not know the resource any more.
    if (peer && ['failed', 'closed', 'disconnected'].includes(peer.connectionState)) peer.close()
    else void this.remove(resource).finally(() => peer?.close())
  }

  /** Ends the session at the relay; a relay that does not answer has nothing left to be told. */
  private async remove(resource: string | null): Promise<void> {
    if (!resource) return
    const signal = AbortSignal.timeout(LEAVE_DEADLINE_MS)
    await this.world
      .fetch(resource, { method: 'DELETE', credentials: 'same-origin', keepalive: true, signal })
      .catch(() => undefined)
  }
}

class WhepError extends Error {}

async function problemSentence(response: Response): Promise<string> {
  const fallback = `The video was refused (status ${response.status}); trying again.`
  try {
    const body: unknown = await response.json()
    if (typeof body === 'object' && body !== null && 'detail' in body && typeof body.detail === 'string') {
      return body.detail
    }
  } catch {
    return fallback
  }
  return fallback
}

function preferNoBuffer(receiver: RTCRtpReceiver): void {
  if ('jitterBufferTarget' in receiver) receiver.jitterBufferTarget = 0
}
