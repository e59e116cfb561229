/** A match group: the records that hang together, which copy of each speaks, and what either side adds up to. Pure. */
import { add, format, multiply } from '../../../model/decimal.ts'
import { kindOf } from '../../../model/kinds.ts'
import { EXISTENCE } from '../../config/pattern.ts'
import type { JudgeContext } from '../contract.ts'
import { instant, stampedAt } from '../timing.ts'
import { known, placed, primaries, type Holder } from './holders.ts'
import type { Tally } from './match-met.ts'
import { hangsOn, partsOf, type Params, type Placed } from './match-params.ts'
import type { MatchRow, MatchTold } from './match-sql.ts'

/** One record of a group, by the copy that speaks for it. */
export interface Member {
  part: Placed
  entity_id: string
  customer_entity_id: string
  holder: Holder
  told: MatchTold
  /** It counts: it is there and fulfils what its side asks. */
  counted: boolean
}

export interface Group {
  grp: string
  spot: string
  /** What findings about it are filed under. */
  entity_id: string
  kind: string
  customer_entity_id: string
  legalEntity: string | null
  allowance: string | null
  pooled: boolean
  loose: boolean
  /** A person said that all of them belong together. */
  confirmed: boolean
  members: Member[]
  /** Latest deletion among its records, epoch ms. */
  goneAt: number | null
}

type Asking = Pick<JudgeContext, 'landscape'>

/** Rows to groups, in order. */
export function groupsOf(p: Params, rows: readonly MatchRow[], ctx: Asking): Group[] {
  const byGroup = new Map<string, MatchRow[]>()
  for (const row of rows) {
    const key = `${row.grp} ${row.spot}`
    byGroup.set(key, [...(byGroup.get(key) ?? []), row])
  }
  // What hangs on something of which no record is known has nowhere to be filed.
  const anchored = (members: readonly MatchRow[]) =>
    hangsOn(p) !== 'entity' || members.some((r) => r.eid === r.grp || r.main_entity !== '')
  return [...byGroup.values()].filter(anchored).map((members) => groupOf(p, members, ctx))
}

function groupOf(p: Params, rows: readonly MatchRow[], ctx: Asking): Group {
  const parts = partsOf(p)
  const legalEntity = entityOf(rows, ctx)
  const heard = rows.flatMap((row) => heardIn(parts[row.part]!, row, legalEntity, ctx) ?? [])
  const members = picked(heard)
  const [first] = rows as [MatchRow, ...MatchRow[]]
  const anchor = rows.find((r) => r.eid === r.grp) ?? first
  const confirmed = rows.find((r) => r.main_entity !== '')
  const gone = rows.flatMap((r) =>
    r.copies.filter(([h]) => h.deleted).map(([h]) => stampedAt(h) ?? instant(h.observed_at)),
  )
  const goneAt = gone.filter((t) => t !== null)
  return {
    grp: first.grp,
    spot: first.spot,
    entity_id: confirmed?.main_entity ?? anchor.entity_id,
    kind: parts[anchor.part]!.of,
    customer_entity_id:
      anchor.customer_entity_id || (rows.find((r) => r.customer_entity_id !== '')?.customer_entity_id ?? ''),
    legalEntity,
    allowance: rows.find((r) => r.allowance !== null)?.allowance ?? null,
    pooled: first.pooled === 1,
    loose: first.loose === 1,
    confirmed: confirmed !== undefined,
    members,
    goneAt: goneAt.length ? Math.max(...goneAt) : null,
  }
}

/** The legal entity that any record of the group names, the left side's first. */
function entityOf(rows: readonly MatchRow[], { landscape }: Asking): string | null {
  for (const row of rows) {
    const said = known(
      row.copies.map(([h]) => h),
      landscape,
    ).find((h) => !h.deleted && h.legal_entity)
    if (said) return said.legal_entity
  }
  return null
}

