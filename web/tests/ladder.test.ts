import { describe, expect, it } from 'vitest'
import { retryDelayMs } from '../src/lib/ladder'

describe('the ladder of attempts', () => {
  it('begins quickly, grows, and stays within 6.25 seconds for ever', () => {
    const middle = Array.from({ length: 12 }, (_, attempt) => retryDelayMs(attempt, 0.5))
    expect(middle[0]).toBe(200)
    expect(middle).toEqual([...middle].sort((a, b) => a - b))
    expect(retryDelayMs(1000, 0.999)).toBeLessThanOrEqual(6250)
  })

  it('spreads by a quarter to both sides', () => {
    expect(retryDelayMs(2, 0)).toBe(600)
    expect(retryDelayMs(2, 0.9999)).toBe(1000)
  })
})
