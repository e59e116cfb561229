/** Rulings about checks, as the API tells of them: off and on, and the texts that one had while it was live. */
import type { InferResponseType } from 'hono/client'
import { asked } from './asked.ts'
import { v1 } from './client.ts'

export type CheckVersion = InferResponseType<(typeof v1.checks)[':family'][':id']['versions']['$get'], 200>[number]
export type CheckOff = InferResponseType<(typeof v1.checks)[':family'][':id']['off']['$post'], 200>

const named = (check: string) => {
  const [family = '', id = ''] = check.split('/')
  return { family, id }
}

export const rulings = {
  off: (check: string, json: { reason: string; until: string | null }) =>
    asked<CheckOff>(v1.checks[':family'][':id'].off.$post({ param: named(check), json })),
  on: (check: string, reason: string) =>
    asked<CheckOff>(v1.checks[':family'][':id'].on.$post({ param: named(check), json: { reason } })),
  versions: (check: string) =>
    asked<CheckVersion[]>(v1.checks[':family'][':id'].versions.$get({ param: named(check) })),
  revert: (check: string, json: { number: number; reason: string }) =>
    asked<CheckVersion[]>(v1.checks[':family'][':id'].revert.$post({ param: named(check), json })),
}
