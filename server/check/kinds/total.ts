/** total: control totals per period, currency and legal entity, platform against platform. */
import { z } from 'zod'
import { abs, compare, format, subtract } from '../../../model/decimal.ts'
import { hasKind, kindOf } from '../../../model/kinds.ts'
import type { Platform } from '../../../model/landscape.ts'
import type { Evidence, Observation } from '../../../model/verdict.ts'
import { iso } from '../../clock.ts'
import { EXISTENCE } from '../../config/pattern.ts'
import { kindName } from '../../config/words.ts'
import { defineCheckKind, type Check, type JudgeContext } from '../contract.ts'
import { instant, titleOf } from '../timing.ts'
import { speaksFor } from '../whereabouts.ts'
import { conditionProblems, dated, where } from './rule-conditions.ts'
import { totalSql, type TotalRow } from './total-sql.ts'

const params = z.strictObject({
  of: kindName.describe('Kind of document.'),
  sum: z.string().describe('Money field that is added up.'),
  by: z.string().describe('Date whose month is the period.'),
  on: z
    .array(z.string())
    .min(1)
    .describe(
      'Roles or platforms whose totals must meet that of the owner; `issuer`: whoever issues invoices of the legal entity.',
    ),
  compare: z
    .array(z.enum(['total', 'count', 'customers']))
    .min(1)
    .default(['total', 'count'])
    .describe('What must meet: the sum, the number of documents, the number of customers that they belong to.'),
  where: where.optional().describe('What must be true of a document; nothing that depends on the day.'),
  except: z.array(z.string()).default(['draft', 'void', 'cancelled']).describe('States that are left out.'),
})
type Params = z.output<typeof params>

/** Documents younger than this are on their way where the check names no window. */
const WINDOW_MS = 3_600_000

export default defineCheckKind<Params, TotalRow>({
  name: 'total',
  about: 'Control totals per period, currency and legal entity, platform against platform.',
  params,
  category: 'total',
  // A document that moved may leave one period for another: all totals are added up anew, in one pass over the table.
  subject: 'none',
  problems: ({ params: p }) => problems(p),
  reads: ({ params: p }) => [
    p.of,
    ...(hasKind(p.of) && kindOf(p.of).fields.some((f) => f.name === 'legal_entity') ? [] : ['customer']),
  ],
  needs: ({ params: p }) => [p.of],
  timed: () => true,
  compile(check, ctx) {
    const anywhere = { state: null, scope: {} }
    const kind = kindOf(check.params.of)
    const wanted = {
      kind,
      sum: check.params.sum,
      by: check.params.by,
      except: check.params.except,
      where: check.params.where,
      windowMs: check.windowMs ?? WINDOW_MS,
    }
    return [
      totalSql(
        wanted,
        ctx.landscape.owners(kind.name, EXISTENCE, anywhere),
        ctx.landscape.owners('customer', 'legal_entity', anywhere),
        ctx,
      ),
    ]
  },
  judge: (check, rows, ctx) => grouped(rows).flatMap((group) => judgeGroup(check, group, ctx)),
})

function problems(p: Params): { path: (string | number)[]; says: string }[] {
  if (!hasKind(p.of)) return []
  const { fields } = kindOf(p.of)
  const found: { path: (string | number)[]; says: string }[] = []
  if (!fields.some((f) => f.name === p.sum && f.type === 'money'))
    found.push({ path: ['sum'], says: `${p.of} has no amount ${JSON.stringify(p.sum)}` })
  if (!fields.some((f) => f.name === p.by && (f.type === 'date' || f.type === 'instant')))
    found.push({ path: ['by'], says: `${p.of} has no date ${JSON.stringify(p.by)}` })
  found.push(...conditionProblems(p.of, p.where, ['where']))
  if (dated(p.where).length > 0)
    found.push({ path: ['where'], says: 'a condition on the day makes a total change by itself; leave it out' })
  return found
}

/** Rows of one period, currency and legal entity. */
function grouped(rows: readonly TotalRow[]): TotalRow[][] {
  const groups = new Map<string, TotalRow[]>()
  for (const row of rows) {
    const key = JSON.stringify([row.period, row.currency, row.legal_entity])
    groups.set(key, [...(groups.get(key) ?? []), row])
  }
  return [...groups.values()]
}

function judgeGroup(check: Check<Params>, rows: TotalRow[], ctx: JudgeContext): Observation[] {
  const p = check.params
  const [any] = rows as [TotalRow, ...TotalRow[]]
  const scope: Record<string, string> = {
    period: any.period,
    currency: any.currency,
    ...(any.legal_entity !== '' && { legal_entity: any.legal_entity }),
  }
  const named = (name: string): readonly Platform[] => {
    if (name !== 'issuer') return ctx.landscape.named(name)
    const issuer = ctx.landscape.issuer(any.legal_entity || null)
    return ctx.landscape.platforms.filter((x) => x.name === issuer)
  }
  const concerned = [...new Set(p.on.flatMap(named))]
    .filter(
      (x) => speaksFor(x, any.legal_entity === '' ? {} : { legal_entity: any.legal_entity }) && ctx.keeps(x.name, p.of),
    )
    .map((x) => x.name)
  const owner = ctx.landscape
    .owners(p.of, EXISTENCE, { state: null, scope: any.legal_entity === '' ? {} : { legal_entity: any.legal_entity } })
    .find((name) => concerned.includes(name))
  if (owner === undefined) return []
  const row = (name: string) => rows.find((r) => r.platform === name) ?? null
  return concerned
    .filter((name) => name !== owner)
    .flatMap((follower) => compared(check, { owner, follower, ours: row(owner), theirs: row(follower), scope }, ctx))
}

