/** Examining one platform: one cheap question that tells whether it can be reached, as whom, with which scopes, by which clock. */
import { openPlatform } from './collect/platform.ts'
import type { Context } from './context.ts'
import { asError } from './errors.ts'

/** A platform's clock that is further off than this makes "changed before" and "changed after" unreliable. */
const SKEW_MS = 60_000

export interface Examined {
  ok: boolean
  says: string
  /** What it was not allowed, by the platform's own names. */
  missingScopes: string[]
  remedy: string | null
}

/** Never throws: what is wrong is in the answer. */
export async function examine(ctx: Context, name: string): Promise<Examined> {
  try {
    const open = openPlatform(ctx, name)
    const { account, missingScopes = [], clockSkewMs } = await open.connector.ping(open.context('verify'))
    if (missingScopes.length)
      return {
        ok: false,
        says: `signed in as ${account}, but without ${missingScopes.join(', ')}`,
        missingScopes,
        remedy: 'Grant these scopes in the platform.',
      }
    if (clockSkewMs !== undefined && Math.abs(clockSkewMs) > SKEW_MS)
      return {
        ok: false,
        says: `its clock and ours differ by ${Math.round(clockSkewMs / 1000)} s`,
        missingScopes,
        remedy: 'Set the clock of this machine by a time server.',
      }
    return { ok: true, says: `signed in as ${account}`, missingScopes, remedy: null }
  } catch (thrown) {
    const error = asError(thrown)
    return { ok: false, says: error.message, missingScopes: [], remedy: error.remedy ?? null }
  }
}
