/** Numbers and times as people read them. An unknown value is a dash, never a zero. */

export const UNKNOWN = '–'

type Maybe = number | null | undefined

const known = (value: Maybe): value is number => value !== null && value !== undefined && Number.isFinite(value)

/** `62 m`, or a dash. */
export function withUnit(value: Maybe, unit: string, digits = 0): string {
  return known(value) ? `${value.toFixed(digits)} ${unit}` : UNKNOWN
}

/** A fraction of one as whole per cent, rounded down: a battery is never shown fuller than it is. */
export function percent(fraction: Maybe): string {
  return known(fraction) ? `${Math.floor(fraction * 100 + 1e-9)} %` : UNKNOWN
}

/** How long, as `8 s`, `4:05`, or `1:02:09`. Negative spans (a clock that differs) read as `0 s`. */
export function span(seconds: Maybe): string {
  if (!known(seconds)) return UNKNOWN
  const whole = Math.max(0, Math.floor(seconds))
  if (whole < 60) return `${whole} s`
  const two = (n: number): string => String(n).padStart(2, '0')
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes}:${two(whole % 60)}`
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`
}

/** `14:05:09` in a time zone by its IANA name: the site's, wherever the page is looked at. */
export function clock(time_s: Maybe, zone: string): string {
  if (!known(time_s)) return UNKNOWN
  return new Date(time_s * 1000).toLocaleTimeString('en-GB', { hour12: false, timeZone: zone })
}

/** `en_route` to `en route`. */
export function words(code: string): string {
  return code.replaceAll('_', ' ')
}

/** `en_route` to `En route`. */
export function title(code: string): string {
  const text = words(code)
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** A heading as three digits: `007°`. */
export function heading(degrees: Maybe): string {
  if (!known(degrees)) return UNKNOWN
  return `${String(Math.round(((degrees % 360) + 360) % 360) % 360).padStart(3, '0')}°`
}
