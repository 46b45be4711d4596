/** The pre-flight list as people read it: what keeps the aircraft on the ground first, what is in order last. */

import type { Asset, Check } from './model'

export interface CheckRow {
  readonly name: string
  readonly value: string
  readonly limit: string
  readonly sentence: string
  readonly word: 'Fails' | 'Unknown' | 'Warning' | 'OK' | 'Not asked'
  readonly tone: 'alarm' | 'caution' | 'good' | 'faint'
}

const ORDER: readonly CheckRow['word'][] = ['Fails', 'Unknown', 'Warning', 'OK', 'Not asked']

function row(check: Check): CheckRow {
  const { name, value, limit, sentence } = check
  const [word, tone] = judged(check)
  return { name, value, limit, sentence, word, tone }
}

function judged({ state, blocks }: Check): [CheckRow['word'], CheckRow['tone']] {
  if (state === 'passed') return ['OK', 'good']
  if (state === 'not_required') return ['Not asked', 'faint']
  if (!blocks) return [state === 'failed' ? 'Warning' : 'Unknown', state === 'failed' ? 'caution' : 'faint']
  return state === 'failed' ? ['Fails', 'alarm'] : ['Unknown', 'alarm']
}

/** Every check, those that block first, then unknown ones and warnings, then the rest; each group in the service's order. */
export function checkRows(asset: Asset): CheckRow[] {
  const ranked = asset.checks.map((check, index) => ({ row: row(check), blocks: check.blocks, index }))
  const rank = (one: (typeof ranked)[number]): number => (one.blocks ? 0 : 1 + ORDER.indexOf(one.row.word))
  return ranked.sort((a, b) => rank(a) - rank(b) || a.index - b.index).map((one) => one.row)
}

/** The whole list in a few words. */
export function checksWords(asset: Asset): { text: string; tone: CheckRow['tone'] } {
  if (asset.checks.length === 0) return { text: 'in flight', tone: 'faint' }
  const blocking = asset.checks.filter((check) => check.blocks).length
  if (blocking > 0) return { text: `${blocking} ${blocking === 1 ? 'check keeps' : 'checks keep'} it on the ground`, tone: 'alarm' }
  const warnings = asset.checks.filter((check) => check.state === 'failed').length
  if (warnings > 0) return { text: `ready, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`, tone: 'caution' }
  return { text: 'in order', tone: 'good' }
}
