/** What a rule or deadline looks at: the customers that moved, and those of whom a date was crossed since the last run. */
import { column } from '../../../model/fields.ts'
import { fieldOf } from '../../../model/kinds.ts'
import { dayOf, isoDay } from '../../config/day.ts'
import { currentTable } from '../../store/facts/columns.ts'
import { ident } from '../../store/facts/ident.ts'
import type { CompileContext } from '../contract.ts'
import { within } from './reach.ts'
import { dated, type Params } from './rule-conditions.ts'
import type { Lookup } from './rule-sql.ts'

const DAY = 86_400_000

/**
 * Records of no known customer are few and looked at every time: nothing else would lead to them. Dates are crossed at
 * midnight, so most runs add nothing.
 */
export function scopeSql(lookup: Lookup, ctx: CompileContext, params: Params): string {
  const { reach } = ctx
  if (lookup.always) return '1'
  if (reach.full) return within(reach, 'customer_eid', 'customers')
  const crossed = [[lookup.of, lookup.when] as const, ...lookup.parts.map((p) => [p.of, p.where] as const)].flatMap(
    ([kind, conditions]) =>
      dated(conditions).flatMap(({ field, shift }) => crossing(kind, field, shift, ctx, reach.since, params)),
  )
  const later = lookup.parts.some((p) => p.since) && midnights(ctx, reach.since) ? ['1'] : []
  return `(${[within(reach, 'customer_eid', 'customers'), 'customer_eid = 0', ...crossed, ...later].join(' or ')})`
}

/** True if a day ended in the zone of any platform since then. */
function midnights(ctx: CompileContext, since: number): boolean {
  return ctx.landscape.platforms.some((p) => isoDay(dayOf(p.timezone, since)) !== isoDay(dayOf(p.timezone, ctx.asOf)))
}

function crossing(
  kind: string,
  name: string,
  shift: number,
  ctx: CompileContext,
  since: number,
  params: Params,
): string[] {
  const field = fieldOf(kind, name)
  const from = `select customer_eid from ${ident(ctx.database)}.${ident(currentTable(kind))} where deleted = 0 and `
  const value = ident(column(field))
  if (field.type === 'instant') {
    const at = (ms: number) => `fromUnixTimestamp64Milli(${params.add(ms + shift * DAY, 'Int64')}, 'UTC')`
    return [`customer_eid in (${from}${value} between ${at(since)} and ${at(ctx.asOf)})`]
  }
  if (!midnights(ctx, since)) return []
  const day = (ms: number) => params.add(isoDay(dayOf('UTC', ms + shift * DAY)), 'String')
  // A day to either side for the zones; a month or year is crossed rarely and always looked at.
  return [
    `customer_eid in (${from}(${value} between ${day(since - DAY)} and ${day(ctx.asOf + DAY)} or length(${value}) < 10))`,
  ]
}
