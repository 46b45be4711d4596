/** Requests to the service. A refusal is thrown as `Refused`, with sentences for the person who asked. */

import type { Basemap, CommandAccepted, CommandOrder, Fences, Flight, FlightReport, Session, Site, TemporaryZone, TemporaryZoneOrder, Zones } from './model'

export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly sentences: readonly string[],
    /** The kept refusal, when the service kept one. */
    readonly refusal_id: string | null = null,
  ) {
    super(sentences.join(' '))
  }
}

const TIMEOUT_MS = 8000
/** A word of the stick is old by then. */
const STICK_TIMEOUT_MS = 1000

async function request<T>(method: string, path: string, body?: unknown, timeout_ms = TIMEOUT_MS): Promise<T> {
  let response: Response
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      credentials: 'same-origin',
      headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(timeout_ms),
    })
  } catch {
    throw new Refused(0, ['The service did not answer, so it is not known whether this was done. Look at the state, then try again.'])
  }
  if (!response.ok) throw await refusal(response)
  return (response.status === 204 ? undefined : await response.json()) as T
}

async function refusal(response: Response): Promise<Refused> {
  const fallback = [`The service refused this (status ${response.status}).`]
  try {
    const problem: unknown = await response.json()
    const kept = (problem as { refusal_id?: unknown } | null)?.refusal_id
    return new Refused(response.status, problemSentences(problem) ?? fallback, typeof kept === 'string' ? kept : null)
  } catch {
    return new Refused(response.status, fallback)
  }
}

/** The sentences of a problem document (RFC 9457); null when it has none. */
export function problemSentences(problem: unknown): readonly string[] | null {
  if (typeof problem !== 'object' || problem === null) return null
  const { sentences, detail, errors } = problem as { sentences?: unknown; detail?: unknown; errors?: unknown }
  const all = Array.isArray(sentences) ? sentences.filter((one) => typeof one === 'string') : []
  if (all.length > 0) return all
  const fields = Array.isArray(errors) ? errors.map((one: { sentence?: unknown }) => one.sentence).filter((one) => typeof one === 'string') : []
  if (typeof detail === 'string' && detail !== '') return [detail, ...fields]
  return fields.length > 0 ? fields : null
}

const part = encodeURIComponent

export const api = {
  session: (): Promise<Session> => request('GET', '/session'),
  signIn: (body: { user: string; password: string } | { link: string }): Promise<Session> => request('POST', '/session', body),
  signOut: (): Promise<void> => request('DELETE', '/session'),
  site: (): Promise<Site> => request('GET', '/site'),
  zones: (): Promise<Zones> => request('GET', '/zones'),
  fences: (): Promise<Fences> => request('GET', '/fences'),
  addZone: (order: TemporaryZoneOrder): Promise<TemporaryZone> => request('POST', '/zones/temporary', order),
  liftZone: (zone_id: string): Promise<TemporaryZone> => request('DELETE', `/zones/temporary/${part(zone_id)}`),
  basemap: (): Promise<Basemap> => request('GET', '/basemap'),
  command: (flight_id: string, order: CommandOrder): Promise<CommandAccepted> =>
    request('POST', `/flights/${part(flight_id)}/commands`, order),
  fly: (flight_id: string, order: CommandOrder): Promise<CommandAccepted> =>
    request('POST', `/flights/${part(flight_id)}/commands`, order, STICK_TIMEOUT_MS),
  report: (flight_id: string): Promise<FlightReport> => request('GET', `/flights/${part(flight_id)}/report`),
  launch: (incident_id: string, regime_id: string): Promise<Flight> =>
    request('POST', `/incidents/${part(incident_id)}/launch`, { regime_id }),
}
