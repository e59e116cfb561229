/** Lag decisions: when it was settled that a change kept or broke its promise, and what still waits. */
import type { Facts } from './facts.ts'
import { tableOf } from './ident.ts'
import { latest } from './lag.ts'

/** Lengths of the burn windows, milliseconds. */
export const BURN_MS = {
  '5m': 300_000,
  '30m': 1_800_000,
  '1h': 3_600_000,
  '6h': 21_600_000,
  '3d': 259_200_000,
} as const
export type BurnWindow = keyof typeof BURN_MS
const WINDOWS = Object.keys(BURN_MS) as BurnWindow[]

/** Windows longer than this spend their budget, but are not looked for among the decisions of the last days. */
const LONGEST_WINDOW_MS = 60 * 86_400_000

export interface EdgeKey {
  kind: string
  part: string
  owner: string
  follower: string
}

export interface DecideAsk {
  /** Epoch ms. */
  asOf: number
  /** `follower kind` → epoch ms through which its changes are surely read: what was due later is not decided. */
  complete: ReadonlyMap<string, number>
  /** A change that was overtaken within its window counts as missed too. */
  lostAlways: boolean
}

export interface Decisions extends EdgeKey {
  windows: Record<BurnWindow, { good: number; bad: number }>
}

const params = (ask: DecideAsk) => ({
  as_of: ask.asOf,
  complete_of: [...ask.complete.keys()],
  complete_at: [...ask.complete.values()],
  lost_always: ask.lostAlways ? 1 : 0,
})

/** What can be said of a change at the instant of asking, and since when it can be said. */
const DECIDED = `
  toUnixTimestamp64Milli(due_at) as due_ms,
  least({as_of:Int64}, transform(concat(follower, ' ', kind), {complete_of:Array(String)}, {complete_at:Array(Int64)}, toInt64(0))) as complete_ms,
  multiIf(
    excluded != '' or outcome = 'unmeasured', 'none',
    outcome = 'in_time', 'good',
    outcome = 'late', 'late',
    outcome = 'lost', if(overtaken_at > due_at or {lost_always:UInt8} = 1, 'lost', 'none'),
    due_ms <= complete_ms, 'wrong',
    due_ms <= {as_of:Int64}, 'undecided', 'in_flight') as verdict,
  toUnixTimestamp64Milli(multiIf(outcome = 'in_time', assumeNotNull(agreed_at), outcome = 'lost' and overtaken_at <= due_at, assumeNotNull(overtaken_at), due_at)) as decided_ms`

/** Good and bad decisions of the last minutes, hours and days, by edge. */
export async function decisions(facts: Facts, ask: DecideAsk): Promise<Decisions[]> {
  const within = (verdicts: string, window: BurnWindow) =>
    `countIf(verdict in (${verdicts}) and decided_ms > {as_of:Int64} - ${BURN_MS[window]})`
  const rows = await facts.query<EdgeKey & { good: string[]; bad: string[] }>(
    `select kind, part, owner, follower,
       [${WINDOWS.map((w) => within(`'good'`, w)).join(', ')}] as good,
       [${WINDOWS.map((w) => within(`'late', 'lost', 'wrong'`, w)).join(', ')}] as bad
     from (select kind, part, owner, follower, ${DECIDED}
       from ${latest(facts, 'changed_at >= fromUnixTimestamp64Milli({since:Int64})')}
       where due_at >= fromUnixTimestamp64Milli({due_since:Int64}))
     where decided_ms <= {as_of:Int64}
     group by kind, part, owner, follower
     order by kind, part, owner, follower`,
    { ...params(ask), since: ask.asOf - BURN_MS['3d'] - LONGEST_WINDOW_MS, due_since: ask.asOf - BURN_MS['3d'] },
  )
  return rows.map(({ good, bad, ...edge }) => ({
    ...edge,
    windows: Object.fromEntries(
      WINDOWS.map((w, i) => [w, { good: Number(good[i]), bad: Number(bad[i]) }]),
    ) as Decisions['windows'],
  }))
}

export interface Waiting extends EdgeKey {
  /** Still within their window. */
  inFlight: number
  /** Their window has ended and the follower has been read through its end. */
  wrong: number
  /** The same among the changes made since the asked instant. */
  wrongSince: number
  /** Their window has ended, but the follower has not been read that far. */
  undecided: number
  /** ISO. */
  oldest: string | null
  /** Stamps that are lacking, as `platform.changed_at`. */
  lacks: string[]
}

