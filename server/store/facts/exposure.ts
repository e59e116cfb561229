/** Exposure: money that is at risk now, and what came and went by day. Currencies are never added up, nor known amounts with estimates. */
import type { AmountBasis } from '../../../model/exposure.ts'
import type { Facts } from './facts.ts'
import { tableOf } from './ident.ts'

export interface OpenExposure {
  /** Platform at fault; empty where none is. */
  platform: string
  basis: AmountBasis
  currency: string
  /** Decimal text. */
  amount: string
  findings: number
}

const BASIS = `if(amount_basis = '', 'estimated', toString(amount_basis))`

/** Open findings with a known amount, except those of the named issues. */
export async function openExposure(facts: Facts, except: readonly number[]): Promise<OpenExposure[]> {
  const rows = await facts.query<Omit<OpenExposure, 'findings'> & { findings: string }>(
    `select ifNull(toString(platform), '') as platform, ${BASIS} as basis, assumeNotNull(toString(currency)) as currency, sum(assumeNotNull(amount_at_risk)) as amount, count() as findings
     from ${tableOf(facts, 'findings')} final
     where state = 'open' and isNotNull(amount_at_risk) and isNotNull(currency) and issue not in {except:Array(UInt64)}
     group by platform, basis, currency order by platform, basis, currency`,
    { except },
  )
  return rows.map((r) => ({ ...r, findings: Number(r.findings) }))
}

/** What moved on one day. Amounts are decimal text, none of them negative. */
export interface ExposureMove {
  /** `2026-11-20`, UTC. */
  day: string
  platform: string
  basis: AmountBasis
  currency: string
  /** Became wrong. */
  opened: string
  /** Was right again on evidence. */
  recovered: string
  /** Is no longer surely wrong: the owner changed again, or the evidence went missing. */
  suspended: string
}

const AMOUNT = `JSONExtract(detail, 'amount_at_risk', 'Nullable(Decimal(38, 9))')`
const CURRENCY = `JSONExtract(detail, 'currency', 'Nullable(String)')`
const OPENS = `to_state = 'open' and ifNull(from_state, '') != 'open'`
const RECOVERS = `to_state = 'resolved' and from_state = 'open'`
const SUSPENDS = `to_state in ('in_flight', 'undecided') and from_state = 'open'`

/** Moves between two instants (ISO, `to` exclusive), except those of the named issues. */
export async function exposureMoves(
  facts: Facts,
  { from, to, except }: { from: string; to: string; except: readonly number[] },
): Promise<ExposureMove[]> {
  return await facts.query<ExposureMove>(
    `select toString(toDate(e.at)) as day, f.platform as platform, f.basis as basis, assumeNotNull(e.currency) as currency,
       sumIf(assumeNotNull(e.amount), ${OPENS}) as opened, sumIf(assumeNotNull(e.amount), ${RECOVERS}) as recovered, sumIf(assumeNotNull(e.amount), ${SUSPENDS}) as suspended
     from (select id, at, from_state, to_state, ${AMOUNT} as amount, ${CURRENCY} as currency from ${tableOf(facts, 'finding_events')} final
       where at >= {from:DateTime64(3, 'UTC')} and at < {to:DateTime64(3, 'UTC')} and isNotNull(amount) and isNotNull(currency)) as e
     inner join (select id, ifNull(toString(platform), '') as platform, ${BASIS} as basis from ${tableOf(facts, 'findings')} final where issue not in {except:Array(UInt64)}) as f on f.id = e.id
     group by day, platform, basis, currency
     having opened != 0 or recovered != 0 or suspended != 0
     order by day, platform, basis, currency`,
    { from, to, except },
  )
}

/** One step in the life of a finding of an issue that was accepted at some time. */
export interface ExposureStep {
  id: string
  issue: number
  platform: string
  basis: AmountBasis
  currency: string
  amount: string
  at: string
  opens: boolean
  recovers: boolean
  suspends: boolean
}

/** All steps with a known amount of the findings of these issues before an instant, in order. */
export async function exposureSteps(facts: Facts, issues: readonly number[], to: string): Promise<ExposureStep[]> {
  if (issues.length === 0) return []
  const rows = await facts.query<Record<string, string | number>>(
    `select e.id as id, toString(f.issue) as issue, f.platform as platform, f.basis as basis, assumeNotNull(e.currency) as currency, assumeNotNull(e.amount) as amount, e.at as at,
       ${OPENS} as opens, ${RECOVERS} as recovers, ${SUSPENDS} as suspends
     from (select id, transition, at, from_state, to_state, ${AMOUNT} as amount, ${CURRENCY} as currency from ${tableOf(facts, 'finding_events')} final
       where at < {to:DateTime64(3, 'UTC')} and isNotNull(amount) and isNotNull(currency)) as e
     inner join (select id, issue, ifNull(toString(platform), '') as platform, ${BASIS} as basis from ${tableOf(facts, 'findings')} final where issue in {issues:Array(UInt64)}) as f on f.id = e.id
     order by e.id, e.transition`,
    { issues, to },
  )
  return rows.map((r) => ({
    id: String(r['id']),
    issue: Number(r['issue']),
    platform: String(r['platform']),
    basis: r['basis'] as AmountBasis,
    currency: String(r['currency']),
    amount: String(r['amount']),
    at: String(r['at']),
    opens: Number(r['opens']) === 1,
    recovers: Number(r['recovers']) === 1,
    suspends: Number(r['suspends']) === 1,
  }))
}
