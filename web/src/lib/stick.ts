/** The pilot's stick, by keys or a gamepad: what a hand wants, and which words of it are sent when. */

import type { CommandOrder } from './model'

/** Each from -1 to 1. */
export interface Wish {
  readonly forward: number
  readonly right: number
  readonly up: number
  readonly turn: number
}

export interface Speeds {
  readonly over_ground_mps: number
  readonly climb_mps: number
  readonly turn_degps: number
}

export type FlyOrder = Extract<CommandOrder, { action: 'fly' }>

export const STILL: Wish = { forward: 0, right: 0, up: 0, turn: 0 }
/** A key is pressed or not, so it asks for less than a stick that is pushed all the way. */
export const BY_KEYS: Speeds = { over_ground_mps: 4, climb_mps: 1.5, turn_degps: 30 }
export const BY_GAMEPAD: Speeds = { over_ground_mps: 10, climb_mps: 2.5, turn_degps: 60 }
/** Much oftener than the 0.5 s after which the service forgets a stick. */
export const WORD_EVERY_MS = 100
/** Through the middle and on to the other side is one touch. */
export const RELEASE_AFTER_MS = 300
/** More words without an answer say nothing new: the service lets go by itself. */
export const MOST_UNANSWERED = 3
const DEAD_ZONE = 0.12
const EXPO = 0.6

export const STICK_KEYS: readonly { readonly key: string; readonly label: string; readonly wish: Partial<Wish> }[] = [
  { key: 'ArrowUp', label: 'Fly forward while held', wish: { forward: 1 } },
  { key: 'ArrowDown', label: 'Fly back while held', wish: { forward: -1 } },
  { key: 'ArrowLeft', label: 'Fly left while held', wish: { right: -1 } },
  { key: 'ArrowRight', label: 'Fly right while held', wish: { right: 1 } },
  { key: 'U', label: 'Climb while held', wish: { up: 1 } },
  { key: 'J', label: 'Descend while held', wish: { up: -1 } },
  { key: 'Q', label: 'Turn left while held', wish: { turn: -1 } },
  { key: 'E', label: 'Turn right while held', wish: { turn: 1 } },
]

/** The name under which a pressed key is kept; null for one that flies nothing. */
export function stickKey(key: string): string | null {
  return STICK_KEYS.find((one) => one.key.toLowerCase() === key.toLowerCase())?.key ?? null
}

export function byKeys(held: ReadonlySet<string>): Wish {
  return STICK_KEYS.filter((one) => held.has(one.key)).reduce<Wish>((sum, { wish }) => plus(sum, wish), STILL)
}

/** Left stick: climb and turn; right stick: move. Axes as the standard gamepad has them, up and left negative. */
export function byGamepad(axes: readonly number[]): Wish {
  const [turn, down, right, back] = [0, 1, 2, 3].map((index) => shaped(axes[index] ?? 0)) as [number, number, number, number]
  return { forward: 0 - back, right, up: 0 - down, turn }
}

/** Nothing near the middle, fine beside it, all of it at the end. */
export function shaped(axis: number): number {
  const pushed = Math.min(Math.max((Math.abs(axis) - DEAD_ZONE) / (1 - DEAD_ZONE), 0), 1)
  const curved = (1 - EXPO) * pushed + EXPO * pushed ** 3
  return axis < 0 ? 0 - curved : curved
}

export function isStill(wish: Wish): boolean {
  return wish.forward === 0 && wish.right === 0 && wish.up === 0 && wish.turn === 0
}

function plus(a: Wish, b: Partial<Wish>): Wish {
  return {
    forward: a.forward + (b.forward ?? 0),
    right: a.right + (b.right ?? 0),
    up: a.up + (b.up ?? 0),
    turn: a.turn + (b.turn ?? 0),
  }
}

/** Which words are sent. One touch has one id; after its end nothing flies until the stick was in the middle. */
export class Stick {
  private hold_id: string | null = null
  private sequence = 0
  private said_ms = 0
  private moved_ms = 0
  private unanswered = 0
  private middleFirst = false

  constructor(private readonly newId: () => string) {}

  get held(): boolean {
    return this.hold_id !== null
  }

  /** To be asked often; the word to send now, or null. `may`: the flight can be flown by stick. */
  step(wish: Wish, speeds: Speeds, now_ms: number, may: boolean): FlyOrder | null {
    const still = isStill(wish)
    if (still) this.middleFirst = false
    else this.moved_ms = now_ms
    if (!may) return this.letGo()
    if (this.hold_id === null) {
      if (still || this.middleFirst) return null
      this.hold_id = this.newId()
      this.sequence = 0
      this.unanswered = 0
    } else if (still && now_ms - this.moved_ms >= RELEASE_AFTER_MS) {
      return this.letGo()
    } else if (now_ms - this.said_ms < WORD_EVERY_MS || this.unanswered >= MOST_UNANSWERED) {
      return null
    }
    this.said_ms = now_ms
    this.unanswered += 1
    return this.word(wish, speeds)
  }

  /** The hand is off, or must be: the word that says so, or null when nothing was held. */
  letGo(): FlyOrder | null {
    if (this.hold_id === null) return null
    const last: FlyOrder = { ...this.word(STILL, BY_KEYS), released: true }
    this.hold_id = null
    this.middleFirst = true
    return last
  }

  /** A word was answered, or its answer is not awaited any more. */
  answered(hold_id: string): void {
    if (hold_id === this.hold_id) this.unanswered = Math.max(this.unanswered - 1, 0)
  }

  /** The service flies it no more under this touch. */
  refused(hold_id: string): void {
    if (hold_id !== this.hold_id) return
    this.hold_id = null
    this.middleFirst = true
  }

  private word(wish: Wish, { over_ground_mps, climb_mps, turn_degps }: Speeds): FlyOrder {
    return {
      action: 'fly',
      hold_id: this.hold_id ?? '',
      sequence: this.sequence++,
      forward_mps: wish.forward * over_ground_mps,
      right_mps: wish.right * over_ground_mps,
      up_mps: wish.up * climb_mps,
      turn_degps: wish.turn * turn_degps,
      released: false,
    }
  }
}
