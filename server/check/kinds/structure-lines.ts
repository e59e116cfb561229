/** Lines compared as a structure: by product, quantity and amount; their order and how they are split do not matter. */
import { abs, add, compare, format, subtract } from '../../../model/decimal.ts'
import { kindOf } from '../../../model/kinds.ts'
import type { Evidence, Observation } from '../../../model/verdict.ts'
import { iso } from '../../clock.ts'
import { EXISTENCE } from '../../config/pattern.ts'
import type { Check, JudgeContext } from '../contract.ts'
import { inDoubt, stampedAt, timing, titleOf } from '../timing.ts'
import { known, placed, primaries, type Holder } from './holders.ts'
import { params as matchParams } from './match-params.ts'
import { widened } from './match-reach.ts'
import { linesSql, type Line, type LinesRow } from './structure-lines-sql.ts'
import type { Params } from './structure-params.ts'
import type { Shape } from './structure.ts'

export const lines: Shape<LinesRow> = {
  subject: 'entity',
  reads: ({ params: p }) => [p.of, 'line'],
  // A line that moves takes its document with it, and the one it belonged to before.
  widen: ({ params: p }, ctx) =>
    widened(matchParams.parse({ left: { of: p.of }, right: { of: 'line', by: 'document' }, must: 'any' }), ctx),
  compile: ({ params: p }, ctx) => [linesSql(p.of, ctx)],
  judge: (check, rows, ctx) => rows.flatMap((row) => judgeRow(check, row, ctx)),
}

function judgeRow(check: Check<Params>, row: LinesRow, ctx: JudgeContext): Observation[] {
  const kind = kindOf(check.params.of)
  const live = primaries(known(row.holders, ctx.landscape), kind.ended)
  const at = placed(ctx.landscape, kind, live.values())
  const holds = (name: string) => live.has(name) && row.keepers.includes(name)
  const owner = ctx.landscape.owners(kind.name, EXISTENCE, at).find(holds)
  if (owner === undefined) return []
  return [...live.values()]
    .filter((h) => h.platform !== owner && holds(h.platform))
    .filter((h) => ctx.landscape.standing('line', 'amount', h.platform, owner, at) !== 'absent')
    .flatMap((h) => edge(check, row, live.get(owner)!, h, at.scope, ctx))
}

/** What one side has of one product. */
interface Share {
  count: number
  quantity: string | null
  amount: string | null
  lines: Line[]
}

interface Change {
  how: 'missing' | 'extra' | 'changed'
  product: string
  ours: Share | null
  theirs: Share | null
}

/** Lines that are the same entity on both sides are compared field by field elsewhere. */
function apart(row: LinesRow, owner: string, follower: string): [Line[], Line[]] {
  const of = (platform: string) => (row.lines ?? []).filter((l) => l.platform === platform && !l.deleted)
  const [ours, theirs] = [of(owner), of(follower)]
  const shared = new Set(ours.map((l) => l.line).filter((id) => theirs.some((l) => l.line === id)))
  return [ours.filter((l) => !shared.has(l.line)), theirs.filter((l) => !shared.has(l.line))]
}

/** Where a product means nothing on either side, only the sums of all lines can be compared. */
export function changes(ours: readonly Line[], theirs: readonly Line[]): Change[] {
  const blind = [...ours, ...theirs].some((l) => l.product === '0' || l.product === '')
  const [a, b] = [shares(ours, blind), shares(theirs, blind)]
  return [...new Set([...a.keys(), ...b.keys()])].sort().flatMap((product): Change[] => {
    const [x, y] = [a.get(product) ?? null, b.get(product) ?? null]
    if (x === null || y === null) return [{ how: x === null ? 'extra' : 'missing', product, ours: x, theirs: y }]
    const same = (p: string | null, q: string | null) => p === null || q === null || compare(p, q) === 0
    return same(x.quantity, y.quantity) && same(x.amount, y.amount)
      ? []
      : [{ how: 'changed', product, ours: x, theirs: y }]
  })
}

function shares(all: readonly Line[], blind: boolean): Map<string, Share> {
  const found = new Map<string, Share>()
  const sum = (a: string | null, b: string | null) => (a === null || b === null ? null : format(add(a, b)))
  for (const line of all) {
    const key = `${blind ? '' : line.product}|${line.currency ?? ''}`
    const before = found.get(key) ?? { count: 0, quantity: '0', amount: '0', lines: [] }
    found.set(key, {
      count: before.count + 1,
      quantity: sum(before.quantity, line.quantity),
      amount: sum(before.amount, line.amount),
      lines: [...before.lines, line],
    })
  }
  return found
}

