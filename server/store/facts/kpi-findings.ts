/** Counts over findings that key figures are made from. */
import { KINDS } from '../../../model/kinds.ts'
import { currentTable } from './columns.ts'
import type { Facts } from './facts.ts'
import { tableOf } from './ident.ts'

export interface OpenGroup {
  check: string
  category: string
  kind: string
  /** Platform at fault; empty where none is. */
  platform: string
  open: number
  /** First seen before the asked instant. */
  aged: number
}

export async function openGroups(facts: Facts, agedBefore: string): Promise<OpenGroup[]> {
  const rows = await facts.query<Omit<OpenGroup, 'open' | 'aged'> & { open: string; aged: string }>(
    `select toString(\`check\`) as check, toString(category) as category, toString(kind) as kind, ifNull(toString(platform), '') as platform,
       count() as open, countIf(first_seen_at < {before:DateTime64(3, 'UTC')}) as aged
     from ${tableOf(facts, 'findings')} final where state = 'open'
     group by check, category, kind, platform order by check, category, kind, platform`,
    { before: agedBefore },
  )
  return rows.map((r) => ({ ...r, open: Number(r.open), aged: Number(r.aged) }))
}

export interface Counted {
  kind: string
  /** Empty: over all platforms. */
  platform: string
  n: number
}

const numbered = (rows: { kind: string; platform: string; n: string }[]): Counted[] =>
  rows.map((r) => ({ ...r, n: Number(r.n) }))

const SUBJECTS = `arrayJoin(JSONExtract(subject, 'Array(Tuple(platform String, kind String, record_id String))'))`

/** Records that open duplicates are made of, by kind and platform. */
export async function duplicateRecords(facts: Facts): Promise<Counted[]> {
  return numbered(
    await facts.query(
      `select s.2 as kind, s.1 as platform, uniqExact(s.3) as n
       from (select ${SUBJECTS} as s from ${tableOf(facts, 'findings')} final where state = 'open' and category = 'duplicate')
       group by kind, platform order by kind, platform`,
    ),
  )
}

/** Duplicates of a kind first seen since an instant, by platform of their records; under the empty name all of them. */
export async function newDuplicates(facts: Facts, kind: string, from: string): Promise<Counted[]> {
  return numbered(
    await facts.query(
      `select {kind:String} as kind, s.1 as platform, uniqExact(id) as n
       from (select id, ${SUBJECTS} as s from ${tableOf(facts, 'findings')} final
         where category = 'duplicate' and kind = {kind:String} and verdict not in ('agrees', 'in_flight', 'undecided') and first_seen_at >= {from:DateTime64(3, 'UTC')})
       group by grouping sets ((s.1), ()) order by platform`,
      { kind, from },
    ),
  )
}

/** Entities of a kind with an open mismatch, by platform at fault; under the empty name all of them. */
export async function mismatched(facts: Facts, kind: string): Promise<Counted[]> {
  return numbered(
    await facts.query(
      `select {kind:String} as kind, ifNull(toString(at_fault), '') as platform, uniqExact(eid) as n
       from (select eid, platform as at_fault from ${tableOf(facts, 'findings')} final
         where state = 'open' and category = 'mismatch' and kind = {kind:String})
       group by grouping sets ((at_fault), ()) order by platform`,
      { kind },
    ),
  )
}

/** Live records and their entities, by kind and platform; entities under the empty name are those of all platforms. */
export async function liveRecords(facts: Facts): Promise<(Counted & { entities: number })[]> {
  const one = (kind: string) =>
    `select '${kind}' as kind, toString(platform) as platform, count() as n, uniqExact(eid) as entities from ${tableOf(facts, currentTable(kind))} final where deleted = 0 group by grouping sets ((platform), ())`
  const rows = await facts.query<{ kind: string; platform: string; n: string; entities: string }>(
    `select kind, platform, n, entities from (${KINDS.map((k) => one(k.name)).join(' union all ')}) where n > 0 order by kind, platform`,
  )
  return rows.map((r) => ({ ...r, n: Number(r.n), entities: Number(r.entities) }))
}

/** Records of a kind that platforms say were created since an instant, live or not. */
export async function createdRecords(facts: Facts, kind: string, from: string): Promise<Counted[]> {
  return numbered(
    await facts.query(
      `select {kind:String} as kind, toString(platform) as platform, count() as n from ${tableOf(facts, currentTable(kind))} final
       where created_at >= {from:DateTime64(3, 'UTC')} group by platform order by platform`,
      { kind, from },
    ),
  )
}

/** How long what was resolved on evidence in a period had been open, by platform at fault. */
export async function recoveries(
  facts: Facts,
  from: string,
  to: string,
): Promise<{ platform: string; seconds: number; n: number }[]> {
  const rows = await facts.query<{ platform: string; seconds: number; n: string }>(
    `select ifNull(toString(f.platform), '') as platform, sum(dateDiff('millisecond', e.opened_at, e.at)) / 1000 as seconds, count() as n
     from (
       select id, at, to_state, verdict, maxIf(at, to_state = 'open' and ifNull(from_state, '') != 'open') over (partition by id order by transition rows between unbounded preceding and current row) as opened_at
       from ${tableOf(facts, 'finding_events')} final) as e
     inner join (select id, platform from ${tableOf(facts, 'findings')} final) as f on f.id = e.id
     where e.to_state = 'resolved' and e.verdict in ('drift', 'unmapped') and e.at >= {from:DateTime64(3, 'UTC')} and e.at < {to:DateTime64(3, 'UTC')} and toUnixTimestamp64Milli(e.opened_at) > 0
     group by 1 order by 1`,
    { from, to },
  )
  return rows.map((r) => ({ ...r, seconds: Number(r.seconds), n: Number(r.n) }))
}

/** Rows that could not be read and wait for a person, by platform. */
export async function unreadRows(facts: Facts): Promise<{ platform: string; n: number }[]> {
  const rows = await facts.query<{ platform: string; n: string }>(
    `select toString(platform) as platform, count() as n from ${tableOf(facts, 'quarantine')} final where state = 'open' group by platform order by platform`,
  )
  return rows.map((r) => ({ ...r, n: Number(r.n) }))
}
