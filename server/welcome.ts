/** Welcome: what start-up makes good from the last stop, and how the first person gets in. */
import { randomUUID } from 'node:crypto'
import { newSecret, digest, hashPassword } from './api/passwords.ts'
import type { Context } from './context.ts'
import type { Session, User, UserRole } from './store/control/control.ts'

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
export function announced(ctx: Context, origin: string, ready?: ReadyAccount): string | null {
  const { control } = ctx
  if (ready) return linkFor(ctx, origin, ready, 'admin', null)
  return control.users().length > 0 ? null : link(ctx, origin, 'first administrator')
}

/** Who goes along when another company is shown: accounts, and the session of whoever asked for it. */
export interface Carried {
  users: readonly User[]
  session: Session | null
}

export function welcomed({ control }: Context, carried: Carried | undefined): void {
  if (!carried) return
  for (const user of carried.users) control.saveUser(user)
  if (carried.session) control.addSession(carried.session)
}

export interface ReadyAccount {
  email: string
  name: string
}

/**
 * Approvers beside the administrator, who never approves: one link each. All of them, and the administrator, get the password,
 * because approving and applying ask for it again.
 */
export async function announcedApprovers(
  ctx: Context,
  origin: string,
  { approvers, administrator, password }: { approvers: ReadyAccount[]; administrator?: ReadyAccount; password: string },
): Promise<string[]> {
  const hash = await hashPassword(password)
  const { control } = ctx
  const admin = administrator && control.userByEmail(administrator.email)
  if (admin) control.saveUser({ ...admin, passwordHash: hash })
  return approvers.map((account) => linkFor(ctx, origin, account, 'approver', hash))
}

function linkFor(
  ctx: Context,
  origin: string,
  account: ReadyAccount,
  role: UserRole,
  passwordHash: string | null,
): string {
  const { control, clock } = ctx
  const made = { id: randomUUID(), ...account, role, disabled: false, createdAt: clock.now() }
  const user = { ...(control.userByEmail(account.email) ?? made), passwordHash }
  control.saveUser(user)
  return link(ctx, origin, `sign-in ${user.id}`)
}

function link({ control, clock }: Context, origin: string, purpose: string): string {
  const token = newSecret()
  control.addOneTime(digest(token), purpose, clock.now() + LINK_MS)
  return `${origin}/sign-in#${token}`
}