function edge(
  check: Check<Params>,
  row: LinesRow,
  owner: Holder,
  follower: Holder,
  scope: Record<string, string>,
  ctx: JudgeContext,
): Observation[] {
  const [ours, theirs] = apart(row, owner.platform, follower.platform)
  const differ = changes(ours, theirs)
  if (differ.length === 0) return []
  const kind = kindOf(check.params.of)
  const stamps = (platform: string) =>
    (row.lines ?? [])
      .filter((l) => l.platform === platform)
      .flatMap((l) => stampedAt({ ...l, observed_at: l.observed_at }) ?? [])
  const latest = (times: number[]) => (times.length ? Math.max(...times) : null)
  const changedAt = latest(stamps(owner.platform)) ?? stampedAt(owner)
  const stuck = ctx.doubted(owner.platform, kind.name).has(owner.record_id)
    ? owner
    : ctx.doubted(follower.platform, kind.name).has(follower.record_id)
      ? follower
      : null
  const time = timing(
    {
      kind: 'line',
      owner: owner.platform,
      follower: follower.platform,
      edge: ctx.landscape.edge('line', 'amount', owner.platform, follower.platform),
      windowMs: check.windowMs,
      changedAt,
      followerChangedAt: latest(stamps(follower.platform)),
      unreadable: stuck ? inDoubt(stuck, ctx) : null,
    },
    ctx,
  )
  const total = (side: readonly Line[]) => {
    const known = side.flatMap((l) => l.amount ?? [])
    return known.length === side.length ? format(known.reduce((sum, x) => format(add(sum, x)), '0')) : null
  }
  const [a, b] = [total(ours), total(theirs)]
  const currencies = new Set([...ours, ...theirs].map((l) => l.currency))
  const gap = a === null || b === null || currencies.size !== 1 ? null : format(abs(subtract(a, b)))
  const title = titleOf(ctx, follower.platform)
  const touched = differ.flatMap((d) => [...(d.ours?.lines ?? []), ...(d.theirs?.lines ?? [])])
  const held = (h: Holder, sum: string | null, stands: 'owner' | 'follower') => {
    const complete = ctx.completeThrough(h.platform, 'line')
    return {
      platform: h.platform,
      record_id: h.record_id,
      state: sum === null ? ('cannot_hold' as const) : ('value' as const),
      value: sum,
      raw: null,
      changed_at: h.changed_at,
      changed_by: h.changed_by,
      observed_at: h.observed_at,
      complete_through: complete === null ? null : iso(complete),
      stands,
    }
  }
  return [
    {
      key: `${row.entity_id}|${follower.platform}`,
      check: check.id,
      category: check.category,
      kind: kind.name,
      entity_id: row.entity_id,
      customer_entity_id: row.customer_entity_id,
      subject: [
        ...[owner, follower].map((h) => ({ platform: h.platform, kind: kind.name, record_id: h.record_id })),
        ...touched.map((l) => ({ platform: l.platform, kind: 'line', record_id: l.record_id })),
      ],
      scope,
      field: null,
      verdict: time.verdict,
      cause: theirs.length === 0 ? 'never_sent' : 'unknown',
      owner_platform: owner.platform,
      platform: follower.platform,
      expected: { [owner.platform]: spoken(ours.length, a) },
      actual: { [follower.platform]: spoken(theirs.length, b) },
      values: [held(owner, a, 'owner'), held(follower, b, 'follower')],
      evidence: [time.says, ...differ.slice(0, EVIDENCE_MAX).map((d) => told(d, titleOf(ctx, owner.platform), title))],
      amount_at_risk: gap === '0' ? null : gap,
      currency: gap === '0' || gap === null ? null : [...currencies][0]!,
      severity: check.severity,
      since: changedAt === null ? null : iso(changedAt),
      due_at: time.dueAt === null ? null : iso(time.dueAt),
      title: `The lines of ${kind.name === 'order' || kind.name === 'invoice' ? 'an' : 'a'} ${kind.title.toLowerCase()} differ in ${title}`,
    },
  ]
}

/** Differences that are told one by one. */
const EVIDENCE_MAX = 20

const spoken = (count: number, sum: string | null) =>
  `${count} ${count === 1 ? 'line' : 'lines'}${sum === null ? '' : `, ${sum}`}`

function told(d: Change, ours: string, theirs: string): Evidence {
  const side = (s: Share) =>
    `${s.count} ${s.count === 1 ? 'line' : 'lines'}${s.quantity === null ? '' : `, quantity ${s.quantity}`}${s.amount === null ? '' : `, amount ${s.amount}`}`
  const name = (d.ours ?? d.theirs)!.lines[0]!.product_id
  const of = name === null || name === '' ? '' : ` of product ${name}`
  const says =
    d.how === 'missing'
      ? `${theirs} lacks ${side(d.ours!)}${of}.`
      : d.how === 'extra'
        ? `Only ${theirs} has ${side(d.theirs!)}${of}.`
        : `${ours} has ${side(d.ours!)}${of}, ${theirs} has ${side(d.theirs!)}.`
  return { says, strength: 'strong', disproved_by: 'Lines that add up to the same for every product.' }
}
