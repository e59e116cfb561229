/** Call log: the last calls to a platform, for diagnostics. Addresses keep their parameter names and lose the values. */

export interface Call {
  at: number
  method: string
  /** Host and path, with query values masked. */
  url: string
  status: number | null
  /** Error code when it failed. */
  code: string | null
  ms: number
  bytes: number
  attempt: number
}

export const CALLS_KEPT = 200

export interface CallLog {
  add(call: Call): void
  /** Newest first. */
  list(): Call[]
}

export function createCallLog(): CallLog {
  const ring: Call[] = []
  let next = 0
  return {
    add(call) {
      ring[next % CALLS_KEPT] = call
      next++
    },
    list() {
      const from = next % CALLS_KEPT
      return (next <= CALLS_KEPT ? ring.slice(0, next) : [...ring.slice(from), ...ring.slice(0, from)]).reverse()
    },
  }
}

export function masked(url: URL): string {
  const names = [...url.searchParams.keys()]
  return `${url.host}${url.pathname}${names.length === 0 ? '' : `?${names.map((n) => `${n}=…`).join('&')}`}`
}
