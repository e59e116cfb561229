/** Rewriting: the current rows of entities that moved, as they were at an instant; where a row is that already, it stays. */
import { column } from '../../../../model/fields.ts'
import { kindOf, references } from '../../../../model/kinds.ts'
import { currentTable, versionsTable } from '../columns.ts'
import { tableOf } from '../ident.ts'
import { projectThen, type Keepers } from './project.ts'
import type { PastTables } from './tables.ts'

export interface Rewrite {
  kind: string
  /** Selects the `eid` of the entities that moved, with `params`. */
  touched: string
  params: Record<string, unknown>
  /** The instant, ISO; earlier than the rows, or later. Links stand at it already. */
  at: string
  /** Higher than that of any row. */
  rev: bigint
  keepers: Keepers
  /** Records that are written by one statement, about. */
  most: number
}

/** Writes what the entities consisted of then, and takes away what did not belong to them. */
export async function rewrite(tables: PastTables, step: Rewrite): Promise<void> {
  const { past } = tables
  const moving = tableOf(past, 'moving')
  await findMoving(tables, step)
  const [found] = await past.query<{ parts: number }>(`select max(part) as parts from ${moving}`)
  for (let part = 1; part <= (found?.parts ?? 0); part++)
    await projectThen(tables, {
      kind: step.kind,
      records: `select platform, record_id from ${moving} where part = ${part}`,
      params: {},
      at: step.at,
      rev: step.rev,
      keepers: step.keepers,
    })
  await past.command(
    `insert into ${tableOf(past, currentTable(step.kind))} (eid, platform, record_id, rev, gone)
     select h.eid, h.platform, h.record_id, toUInt64({rev:UInt64}), 1 from ${tableOf(past, 'held')} as h
     left join ${tableOf(past, 'members')} as m on m.platform = h.platform and m.record_id = h.record_id
     where m.eid != h.eid settings join_use_nulls = 0`,
    { rev: String(step.rev) },
  )
}

/**
 * Fills `moving`: records that were in another version then, or in another entity. Those with references are written
 * whether or not: what they refer to may have moved.
 */
async function findMoving({ live, past }: PastTables, { kind, touched, params, at, most }: Rewrite): Promise<void> {
  const [held, members, moving] = ['held', 'members', 'moving'].map((t) => tableOf(past, t)) as [string, string, string]
  for (const table of [held, members, moving]) await past.command(`truncate table ${table}`)
  const refers = references(kindOf(kind)).map((f) => `ifNull(${column(f)}, '') != ''`)
  await past.command(
    `insert into ${held} select platform, record_id, eid, seq, ${refers.join(' or ') || '0'}
     from ${tableOf(past, currentTable(kind))} final prewhere eid in (${touched})`,
    params,
  )
  const links = `select platform, record_id, eid from ${tableOf(past, 'links')} final where kind = '${kind}'`
  await past.command(
    `insert into ${members} ${links} and (eid in (${touched}) or (platform, record_id) in (select platform, record_id from ${held}))`,
    params,
  )
  await past.command(
    `insert into ${moving}
     select m.platform, m.record_id, 1 + intDiv(row_number() over (order by m.platform, m.record_id) - 1, ${most})
     from ${members} as m
     left join ${held} as h on h.platform = m.platform and h.record_id = m.record_id
     left join (select platform, record_id, max(seq) as seq from ${tableOf(live, versionsTable(kind))}
         where observed_at <= {at:DateTime64(3, 'UTC')} and (platform, record_id) in (select platform, record_id from ${members})
         group by platform, record_id) as v on v.platform = m.platform and v.record_id = m.record_id
     where h.eid != m.eid or h.seq != v.seq or h.refers settings join_use_nulls = 0`,
    { at },
  )
}
