import { describe, expect, it } from 'vitest'
import { FrameWatch } from '../src/lib/frames'

describe('whether the picture is live', () => {
  it('is none before the first frame, whatever the source says', () => {
    const watch = new FrameWatch()
    watch.note(0, 0, true)
    expect(watch.picture(10_000, true)).toBe('none')
    expect(watch.age_ms(10_000)).toBeNull()
  })

  it('is live while frames come and stopped well within two seconds after the last', () => {
    const watch = new FrameWatch()
    watch.note(1, 1000, true)
    watch.note(2, 1040, true)
    expect(watch.picture(2000, true)).toBe('live')
    watch.note(2, 2300, true)
    expect(watch.picture(2300, true)).toBe('stopped')
    expect(watch.age_ms(2300)).toBe(1260)
  })

  it('believes the source sooner when it says that it stopped', () => {
    const watch = new FrameWatch()
    watch.note(5, 1000, true)
    expect(watch.picture(1500, true)).toBe('live')
    expect(watch.picture(1500, false)).toBe('stopped')
  })

  it('believes frames that come more than a source that says there are none', () => {
    const watch = new FrameWatch()
    watch.note(5, 1000, true)
    expect(watch.picture(1100, false)).toBe('live')
  })

  it('does not take a counter that starts again for a new picture', () => {
    const watch = new FrameWatch()
    watch.note(500, 1000, true)
    watch.note(0, 3000, true)
    expect(watch.picture(3000, true)).toBe('stopped')
    watch.note(1, 3100, true)
    expect(watch.picture(3100, true)).toBe('live')
  })

  it('takes nothing for a picture that is counted without a connection', () => {
    const watch = new FrameWatch()
    watch.note(1, 1000, false)
    expect(watch.picture(1000, true)).toBe('none')
    watch.note(1, 1200, true)
    expect(watch.picture(1200, true)).toBe('none')
    watch.note(2, 1240, true)
    expect(watch.picture(1240, true)).toBe('live')
  })
})
