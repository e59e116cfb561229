/**
 * Is everything there that the settings ask for? What the API says of its grants is believed; where it says nothing, every list
 * is asked for one row, and a refusal names what the settings say that it needs.
 */
import type { ConnectorContext, HttpReply } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import { platformClock } from '../cursor.ts'
import type { RestConfig, StreamConfig } from './config.ts'
import { pages } from './lists.ts'
import { at, textOf } from './place.ts'

type Ctx = ConnectorContext<RestConfig>

export async function ping(ctx: Ctx) {
  const { path, account } = ctx.config.ping
  const reply = await ctx.http.request({ url: path })
  const name = account === undefined ? null : textOf(at(reply.json(), account))
  const missing = await missingScopes(ctx, grantedIn(reply, ctx.config))
  return {
    account: name ?? new URL(ctx.config.base_url).host,
    ...(missing.length > 0 && { missingScopes: missing }),
    clockSkewMs: platformClock(reply, ctx.clock.now()) - ctx.clock.now(),
  }
}

/** Null: the API does not say. @throws ConnectorError `schema` where it should and does not */
function grantedIn(reply: HttpReply, { ping }: RestConfig): Set<string> | null {
  if (!ping.granted) return null
  const { at: place, header } = ping.granted
  const found = header === undefined ? at(reply.json(), place!) : reply.headers[header.toLowerCase()]
  if (Array.isArray(found)) return new Set(found.flatMap((word) => textOf(word) ?? []))
  if (typeof found === 'string') return new Set(found.split(/[\s,]+/).filter(Boolean))
  throw new ConnectorError(
    'schema',
    `The answer for ${ping.path} does not say at ${header ?? place} what was granted.`,
    {
      remedy: 'Correct ping.granted, or leave it out: then every list is asked for one row.',
    },
  )
}

async function missingScopes(ctx: Ctx, granted: Set<string> | null): Promise<string[]> {
  const missing = new Set<string>()
  const streams = Object.entries(ctx.config.streams)
  let refused = 0
  for (const [name, stream] of streams) {
    const needed = [...stream.scopes, ...(stream.write?.needs ?? [])]
    const lacking = granted ? needed.filter((scope) => !granted.has(scope)) : []
    // A list whose needs are not told is asked, whatever was granted.
    if ((!granted || stream.scopes.length === 0) && !(await readable(ctx, name))) {
      refused++
      lacking.push(...(stream.scopes.length > 0 ? stream.scopes : [`read ${sourceOf(name, stream)} (${stream.path})`]))
    }
    for (const scope of lacking) missing.add(scope)
  }
  if (refused === streams.length)
    throw new ConnectorError('auth', `Signed in, but nothing may be read: ${[...missing].join(', ')}.`, {
      remedy: 'Grant these to the account or application that signs in.',
    })
  return [...missing]
}

const sourceOf = (name: string, stream: StreamConfig) => stream.source ?? name

/** One page of one row. Only a refusal says no: what else goes wrong is told by reading. */
async function readable(ctx: Ctx, name: string): Promise<boolean> {
  try {
    await pages({ ...ctx, mode: 'changes', pageSize: 1 }, name, {}).next()
    return true
  } catch (error) {
    if ((error as { code?: unknown }).code === 'auth') return false
    throw error
  }
}
