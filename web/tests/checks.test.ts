import { describe, expect, it } from 'vitest'
import { checkRows, checksWords } from '../src/lib/checks'
import { asset, check } from './things'

const fails = { state: 'failed', sentence: 'Too low.', blocks: true } as const

describe('the pre-flight list', () => {
  it('shows what keeps the aircraft on the ground first and what is in order last', () => {
    const listed = asset('sky-1', {
      checks: [
        check('Fence'),
        check('Remote ID', { state: 'not_required' }),
        check('Cells', { state: 'unknown', sentence: 'Not told apart.' }),
        check('Storage', { state: 'failed', sentence: 'Full.' }),
        check('Battery', fails),
        check('Home', { state: 'unknown', sentence: 'Not said.', blocks: true }),
      ],
    })
    expect(checkRows(listed).map((row) => [row.name, row.word, row.tone])).toEqual([
      ['Battery', 'Fails', 'alarm'],
      ['Home', 'Unknown', 'alarm'],
      ['Cells', 'Unknown', 'faint'],
      ['Storage', 'Warning', 'caution'],
      ['Fence', 'OK', 'good'],
      ['Remote ID', 'Not asked', 'faint'],
    ])
  })

  it('says in a few words how it stands', () => {
    expect(checksWords(asset('a', { checks: [check('x')] })).text).toBe('in order')
    expect(checksWords(asset('a', { checks: [check('x', fails)] }))).toEqual({ text: '1 check keeps it on the ground', tone: 'alarm' })
    expect(checksWords(asset('a', { checks: [check('x', fails), check('y', fails)] })).text).toBe('2 checks keep it on the ground')
    expect(checksWords(asset('a', { checks: [check('x', { ...fails, blocks: false })] })).text).toBe('ready, 1 warning')
    expect(checksWords(asset('a')).text).toBe('in flight')
  })
})