/** What waits now, by edge, and which stamps are lacking. */
export async function waitingNow(facts: Facts, ask: DecideAsk & { since: number }): Promise<Waiting[]> {
  const rows = await facts.query<EdgeKey & { n: string[]; oldest: string; lacks: string[] }>(
    `select kind, part, owner, follower,
       [countIf(verdict = 'in_flight'), countIf(verdict = 'wrong'), countIf(verdict = 'wrong' and changed_at >= fromUnixTimestamp64Milli({since:Int64})), countIf(verdict = 'undecided')] as n,
       minIf(changed_at, outcome = 'waiting') as oldest, arraySort(groupUniqArrayIf(toString(lacking), lacking != '')) as lacks
     from (select kind, part, owner, follower, changed_at, outcome, lacks as lacking, ${DECIDED} from ${latest(facts, '1')} where outcome in ('waiting', 'unmeasured'))
     group by kind, part, owner, follower
     order by kind, part, owner, follower`,
    { ...params(ask), since: ask.since },
  )
  return rows.map(({ n, oldest, ...row }) => {
    const [inFlight, wrong, wrongSince, undecided] = n.map(Number) as [number, number, number, number]
    return { ...row, inFlight, wrong, wrongSince, undecided, oldest: inFlight + wrong + undecided > 0 ? oldest : null }
  })
}

/** Who waits longest and what moves slowest on one edge. */
export interface SlowCustomer {
  customer_entity_id: string
  name: string | null
  changes: number
  missed: number
  /** Seconds of its slowest change; of one that still waits, so far. */
  slowest: number
}
export interface FieldSplit {
  field: string
  changes: number
  missed: number
  p95: number | null
}
export interface OverdueChange {
  entity_id: string
  record_id: string
  follower_record_id: string
  fields: string[]
  changed_at: string
  due_at: string
  verdict: 'wrong' | 'undecided' | 'in_flight'
}

export type EdgeAsk = DecideAsk & Omit<EdgeKey, 'part'> & { part?: string; from: number; limit: number }

const onEdge = (ask: Pick<EdgeAsk, 'part'>) =>
  `kind = {kind:String} and owner = {owner:String} and follower = {follower:String}${ask.part === undefined ? '' : ' and part = {part:String}'}`
const edgeParams = (ask: EdgeAsk) => ({
  ...params(ask),
  kind: ask.kind,
  owner: ask.owner,
  follower: ask.follower,
  ...(ask.part !== undefined && { part: ask.part }),
  from: ask.from,
  limit: ask.limit,
})
const inRange = (facts: Facts, ask: EdgeAsk) =>
  `(select *, ${DECIDED}, dateDiff('millisecond', changed_at, if(outcome = 'waiting', fromUnixTimestamp64Milli(complete_ms), ifNull(agreed_at, changed_at))) / 1000 as seconds
    from ${latest(facts, `${onEdge(ask)} and changed_at >= fromUnixTimestamp64Milli({from:Int64})`)})`
const MISSED = `countIf(verdict in ('late', 'lost', 'wrong'))`

export async function slowestCustomers(facts: Facts, ask: EdgeAsk): Promise<SlowCustomer[]> {
  const rows = await facts.query<SlowCustomer & Record<'changes' | 'missed', string>>(
    `select customer_entity_id, cast(null, 'Nullable(String)') as name, count() as changes, ${MISSED} as missed, greatest(0, max(seconds)) as slowest
     from ${inRange(facts, ask)} where customer_entity_id != '' and outcome in ('in_time', 'late', 'waiting')
     group by customer_entity_id order by slowest desc, customer_entity_id limit {limit:UInt32}`,
    edgeParams(ask),
  )
  const names = await customerNames(
    facts,
    rows.map((r) => r.customer_entity_id),
  )
  return rows.map((r) => ({
    ...r,
    name: names.get(r.customer_entity_id) ?? null,
    changes: Number(r.changes),
    missed: Number(r.missed),
  }))
}

/** Name as any platform has it, the first by name of the platform. */
async function customerNames(facts: Facts, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map()
  const rows = await facts.query<{ entity_id: string; first: string }>(
    `select entity_id, argMin(assumeNotNull(name), platform) as first from ${tableOf(facts, 'current_customer')} final
     where eid in (select arrayJoin(arrayMap(x -> cityHash64(x), {ids:Array(String)}))) and name is not null and deleted = 0
     group by entity_id`,
    { ids },
  )
  return new Map(rows.map((r) => [r.entity_id, r.first]))
}

export async function fieldSplit(facts: Facts, ask: EdgeAsk): Promise<FieldSplit[]> {
  const rows = await facts.query<FieldSplit & Record<'changes' | 'missed', string>>(
    `select toString(moved) as field, count() as changes, ${MISSED} as missed, quantileDDIf(0.01, 0.95)(toFloat64(seconds), outcome in ('in_time', 'late')) as p95
     from ${inRange(facts, ask)} array join fields as moved
     group by field order by missed desc, changes desc, field limit {limit:UInt32}`,
    edgeParams(ask),
  )
  return rows.map((r) => ({ ...r, changes: Number(r.changes), missed: Number(r.missed) }))
}

/** What waits on one edge, longest first. */
export async function waitingChanges(facts: Facts, ask: EdgeAsk): Promise<OverdueChange[]> {
  return await facts.query<OverdueChange>(
    `select entity_id, record_id, follower_record_id, fields, changed_at, due_at, verdict
     from ${inRange(facts, ask)} where verdict in ('wrong', 'undecided', 'in_flight')
     order by changed_at, record_id limit {limit:UInt32}`,
    edgeParams(ask),
  )
}
