/** Reach of events: unresolved findings whose cause newly recorded events may change, as conditions over `findings`. */
import { keyColumn } from '../../../model/fields.ts'
import { fieldOf, hasKind, kindOf } from '../../../model/kinds.ts'
import { currentTable } from '../../store/facts/columns.ts'
import { ident } from '../../store/facts/ident.ts'

export interface EventReach {
  /** True if events were recorded since the last run: the findings of the records they name are looked at again. */
  told: boolean
  /** Platforms to which deliveries are reported further than at the last run, and from which instant (epoch ms) on. */
  logged: { platforms: readonly string[]; from: number } | null
  /** True if outages, releases and their like were told of since: they may explain every unresolved finding. */
  happened: boolean
}

export const NO_EVENTS: EventReach = { told: false, logged: null, happened: false }

/** Further alternatives for a `where` over findings, beginning with `or`; needs `rev_from` of the caller. */
export function eventReachSql(
  reach: EventReach,
  database: string,
  kinds: readonly string[],
  about: string,
  hash: string,
): string {
  const waits = `state in ('open', 'in_flight', 'undecided')`
  const parts: string[] = []
  if (reach.told) {
    const named = entitiesSql(database, kinds)
    parts.push(`or (${waits} and eid in (${named}))`)
    if (hash === 'customer_eid') {
      const customers = kinds
        .filter(hasKind)
        .map((k) => `select customer_eid from ${ident(database)}.${ident(currentTable(k))} where eid in (${named})`)
      if (customers.length) parts.push(`or (${waits} and customer_eid in (${customers.join(' union distinct ')}))`)
    }
  }
  if (reach.logged)
    parts.push(
      `or (${waits} and hasAny(${about}, {reach_logged:Array(String)}) and since >= fromUnixTimestamp64Milli({reach_logged_from:Int64}, 'UTC'))`,
    )
  if (reach.happened) parts.push(`or ${waits}`)
  return parts.map((part) => `\n        ${part}`).join('')
}

export function eventReachParams(reach: EventReach): Record<string, unknown> {
  return reach.logged ? { reach_logged: reach.logged.platforms, reach_logged_from: reach.logged.from } : {}
}

/** Entities of the records that new events name: by id, by the thread of an event that does, or by business number. */
function entitiesSql(database: string, kinds: readonly string[]): string {
  const events = `${ident(database)}.events`
  const threads = `select correlation_id from ${events} where rev > {rev_from:UInt64} and correlation_id != '' and record_id = ''`
  const records = `select toString(kind), arrayJoin([toString(from_platform), toString(to_platform), toString(reported_by)]), record_id
          from ${events} where record_id != '' and (rev > {rev_from:UInt64} or correlation_id in (${threads}))`
  const byId = `select eid from ${ident(database)}.links final where (kind, platform, record_id) in (${records})`
  const byNumber = kinds.flatMap((name) => {
    const key = hasKind(name) ? kindOf(name).businessKey : undefined
    if (key === undefined) return []
    const column = ident(keyColumn(fieldOf(name, key)))
    return `select eid from ${ident(database)}.${ident(currentTable(name))} where ifNull(toString(${column}), '') in
          (select number from ${events} where rev > {rev_from:UInt64} and record_id = '' and number != '' and kind = '${name}')`
  })
  return [byId, ...byNumber].join(' union distinct ')
}
