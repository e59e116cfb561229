/** Missing fields: open findings of the checks that ask for fields, added up by field, platform and country. */
import type { Facts } from './facts.ts'
import { tableOf } from './ident.ts'

export interface MissingField {
  check: string
  platform: string
  kind: string
  field: string
  /** Of the customer, where the check goes by countries; empty elsewhere. */
  country: string
  severity: string
  records: number
  in_flight: number
  customers: number
}

export async function missingFields(facts: Facts, checks: readonly string[]): Promise<MissingField[]> {
  if (!checks.length) return []
  const rows = await facts.query<Omit<MissingField, 'records' | 'in_flight' | 'customers'> & Record<string, string>>(
    `select toString(\`check\`) as check_id, ifNull(toString(platform), '') as platform, toString(kind) as kind, ifNull(toString(field), '') as field,
       JSONExtractString(scope, 'country') as country, toString(severity) as severity,
       countIf(state = 'open') as records, countIf(state in ('in_flight', 'undecided')) as in_flight, uniqExactIf(customer_eid, customer_eid != 0) as customers
     from ${tableOf(facts, 'findings')} final
     where \`check\` in {checks:Array(String)} and state != 'resolved'
     group by check_id, platform, kind, field, country, severity
     order by records desc, platform, kind, field, country`,
    { checks },
  )
  return rows.map((r) => ({
    check: r['check_id']!,
    platform: r.platform,
    kind: r.kind,
    field: r.field,
    country: r.country,
    severity: r.severity,
    records: Number(r['records']),
    in_flight: Number(r['in_flight']),
    customers: Number(r['customers']),
  }))
}
