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

/** What a session needs from the world, so that tests can stand in for it. */
export interface WhepWorld {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
  readonly newPeer: () => RTCPeerConnection
  readonly codecs: () => readonly RTCRtpCodec[]
  readonly after: (run: () => void, delay_ms: number) => () => void
  readonly random: () => number
}

export const browserWorld: WhepWorld = {
  fetch: (url, init) => fetch(url, init),
  newPeer: () => new RTCPeerConnection({ iceServers: [], bundlePolicy: 'max-bundle' }),
  codecs: () => RTCRtpReceiver.getCapabilities('video')?.codecs ?? [],
  after: (run, delay_ms) => {
    const timer = setTimeout(run, delay_ms)
    return () => clearTimeout(timer)
  },
  random: Math.random,
}

/** H.264 with packetization mode 1 first, then other H.264, then what repairs loss (rtx); nothing else. */
export function h264Only(codecs: readonly RTCRtpCodec[]): RTCRtpCodec[] {
  const h264 = codecs.filter((codec) => codec.mimeType.toLowerCase() === 'video/h264')
  const preferred = h264.filter((codec) => codec.sdpFmtpLine?.includes('packetization-mode=1'))
  const rest = h264.filter((codec) => !preferred.includes(codec))
  return [...preferred, ...rest, ...codecs.filter((codec) => codec.mimeType.toLowerCase() === 'video/rtx')]
}

const CONNECT_DEADLINE_MS = 6000
/** ICE says "disconnected" for a lost packet or two as well; after this long it is a loss. */
const DISCONNECTED_GRACE_MS = 2000

export class WhepSession {
  private peer: RTCPeerConnection | null = null
  private resource: string | null = null
  private attempt = 0
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
    if (this.closed || this.peer) return
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
    const peer = this.world.newPeer()
    this.peer = peer
    this.cancelTimer = this.world.after(
      () => this.lost(peer, 'The video did not connect in time; trying again.'),
      CONNECT_DEADLINE_MS,
    )
    peer.ontrack = (event) => {
      preferNoBuffer(event.receiver)
      this.onTrack(event.track)
    }
    peer.onconnectionstatechange = () => this.connectionChanged(peer)
    try {
      const transceiver = peer.addTransceiver('video', { direction: 'recvonly' })
      const codecs = h264Only(this.world.codecs())
      if (codecs.length > 0) transceiver.setCodecPreferences(codecs)
      const offer = await peer.createOffer()
      await peer.setLocalDescription(offer)
      const answer = await this.post(offer.sdp ?? '')
      if (this.peer !== peer) return
      await peer.setRemoteDescription({ type: 'answer', sdp: answer })
    } catch (error) {
      this.lost(peer, error instanceof WhepError ? error.message : 'The video service cannot be reached; trying again.')
    }
  }

  private async post(sdp: string): Promise<string> {
    const response = await this.world.fetch(this.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/sdp' },
      body: sdp,
      credentials: 'same-origin',
    })
    if (!response.ok) throw new WhepError(await problemSentence(response))
    const resource = response.headers.get('Location')
    if (this.closed && resource) this.remove(resource)
    this.resource = resource
    return response.text()
  }

  private connectionChanged(peer: RTCPeerConnection): void {
    if (this.peer !== peer) return
    if (peer.connectionState === 'connected') {
      this.cancelTimer()
      this.attempt = 0
      this.onReport({ state: 'connected', sentence: '' })
    } else if (peer.connectionState === 'disconnected') {
      this.cancelTimer()
      this.cancelTimer = this.world.after(
        () => this.lost(peer, 'The video connection was lost; connecting again.'),
        DISCONNECTED_GRACE_MS,
      )
    } else if (peer.connectionState === 'failed' || peer.connectionState === 'closed') {
      this.lost(peer, 'The video connection was lost; connecting again.')
    }
  }

  private lost(peer: RTCPeerConnection, sentence: string): void {
    if (this.closed || this.peer !== peer) return
    this.hangUp()
    this.onReport({ state: 'waiting', sentence })
    this.tryLater()
  }

  private hangUp(): void {
    this.cancelTimer()
    if (this.peer) {
      this.peer.onconnectionstatechange = null
      this.peer.ontrack = null
      this.peer.close()
      this.peer = null
    }
    if (this.resource) this.remove(this.resource)
    this.resource = null
  }

  private remove(resource: string): void {
    // A relay that restarted does not know the resource any more: there is nothing left to tell it.
    this.world.fetch(resource, { method: 'DELETE', credentials: 'same-origin', keepalive: true }).catch(() => undefined)
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
