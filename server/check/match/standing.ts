/** How a match check stands: what is matched, what differs, what stands alone, and what may belong together. */
import { format } from '../../../model/decimal.ts'
import { suggest, suggestionKey, type Suggestion, type Unpaired } from '../../../model/match-score.ts'
import type { Context } from '../../context.ts'
import { PlumblineError } from '../../errors.ts'
import type { Check, CompileContext, Reach } from '../contract.ts'
import { aloneSql, describeSql, sumsSql, type AloneRow, type Described, type MatchSums } from '../kinds/match-list.ts'
import { hangsOn, partsOf, type Params } from '../kinds/match-params.ts'
import { limited } from '../kinds/reach.ts'
import { heldFor } from '../look.ts'
import { CHECK_BYTES } from '../limits.ts'

export type MatchCheck = Check<Params>
type Asking = Pick<Context, 'facts' | 'landscape' | 'clock' | 'control'>

/** Seconds that one question of the dashboard may take. */
const LIST_SECONDS = 60

/** Records of either side that suggestions are looked for among: the largest amounts. */
const SUGGEST_FROM = 150

export function matchChecks(checks: readonly Check[]): MatchCheck[] {
  return checks.filter((c) => c.kind === 'match') as MatchCheck[]
}

/** @throws PlumblineError not_found for anything that is no match check. */
export function matchCheck(checks: readonly Check[], id: string): MatchCheck {
  const found = matchChecks(checks).find((c) => c.id === id)
  if (!found)
    throw new PlumblineError('not_found', `There is no match check "${id}".`, { remedy: 'GET /v1/matches lists them.' })
  return found
}

export async function compileContext(
  ctx: Asking,
  check: Check,
  reach: Reach = { full: true, slice: null },
): Promise<CompileContext> {
  return {
    landscape: ctx.landscape,
    reach,
    asOf: ctx.clock.now(),
    database: ctx.facts.database,
    held: await heldFor(ctx, check, new Map()),
  }
}

async function ask<Row>(
  ctx: Asking,
  compiled: { sql: string; params: Record<string, unknown> } | null,
): Promise<Row[]> {
  if (compiled === null) return []
  const { sql, params } = limited(compiled, LIST_SECONDS, CHECK_BYTES)
  return await ctx.facts.query<Row>(sql, params)
}

/** By currency; empty where nobody can say what belongs together. */
export async function sums(ctx: Asking, check: MatchCheck): Promise<MatchSums[]> {
  return await ask<MatchSums>(ctx, sumsSql(check.params, await compileContext(ctx, check)))
}

/** A record that stands alone, or is met in part. */
export interface Alone extends Unpaired {
  grp: string
  side: 'left' | 'right'
  platform: string
  record_id: string
  state: string | null
  /** What its side adds up to; `amount` is what is open of it. */
  sum: string
  records: number
}

export interface AlonePage {
  side: 'left' | 'right'
  currency?: string | undefined
  limit: number
  after?: { open: string; grp: string } | undefined
}

export async function alone(ctx: Asking, check: MatchCheck, page: AlonePage): Promise<Alone[]> {
  const compile = await compileContext(ctx, check)
  const rows = await ask<AloneRow>(ctx, aloneSql(check.params, compile, page))
  const parts = partsOf(check.params)
  const known = new Map<string, Described>()
  for (const part of parts) {
    const eids = rows.filter((r) => r.part === part.n).map((r) => r.eid)
    if (eids.length === 0) continue
    const platforms = ctx.landscape.platforms.map((p) => p.name)
    const owners = ctx.landscape.owners(part.of, 'existence', { state: null, scope: {} })
    for (const d of await ask<Described>(
      ctx,
      describeSql(part.of, eids, [...new Set([...owners, ...platforms])], compile),
    ))
      known.set(`${part.n} ${d.eid}`, d)
  }
  return rows.flatMap((row): Alone[] => {
    const d = known.get(`${row.part} ${row.eid}`)
    if (!d) return []
    return [
      {
        grp: row.grp,
        side: page.side,
        kind: parts[row.part]!.of,
        entity_id: d.entity_id,
        customer: d.customer_entity_id,
        platform: d.platform,
        record_id: d.record_id,
        state: d.state,
        currency: row.currency,
        amount: format(row.open),
        sum: format(row.sum),
        day: row.day,
        number: d.number,
        words: d.words,
        records: Number(row.records),
      },
    ]
  })
}

/** What may belong together among the largest that stand alone, without what a person rejected. */
export async function suggestions(ctx: Asking, check: MatchCheck): Promise<Suggestion[]> {
  if (hangsOn(check.params) !== 'entity') return []
  const [left, right] = [
    await alone(ctx, check, { side: 'left', limit: SUGGEST_FROM }),
    await alone(ctx, check, { side: 'right', limit: SUGGEST_FROM }),
  ]
  const rejected = ctx.control
    .matches({ state: 'rejected' })
    .map((m) => suggestionKey({ left: m.members.map((x) => ({ ...EMPTY, ...x })), right: [] }))
  return suggest(left, right, new Set(rejected))
}

const EMPTY: Unpaired = {
  kind: '',
  entity_id: '',
  customer: '',
  currency: '',
  amount: '0',
  day: '',
  number: '',
  words: '',
}
