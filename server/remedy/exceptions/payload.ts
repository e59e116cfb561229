/** Payloads of exceptions: kept without secrets, shown without personal values, and sent again only where they are whole. Pure. */
import { hasKind, kindOf } from '../../../model/kinds.ts'

/** Stands for a payload that was too large to be kept. */
export const CUT = 'cut'
const HIDDEN = '[secret]'
const SECRET = /pass(word|wd)?|secret|token|api.?key|authorization|cookie|card|cvc|iban|ssn/i

type Part = (value: unknown, name: string) => unknown

function each(value: unknown, of: Part, name = ''): unknown {
  if (Array.isArray(value)) return value.map((v) => each(v, of, name))
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, each(v, of, k)]))
  return of(value, name)
}

const bare = (value: unknown) => value === null || typeof value === 'boolean'

export const withoutSecrets = (value: unknown): unknown =>
  each(value, (v, name) => (!bare(v) && SECRET.test(name) ? HIDDEN : v))

/** Without secrets, and without the values of personal fields: whose they are is in the record itself. */
export const masked = (value: unknown): unknown =>
  each(value, (v, name) => {
    if (!bare(v) && SECRET.test(name)) return HIDDEN
    const shy = typeof v === 'string' && (PERSONAL.has(name.toLowerCase()) || /^\S+@\S+\.\S+$/.test(v))
    return shy ? `${v.slice(0, 1)}…` : v
  })

const PERSONAL = new Set(
  ['customer', 'contact'].flatMap((k) =>
    hasKind(k)
      ? kindOf(k)
          .fields.filter((f) => f.sensitivity === 'personal')
          .flatMap((f) => f.name.split('.'))
      : [],
  ),
)

/** Why what is kept cannot be sent again; null: it is whole. */
export function brokenPayload(kept: string | null): string | null {
  if (kept === null) return null
  const value = JSON.parse(kept) as unknown
  if (typeof value === 'object' && value !== null && Object.keys(value).join() === CUT)
    return 'Its payload was too large to be kept: let its source send it, or repair the state.'
  let hidden = false
  each(value, (v) => (hidden ||= v === HIDDEN))
  return hidden ? 'Its payload held a secret that is not kept: let its source send it, or repair the state.' : null
}