interface Pair {
  owner: string
  follower: string
  ours: TotalRow | null
  theirs: TotalRow | null
  scope: Record<string, string>
}

interface Sum {
  total: string
  count: string
  customers: string
}

const whole = (row: TotalRow | null): Sum => ({
  total: row?.total ?? '0',
  count: row?.count ?? '0',
  customers: row?.customers ?? '0',
})
const settled = (row: TotalRow | null): Sum => ({
  total: row?.settled_total ?? '0',
  count: row?.settled_count ?? '0',
  customers: row?.settled_customers ?? '0',
})
const meet = (p: Params, a: Sum, b: Sum) =>
  (!p.compare.includes('total') || compare(a.total, b.total) === 0) &&
  (!p.compare.includes('count') || a.count === b.count) &&
  (!p.compare.includes('customers') || a.customers === b.customers)

/** True where customers alone are counted. */
const counting = (p: Params) => p.compare.length === 1 && p.compare[0] === 'customers'

function compared(check: Check<Params>, pair: Pair, ctx: JudgeContext): Observation[] {
  const { ours, theirs } = pair
  if (
    meet(check.params, whole(ours), whole(theirs)) ||
    (check.tolerance !== null && tolerated(check, whole(ours), whole(theirs)))
  )
    return []
  const window = check.windowMs ?? WINDOW_MS
  // What changed just now may be on its way: it is left out, and if that is all, there is nothing to say yet.
  const moving =
    meet(check.params, settled(ours), settled(theirs)) ||
    (check.tolerance !== null && tolerated(check, settled(ours), settled(theirs)))
  const [a, b] = moving ? [whole(ours), whole(theirs)] : [settled(ours), settled(theirs)]
  const latest = Math.max(
    ...[ours, theirs].flatMap((r) => [instant(moving ? r?.latest : r?.settled_latest) ?? -Infinity]),
  )
  const dueAt = Number.isFinite(latest) ? latest + window : null
  const unread = moving ? null : lagging(pair, check.params.of, dueAt, ctx)
  // A platform that does not say whose documents they are has no customers to count.
  if (counting(check.params) && [a, b].some((x) => x.customers === '0' && x.count !== '0')) return []
  const [ownerTitle, followerTitle] = [titleOf(ctx, pair.owner), titleOf(ctx, pair.follower)]
  const shown = (x: Sum) => (counting(check.params) ? x.customers : format(x.total))
  const plural = kindOf(check.params.of).plural
  const evidence: Evidence[] = [
    {
      says: counting(check.params)
        ? `${ownerTitle} has ${plural} of ${a.customers} customers, ${followerTitle} of ${b.customers}.`
        : `${ownerTitle} has ${a.count} ${plural} over ${format(a.total)} ${pair.scope['currency']}, ${followerTitle} has ${b.count} over ${format(b.total)}.`,
      strength: 'strong',
      disproved_by: 'Totals that meet.',
    },
  ]
  if (moving)
    evidence.unshift({
      says: 'Documents of this period changed just now; without them the totals meet.',
      strength: 'strong',
    })
  if (unread !== null)
    evidence.unshift({ says: unread, strength: 'strong', disproved_by: 'A complete read of the stream.' })
  const held = (platform: string, sum: Sum, stands: 'owner' | 'follower') => {
    const complete = ctx.completeThrough(platform, check.params.of)
    return {
      platform,
      record_id: null,
      state: 'value' as const,
      value: shown(sum),
      raw: null,
      changed_at: null,
      changed_by: null,
      observed_at: null,
      complete_through: complete === null ? null : iso(complete),
      stands,
    }
  }
  return [
    {
      key: [
        check.params.of,
        pair.follower,
        pair.scope['period'],
        pair.scope['currency'],
        pair.scope['legal_entity'] ?? '',
      ].join('|'),
      check: check.id,
      category: check.category,
      kind: check.params.of,
      entity_id: '',
      customer_entity_id: '',
      subject: [],
      scope: pair.scope,
      field: counting(check.params) ? 'customer' : check.params.sum,
      verdict: moving ? 'in_flight' : unread !== null ? 'undecided' : 'drift',
      cause: 'unknown',
      owner_platform: pair.owner,
      platform: pair.follower,
      expected: { [pair.owner]: shown(a) },
      actual: { [pair.follower]: shown(b) },
      values: [held(pair.owner, a, 'owner'), held(pair.follower, b, 'follower')],
      evidence,
      amount_at_risk: counting(check.params) ? null : format(abs(subtract(a.total, b.total))),
      currency: pair.scope['currency']!,
      severity: check.severity,
      since: null,
      due_at: dueAt === null ? null : iso(dueAt),
      title: `${kindOf(check.params.of).plural.replace(/^./, (c) => c.toUpperCase())} of ${pair.scope['period']} in ${pair.scope['currency']}: the ${counting(check.params) ? 'number of customers' : 'total'} of ${followerTitle} does not meet that of ${ownerTitle}`,
    },
  ]
}

function tolerated(check: Check<Params>, a: Sum, b: Sum): boolean {
  return (
    check.tolerance?.kind === 'absolute' &&
    a.count === b.count &&
    compare(abs(subtract(a.total, b.total)), check.tolerance.amount) <= 0
  )
}

/** A stream that has not been read through the latest change and its window proves nothing. */
function lagging({ owner, follower }: Pair, kind: string, dueAt: number | null, ctx: JudgeContext): string | null {
  for (const name of [follower, owner]) {
    const through = ctx.completeThrough(name, kind)
    if (through === null) return `${titleOf(ctx, name)} has not been read completely yet.`
    if (dueAt !== null && through < Math.min(dueAt, ctx.asOf))
      return `${titleOf(ctx, name)} has been read through ${iso(through)} only.`
  }
  return null
}