/** Platforms in the order in which they are asked about a record; `only`: no other counts. */
export function asked(
  part: Placed,
  legalEntity: string | null,
  { landscape }: Asking,
): { names: string[]; only: boolean } {
  if (!part.on) return { names: landscape.platforms.map((x) => x.name), only: false }
  const names = part.on.flatMap((name) => {
    if (name !== 'issuer') return landscape.named(name).map((x) => x.name)
    const issuer = landscape.issuer(legalEntity)
    const others = landscape.platforms.filter((x) => x.role === 'erp' || x.role === 'billing').map((x) => x.name)
    return issuer === null ? others : [issuer, ...others]
  })
  return { names: [...new Set(names)], only: true }
}

function heardIn(part: Placed, row: MatchRow, legalEntity: string | null, ctx: Asking): Member | null {
  const told = new Map(row.copies.map(([h, t]) => [h, t]))
  const holders = known(
    row.copies.map(([h]) => h),
    ctx.landscape,
  )
  const kind = kindOf(part.of)
  const live = primaries(holders, kind.ended)
  if (live.size === 0) return null
  const { names, only } = asked(part, legalEntity, ctx)
  const at = placed(ctx.landscape, kind, live.values(), legalEntity)
  const order = only ? names : [...ctx.landscape.owners(part.of, EXISTENCE, at), ...names]
  const voices = order.map((name) => live.get(name)).filter((h) => h !== undefined)
  const speaker = voices.find((h) => told.get(h)!.ok !== null) ?? voices[0]
  if (!speaker) return null
  // What the one that speaks cannot hold, the next one says.
  const valued = part.value === undefined ? speaker : (voices.find((h) => told.get(h)!.value !== null) ?? speaker)
  const dated = voices.find((h) => told.get(h)!.day !== null) ?? speaker
  return {
    part,
    entity_id: row.entity_id,
    customer_entity_id: row.customer_entity_id,
    holder: told.get(speaker)!.value !== null || part.value === undefined ? speaker : valued,
    told: {
      ok: told.get(speaker)!.ok,
      value: told.get(valued)!.value,
      currency: told.get(valued)!.currency ?? told.get(speaker)!.currency,
      day: told.get(dated)!.day,
    },
    counted: told.get(speaker)!.ok === '1',
  }
}

/** Of a side of which only the latest counts, the latest. */
function picked(members: readonly Member[]): Member[] {
  const latest = new Map<number, Member>()
  for (const m of members) {
    if (m.part.pick !== 'latest' || !m.counted) continue
    const best = latest.get(m.part.n)
    const after =
      best === undefined
        ? 1
        : (m.told.day ?? '').localeCompare(best.told.day ?? '') || m.entity_id.localeCompare(best.entity_id)
    if (after > 0) latest.set(m.part.n, m)
  }
  return members.map((m) =>
    m.part.pick === 'latest' && m.counted && latest.get(m.part.n) !== m ? { ...m, counted: false } : m,
  )
}

/** What one side of a group says in one currency. */
export interface Sum extends Tally {
  sum: string
  members: Member[]
}

/** Both sides in every currency that occurs: amounts of different currencies are never added. */
export function sumsOf(p: Params, group: Group): { currency: string; left: Sum; right: Sum; unknown: boolean }[] {
  const counted = group.members.filter((m) => m.counted)
  const of = (m: Member) => (p.must === 'any' ? '' : (m.told.currency ?? ''))
  return [...new Set(counted.map(of))].sort().map((currency) => {
    const side = (n: 0 | 1): Sum => {
      const members = counted.filter((m) => m.part.side === n && of(m) === currency)
      return {
        members,
        count: members.length,
        sum: format(members.reduce((sum, m) => add(sum, m.told.value ?? '0'), multiply('0', '1'))),
        days: members.map((m) => m.told.day).filter((d) => d !== null),
      }
    }
    const both = counted.filter((m) => of(m) === currency)
    return {
      currency,
      left: side(0),
      right: side(1),
      unknown: p.must !== 'any' && both.some((m) => m.told.value === null || m.told.currency === null),
    }
  })
}
