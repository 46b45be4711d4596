import { describe, expect, it } from 'vitest'
import { BUTTONS } from '../src/lib/commands'
import {
  BY_KEYS, byGamepad, byKeys, isStill, MOST_UNANSWERED, RELEASE_AFTER_MS, shaped, Stick, STICK_KEYS, stickKey, STILL, WORD_EVERY_MS,
} from '../src/lib/stick'

const FORWARD = byKeys(new Set(['ArrowUp']))
let ids = 0
const stick = (): Stick => new Stick(() => `hold-${++ids}`)

describe('what a hand wants', () => {
  it('adds the keys that are held, and opposite ones stop', () => {
    expect(byKeys(new Set(['ArrowUp', 'ArrowRight', 'U', 'Q']))).toEqual({ forward: 1, right: 1, up: 1, turn: -1 })
    expect(isStill(byKeys(new Set(['ArrowUp', 'ArrowDown'])))).toBe(true)
    expect(stickKey('u')).toBe('U')
    expect(stickKey('x')).toBeNull()
  })

  it('reads the left stick as climb and turn and the right one as move', () => {
    expect(byGamepad([1, 0, 0, 0])).toEqual({ forward: 0, right: 0, up: 0, turn: 1 })
    expect(byGamepad([0, -1, 0, 0])).toEqual({ forward: 0, right: 0, up: 1, turn: 0 })
    expect(byGamepad([0, 0, 1, 0])).toEqual({ forward: 0, right: 1, up: 0, turn: 0 })
    expect(byGamepad([0, 0, 0, -1])).toEqual({ forward: 1, right: 0, up: 0, turn: 0 })
    expect(byGamepad([])).toEqual(STILL)
  })

  it('has a dead middle, is fine beside it and reaches all', () => {
    for (const axis of [0, 0.05, -0.11, 0.12]) expect(Math.abs(shaped(axis))).toBe(0)
    expect(shaped(1)).toBe(1)
    expect(shaped(-1)).toBe(-1)
    expect(shaped(0.5)).toBeGreaterThan(0.1)
    expect(shaped(0.5)).toBeLessThan(0.3)
    expect(shaped(-0.5)).toBe(-shaped(0.5))
    expect(shaped(1.4)).toBe(1)
  })

  it('takes no key that a command has', () => {
    const others = new Set(['W', 'A', 'S', 'D', 'T', 'K', 'P', 'Z', 'M', 'F', ...BUTTONS.map((one) => one.key)])
    for (const { key } of STICK_KEYS) expect(others.has(key)).toBe(false)
    expect(new Set(STICK_KEYS.map((one) => one.key)).size).toBe(STICK_KEYS.length)
  })
})

describe('which words are sent', () => {
  it('says it at once, then ten times a second with a greater number each', () => {
    const one = stick()
    const words = []
    for (let ms = 0; ms < 1000; ms += 20) {
      const word = one.step(FORWARD, BY_KEYS, 5000 + ms, true)
      if (word) {
        words.push(word)
        one.answered(word.hold_id)
      }
    }
    expect(words.length).toBe(1000 / WORD_EVERY_MS)
    expect(words.map((word) => word.sequence)).toEqual(words.map((_, index) => index))
    expect(new Set(words.map((word) => word.hold_id)).size).toBe(1)
    expect(words[0]).toMatchObject({ action: 'fly', forward_mps: BY_KEYS.over_ground_mps, right_mps: 0, released: false })
  })

  it('says that it is let go once the middle lasts, and the next touch is another', () => {
    const one = stick()
    const first = one.step(FORWARD, BY_KEYS, 0, true)
    expect(one.step(STILL, BY_KEYS, 150, true)).toMatchObject({ forward_mps: 0, released: false })
    const last = one.step(STILL, BY_KEYS, RELEASE_AFTER_MS + 20, true)
    expect(last).toMatchObject({ released: true, hold_id: first?.hold_id })
    expect(one.step(STILL, BY_KEYS, 900, true)).toBeNull()
    expect(one.step(FORWARD, BY_KEYS, 1000, true)?.hold_id).not.toBe(first?.hold_id)
  })

  it('after it was let go or refused nothing flies until the stick was in the middle', () => {
    for (const end of [(one: Stick, _: string) => void one.letGo(), (one: Stick, id: string) => one.refused(id)]) {
      const one = stick()
      end(one, one.step(FORWARD, BY_KEYS, 0, true)?.hold_id ?? '')
      expect(one.held).toBe(false)
      expect(one.step(FORWARD, BY_KEYS, 200, true)).toBeNull()
      expect(one.step(STILL, BY_KEYS, 300, true)).toBeNull()
      expect(one.step(FORWARD, BY_KEYS, 400, true)).not.toBeNull()
    }
  })

  it('lets go when it may not fly any more, and begins nothing then', () => {
    const one = stick()
    expect(one.step(FORWARD, BY_KEYS, 0, false)).toBeNull()
    one.step(STILL, BY_KEYS, 10, true)
    one.step(FORWARD, BY_KEYS, 20, true)
    expect(one.step(FORWARD, BY_KEYS, 40, false)).toMatchObject({ released: true, forward_mps: 0 })
    expect(one.step(FORWARD, BY_KEYS, 200, true)).toBeNull()
  })

  it('does not pile words up that nobody answers', () => {
    const one = stick()
    const words = Array.from({ length: 50 }, (_, index) => one.step(FORWARD, BY_KEYS, index * WORD_EVERY_MS, true)).filter(Boolean)
    expect(words.length).toBe(MOST_UNANSWERED)
  })
})
