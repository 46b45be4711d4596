/** How long to wait before the next attempt to reconnect: quick at first, then patient, with jitter so that
 * many pages do not knock at the same moment. */

const STEPS_MS = [200, 400, 800, 1500, 3000, 5000] as const

/** Wait in milliseconds before attempt number `attempt` (0 is the first after a loss). `random` is in [0, 1). */
export function retryDelayMs(attempt: number, random: number): number {
  const step = STEPS_MS[Math.min(Math.max(attempt, 0), STEPS_MS.length - 1)] ?? 5000
  return Math.round(step * (0.75 + 0.5 * random))
}
