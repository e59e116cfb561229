/** Faults of an API: what a seeded share of requests meets, so that a run repeats exactly. */
import type { ApiFault, ApiFaults } from './platform.ts'
import { createRandom } from './random.ts'

/** Share of requests, 0 to 1, that meet each fault. */
export interface ApiRates {
  throttle: number
  error: number
  hang: number
  truncated: number
  expired_session: number
  expired_cursor: number
  poison: number
}

/** A bad week at a busy vendor. */
export const ROUGH: ApiRates = {
  throttle: 0.02,
  error: 0.012,
  hang: 0.003,
  truncated: 0.004,
  expired_session: 0.003,
  expired_cursor: 0.003,
  poison: 0,
}

const MAKERS: { [K in keyof ApiRates]: (pick: (low: number, high: number) => number) => ApiFault } = {
  throttle: (pick) => ({ kind: 'throttle', retryAfterSeconds: pick(1, 3) }),
  error: (pick) => ({ kind: 'error', status: [500, 502, 503][pick(0, 2)]! }),
  hang: () => ({ kind: 'hang' }),
  truncated: () => ({ kind: 'truncated' }),
  expired_session: () => ({ kind: 'expired_session' }),
  expired_cursor: () => ({ kind: 'expired_cursor' }),
  poison: (pick) => ({ kind: 'poison', recordIndex: pick(0, 20) }),
}

export function apiFaults(seed: string, rates: Partial<ApiRates>): ApiFaults {
  const random = createRandom(`${seed}/api`)
  const wanted = (Object.keys(MAKERS) as (keyof ApiRates)[]).filter((kind) => (rates[kind] ?? 0) > 0)
  return {
    next() {
      let left = random.next()
      for (const kind of wanted) if ((left -= rates[kind]!) < 0) return MAKERS[kind](random.int)
      return null
    },
  }
}
