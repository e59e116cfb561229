/** Key figures as they were measured: one row a figure, scope and hour, so that a trend is what was, not what is worked out later. */
import type { Facts } from './facts.ts'
import { tableOf } from './ident.ts'

/** One measured value. Instants are ISO text. */
export interface KpiRow {
  kpi: string
  /** `platform:<name>`, `edge:<owner>><follower>`, `legal_entity:<code>`; empty for the total. */
  scope: string
  hour: string
  /** Decimal text; null: not known, and `why` says why. */
  value: string | null
  /** How many things it rests on. */
  n: number
  why: string
  measured_at: string
}

export async function writeKpis(facts: Facts, rows: readonly KpiRow[]): Promise<void> {
  if (rows.length) await facts.insert('kpis', rows)
}

type Raw = Omit<KpiRow, 'n'> & { n: string }
const COLUMNS = `toString(kpi) as kpi, toString(scope) as scope, hour, value, toString(n) as n, toString(why) as why, measured_at`
const counted = (row: Raw): KpiRow => ({ ...row, n: Number(row.n) })

/** The values measured last at or before an instant (ISO): of each figure those of one measuring, whatever was measured in that hour before. */
export async function latestKpis(facts: Facts, at: string, since: string): Promise<KpiRow[]> {
  const table = tableOf(facts, 'kpis')
  const within = `measured_at <= {at:DateTime64(3, 'UTC')} and measured_at >= {since:DateTime64(3, 'UTC')}`
  const rows = await facts.query<Raw>(
    `select ${COLUMNS} from ${table} final
     where (kpi, measured_at) in (select kpi, max(measured_at) from ${table} final where scope = '' and ${within} group by kpi)
     order by kpi, scope`,
    { at, since },
  )
  return rows.map(counted)
}

export interface KpiPoint {
  kpi: string
  scope: string
  /** Start of the step, ISO. */
  at: string
  value: string | null
}

/** The last value of each step of time; steps in which nothing was measured are left out. */
export async function kpiTrend(
  facts: Facts,
  ask: { from: string; to: string; stepHours: number; kpi?: string },
): Promise<KpiPoint[]> {
  return await facts.query<KpiPoint>(
    `select toString(kpi) as kpi, toString(scope) as scope, toDateTime64(toStartOfInterval(hour, toIntervalHour({step:UInt32}), 'UTC'), 3, 'UTC') as at,
       argMax(tuple(value), hour).1 as value
     from ${tableOf(facts, 'kpis')} final
     where hour >= toStartOfHour({from:DateTime64(3, 'UTC')}) and hour <= {to:DateTime64(3, 'UTC')} and ${ask.kpi === undefined ? `scope = ''` : 'kpi = {kpi:String}'}
     group by kpi, scope, at
     order by kpi, scope, at`,
    { from: ask.from, to: ask.to, step: ask.stepHours, ...(ask.kpi !== undefined && { kpi: ask.kpi }) },
  )
}
