/** What a match check looks at: the records that moved, what they hang on now and hung on before, and what a person matched with it. */
import { column } from '../../../model/fields.ts'
import { fieldOf } from '../../../model/kinds.ts'
import { currentTable, referenceColumn, versionsTable } from '../../store/facts/columns.ts'
import { ident } from '../../store/facts/ident.ts'
import type { CompileContext, Reach } from '../contract.ts'
import { hangsOn, partsOf, type Params } from './match-params.ts'

/**
 * The reach, widened to whole groups. It may hold too much and never too little: a payment that moved from one invoice
 * to another brings both, because its earlier versions name the first.
 */
export function widened(
  p: Params,
  { reach, database, landscape }: Pick<CompileContext, 'reach' | 'database' | 'landscape'>,
): Reach {
  if (reach.full || hangsOn(p) !== 'entity') return reach
  const db = ident(database)
  const set = (name: string) => `select arrayJoin(${name})`
  const parts = partsOf(p)
  const links = parts
    .filter((x) => x.by[0] !== 'self')
    .flatMap((x) => {
      const field = fieldOf(x.of, x.by[0]!)
      const current = `${db}.${ident(currentTable(x.of))}`
      const ref = ident(referenceColumn(field))
      const written = ident(column(field))
      return [
        `select ${ref} as hung from ${current} where eid in (${set('moved_set')}) and ${ref} != 0`,
        // Ids as they were ever written, plain or behind the name of a platform.
        `select eid from ${db}.links where kind in (${field.to!.map((k) => `'${k}'`).join(', ')}) and (platform, record_id) in (
            select arrayJoin({match_platforms:Array(String)}), arrayJoin([written, extract(written, '^[a-z][a-z0-9-]*:(.*)$')])
            from (
              select distinct assumeNotNull(${written}) as written from ${db}.${ident(versionsTable(x.of))}
              where ${written} is not null and (platform, record_id) in (select platform, record_id from ${current} where eid in (${set('moved_set')}))
            ))`,
      ]
    })
  const union = (...selects: string[]) => `(select groupUniqArray(hash) from (select * from (
          ${selects.join('\n          union distinct ')}) as found (hash)))`
  // Every mention of a set is planned anew, so each is mentioned once.
  const every = [...new Set(parts.map((x) => x.of))]
    .map((kind) => `select eid, customer_eid from ${db}.${ident(currentTable(kind))}`)
    .join(' union all ')
  // What names nothing may stand for any shortage of its customer: all of the customer is looked at.
  const pool = p.pool
    ? [
        `${union(
          `select * from (${reach.customers}) as touched (hash)`,
          `select customer_eid from (${every}) where customer_eid != 0 and eid in (${set('near_set')})`,
        )} as customer_set`,
        `${union(set('near_set'), `select eid from (${every}) where customer_eid in (${set('customer_set')})`)} as whole_set`,
      ]
    : []
  const steps = [
    `${union(`select * from (${reach.entities}) as moved (hash)`)} as moved_set`,
    `${union(set('moved_set'), ...links)} as near_set`,
    ...pool,
  ]
  const matched = `select main, groupArray(key) as keys from ${db}.matched_keys final where gone = 0 group by main`
  return {
    full: false,
    customers: reach.customers,
    // One value, so that it is worked out once however often the SELECT asks for it.
    entities: `select arrayJoin((
      with
        ${steps.join(',\n        ')}
      select groupUniqArrayArray(arrayConcat([hash], keys))
      from (select arrayJoin(${p.pool ? 'whole_set' : 'near_set'}) as hash) as wide
      left join (select arrayJoin(keys) as key, keys from (${matched})) as m on m.key = wide.hash)) as eid`,
    params: { ...reach.params, match_platforms: landscape.platforms.map((x) => x.name) },
    since: reach.since,
  }
}
