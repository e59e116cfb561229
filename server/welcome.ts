/** Welcome: what start-up makes good from the last stop, and how the first person gets in. */
import { newSecret, digest } from './api/passwords.ts'
import type { Context } from './context.ts'

/** A sign-in link that is printed on a terminal should not work for ever. */
const LINK_MS = 60 * 60_000

/** Tells the landscape what each platform keeps, as far as the store remembers from streams that were discovered. */
export function recovered(ctx: Context): void {
  const kinds = new Map<string, Set<string>>()
  for (const s of ctx.control.streams()) kinds.set(s.platform, (kinds.get(s.platform) ?? new Set()).add(s.kind))
  for (const [platform, kept] of kinds) if (ctx.config.platforms[platform]) ctx.landscape.setKeeps(platform, kept)
}

/**
 * The one-time link for whoever started the product, or null when there are accounts already.
 * @param ready makes this administrator, who needs no password: the demo's own
 */
export function announced(
  ctx: Context,
  origin: string,
  ready?: { id: string; email: string; name: string },
): string | null {
  const { control, clock } = ctx
  const token = newSecret()
  const expires = clock.now() + LINK_MS
  if (ready) {
    const user = control.userByEmail(ready.email) ?? {
      ...ready,
      role: 'admin' as const,
      passwordHash: null,
      disabled: false,
      createdAt: clock.now(),
    }
    control.saveUser(user)
    control.addOneTime(digest(token), `sign-in ${user.id}`, expires)
    return `${origin}/sign-in#${token}`
  }
  if (control.users().length > 0) return null
  control.addOneTime(digest(token), 'first administrator', expires)
  return `${origin}/sign-in#${token}`
}
