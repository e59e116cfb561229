/** Overview figures: how wrong the data is now, what it costs, and whether the figures can be believed. */
import type { AmountBasis } from '../../../model/exposure.ts'
import type { Severity } from '../../../model/verdict.ts'
import type { Facts } from './facts.ts'
import { tableOf } from './ident.ts'

export interface OpenFigures {
  open: number
  inFlight: number
  undecided: number
  bySeverity: Record<Severity, number>
  /** What the amount rests on → currency → decimal text over open findings whose amount is known; never added up. */
  amounts: Record<AmountBasis, Record<string, string>>
  /** Open findings whose amount is unknown. */
  unpriced: number
  customers: number
}

/** Amounts written before the basis was kept count as estimates: nothing is called confirmed without a reason. */
const openSum = (basis: AmountBasis) =>
  `sumMapIf(map(ifNull(toString(currency), ''), ifNull(amount_at_risk, 0)), state = 'open' and ${basisIs(basis)} and isNotNull(amount_at_risk) and isNotNull(currency)) as ${basis}`
const basisIs = (basis: AmountBasis) =>
  basis === 'confirmed' ? `amount_basis = 'confirmed'` : `amount_basis != 'confirmed'`

export async function openFigures(facts: Facts): Promise<OpenFigures> {
  const [row] = await facts.query<Record<string, string> & Record<AmountBasis, Record<string, string>>>(
    `select toString(countIf(state = 'open')) as open, toString(countIf(state = 'in_flight')) as in_flight, toString(countIf(state = 'undecided')) as undecided,
       toString(countIf(state = 'open' and severity = 'low')) as low, toString(countIf(state = 'open' and severity = 'medium')) as medium,
       toString(countIf(state = 'open' and severity = 'high')) as high, toString(countIf(state = 'open' and severity = 'critical')) as critical,
       ${openSum('confirmed')}, ${openSum('estimated')},
       toString(countIf(state = 'open' and isNull(amount_at_risk))) as unpriced,
       toString(uniqExactIf(customer_eid, state = 'open' and customer_eid != 0)) as customers
     from ${tableOf(facts, 'findings')} final`,
  )
  const n = (key: string) => Number(row?.[key] ?? 0)
  return {
    open: n('open'),
    inFlight: n('in_flight'),
    undecided: n('undecided'),
    bySeverity: { low: n('low'), medium: n('medium'), high: n('high'), critical: n('critical') },
    amounts: { confirmed: row?.confirmed ?? {}, estimated: row?.estimated ?? {} },
    unpriced: n('unpriced'),
    customers: n('customers'),
  }
}

export interface PairFigures {
  owner: string
  follower: string
  findings: number
  amounts: Record<AmountBasis, Record<string, string>>
  /** Seconds since the findings were first seen; the middle one. */
  medianAge: number
}

/** Open findings by owner and follower: the heat map. */
export async function openByPair(facts: Facts, now: string): Promise<PairFigures[]> {
  const rows = await facts.query<
    { owner: string; follower: string; findings: string; age: string } & Record<AmountBasis, Record<string, string>>
  >(
    `select toString(owner_platform) as owner, toString(platform) as follower, toString(count()) as findings,
       ${openSum('confirmed')}, ${openSum('estimated')},
       toString(toInt64(median(dateDiff('second', first_seen_at, {now:DateTime64(3, 'UTC')})))) as age
     from ${tableOf(facts, 'findings')} final
     where state = 'open' and isNotNull(owner_platform) and isNotNull(platform) and owner_platform != platform
     group by owner, follower order by owner, follower`,
    { now },
  )
  return rows.map((r) => ({
    owner: r.owner,
    follower: r.follower,
    findings: Number(r.findings),
    amounts: { confirmed: r.confirmed, estimated: r.estimated },
    medianAge: Number(r.age),
  }))
}

/**
 * Changes that were seen under way since `from`: how many arrived within their window, and how many did not. A change
 * that had arrived before we looked is in neither number.
 */
export async function windowsKept(facts: Facts, from: string): Promise<{ kept: number; missed: number }> {
  const [row] = await facts.query<{ kept: string; missed: string }>(
    `select toString(countIf(opened = 0 and healed > 0)) as kept, toString(countIf(opened > 0)) as missed from (
       select id, countIf(to_state = 'in_flight') as flown, countIf(to_state = 'open') as opened, countIf(to_state = 'resolved') as healed
       from ${tableOf(facts, 'finding_events')} final where at >= {from:DateTime64(3, 'UTC')} group by id having flown > 0)`,
    { from },
  )
  return { kept: Number(row?.kept ?? 0), missed: Number(row?.missed ?? 0) }
}

/** Customers in all, and those known only through platforms that are read completely. */
export async function customersVerified(
  facts: Facts,
  stalePlatforms: readonly string[],
): Promise<{ customers: number; verified: number }> {
  const [row] = await facts.query<{ customers: string; verified: string }>(
    `select toString(count()) as customers, toString(countIf(stale = 0)) as verified from (
       select eid, countIf(platform in {stale:Array(String)}) as stale from ${tableOf(facts, 'current_customer')} final where deleted = 0 group by eid)`,
    { stale: stalePlatforms },
  )
  return { customers: Number(row?.customers ?? 0), verified: Number(row?.verified ?? 0) }
}
