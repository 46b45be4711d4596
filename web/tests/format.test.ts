import { describe, expect, it } from 'vitest'
import { clock, heading, percent, span, title, withUnit } from '../src/lib/format'

describe('numbers as people read them', () => {
  it('shows the unknown as a dash and never as zero', () => {
    for (const text of [withUnit(null, 'm'), percent(undefined), span(null), heading(Number.NaN), clock(null, 'UTC')]) {
      expect(text).toBe('–')
    }
    expect(withUnit(0, 'm')).toBe('0 m')
  })

  it('never shows a battery fuller than it is', () => {
    expect(percent(0.299)).toBe('29 %')
    expect(percent(0.29)).toBe('29 %')
    expect(percent(1)).toBe('100 %')
  })

  it('counts seconds, then minutes, then hours', () => {
    expect([span(-2), span(59.9), span(60), span(3599), span(3725)]).toEqual(['0 s', '59 s', '1:00', '59:59', '1:02:05'])
  })

  it('writes a heading with three digits', () => {
    expect([heading(7.4), heading(359.7), heading(-10)]).toEqual(['007°', '000°', '350°'])
  })

  it('tells the time of the site', () => {
    expect([clock(1_800_000_000, 'UTC'), clock(1_800_000_000, 'America/Phoenix')]).toEqual(['08:00:00', '01:00:00'])
  })

  it('turns codes into words', () => {
    expect(title('en_route')).toBe('En route')
  })
})
