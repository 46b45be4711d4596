/** What the service answered to this page, together with every refusal that it keeps. */

import { Refused } from './api'
import type { Refusal } from './model'

export interface Answer {
  readonly id: string
  readonly at_s: number
  readonly title: string
  readonly sentences: readonly string[]
  readonly refused: boolean
  /** The kept refusal that this answer is about, so that it is not shown twice. */
  readonly refusal_id: string | null
}

/** An answer made from what a request threw. */
export function refusedAnswer(id: string, at_s: number, title: string, error: unknown): Answer {
  const sentences = error instanceof Refused ? error.sentences : ['The page itself failed; reload it and look at the state first.']
  return { id, at_s, title, sentences, refused: true, refusal_id: error instanceof Refused ? error.refusal_id : null }
}

/** All, newest first; of an answer and the refusal that the service kept for it only the kept one. */
export function answersAndRefusals(own: readonly Answer[], kept: readonly Refusal[]): Answer[] {
  const ids = new Set(kept.map((refusal) => refusal.id))
  const fromService = kept.map((refusal) => ({
    id: refusal.id,
    at_s: refusal.at_s,
    title: refusal.title,
    sentences: refusal.sentences,
    refused: true,
    refusal_id: refusal.id,
  }))
  return [...own.filter((answer) => answer.refusal_id === null || !ids.has(answer.refusal_id)), ...fromService].sort(
    (a, b) => b.at_s - a.at_s,
  )
}
