/** Moving the past: to an instant from nothing or back from the present, and from there forward by what moved in between. */
import { currentTable, versionsTable } from '../columns.ts'
import type { Facts } from '../facts.ts'
import { tableOf } from '../ident.ts'
import { projectThen, type Keepers } from './project.ts'
import { SLICE_RECORDS, slicesOf } from './slices.ts'
import { rewrite } from './rewrite.ts'
import { createPast, dropPast, takePresent, type PastTables } from './tables.ts'

/** The facts as they were known at an instant that can be moved forward. */
export interface Past {
  /** Give these to whatever reads facts. */
  facts: Facts
  /** Epoch ms at which it stands. */
  at(): number
  /** Moves forward to a later instant; tells the entities and customers that moved, as 64-bit hashes in decimal text. */
  forward(to: number): Promise<Moved>
  end(): Promise<void>
}

export interface Moved {
  entities: string[]
  customers: string[]
}

const iso = (ms: number) => new Date(ms).toISOString()

export interface Opening {
  /** Records that are written by one statement, about. */
  most?: number
  /** Share of a kind's entities that may have moved since: up to it the present is wound back, beyond it the past is made anew. */
  windsBack?: number
}

/**
 * @param at epoch ms
 * @param name tells this past from others in the same store
 * @param kinds whose current rows are wanted
 */
export async function openPast(
  live: Facts,
  at: number,
  name: string,
  kinds: readonly string[],
  { most = SLICE_RECORDS, windsBack = 0.25 }: Opening = {},
): Promise<Past> {
  const tables = await createPast(live, name, kinds)
  const { past } = tables
  const firsts = await firstSeen(live)
  let now = at
  let rev = (await newestRev(live, tables.kinds)) + 1n

  const stand = async (from: number | null, to: number, news = { links: true, events: true }) => {
    await past.command(`insert into ${tableOf(past, 'instant')} select {to:DateTime64(3, 'UTC')}`, { to: iso(to) })
    const span = (name: string) =>
      `${from === null ? '' : `${name} > {from:DateTime64(3, 'UTC')} and `}${name} <= {to:DateTime64(3, 'UTC')}`
    const params = { to: iso(to), ...(from !== null && { from: iso(from) }) }
    // Only the newest link of each record counts, so the history can be laid over the links as it is.
    if (news.links)
      await past.command(
        `insert into ${tableOf(past, 'links')} select * from ${tableOf(live, 'link_history')} where ${span('observed_at')}`,
        params,
      )
    if (news.events)
      await past.command(
        `insert into ${tableOf(past, 'events')} select * from ${tableOf(live, 'events')} where ${span('at')}`,
        params,
      )
  }

  try {
    await stand(null, at)
    await copyDecisions(tables)
    const keepers = keepersAt(firsts, at)
    for (const kind of tables.kinds) {
      if ((await movedShare(live, kind, at)) <= windsBack) {
        // What moved is looked up only now: whatever the present held by then is known to have moved.
        await takePresent(tables, kind)
        await rewrite(tables, {
          kind,
          touched: touchedSql(live, kind),
          at: iso(at),
          params: { after: iso(at), through: LAST },
          rev,
          keepers,
          most,
        })
      } else if (keepers.has(kind))
        for (const slice of await slicesOf(live, kind, most))
          await projectThen(tables, { kind, ...slice, at: iso(at), rev, keepers })
    }
  } catch (thrown) {
    await dropPast(tables).catch(() => {})
    throw thrown
  }
  return {
    facts: past,
    at: () => now,
    async forward(to) {
      const moved = await touchedThen(live, tables.kinds, now, to)
      await stand(now, to, moved.news)
      rev += 1n
      for (const kind of tables.kinds.filter((k) => moved.kinds.has(k)))
        await rewrite(tables, {
          kind,
          touched: touchedSql(live, kind),
          at: iso(to),
          params: { after: iso(now), through: iso(to) },
          rev,
          keepers: keepersAt(firsts, to),
          most,
        })
      now = to
      return { entities: moved.entities, customers: moved.customers }
    },
    end: () => dropPast(tables),
  }
}

/** What people decided has no history of its own: it counts as it stands now. */
async function copyDecisions({ live, past }: PastTables): Promise<void> {
  for (const table of ['matched_keys', 'quarantine', 'identity_conflicts'])
    await past.command(`insert into ${tableOf(past, table)} select * from ${tableOf(live, table)}`)
}

/** Later than anything. */
const LAST = '2200-01-01T00:00:00.000Z'

/** Selects the eid of each entity of a kind that moved after one instant and up to another. */
const touchedSql = (live: Facts, kind: string) =>
  `select eid from ${tableOf(live, 'touched')}
   where kind = '${kind}' and at > {after:DateTime64(3, 'UTC')} and at <= {through:DateTime64(3, 'UTC')}`

/** Share of a kind's entities that moved after an instant, 0 to 1 or more: entities that are no more count too. */
async function movedShare(live: Facts, kind: string, at: number): Promise<number> {
  const [row] = await live.query<{ moved: string; all: string }>(
    `select (select toString(uniqExact(eid)) from (${touchedSql(live, kind)})) as moved, (select toString(uniq(eid)) from ${tableOf(live, currentTable(kind))}) as all`,
    { after: iso(at), through: LAST },
  )
  return Number(row!.moved) / Math.max(1, Number(row!.all))
}

/** Newest revision of any current row: what is written over them is newer still. */
async function newestRev(live: Facts, kinds: readonly string[]): Promise<bigint> {
  const tables = kinds.map((kind) => `select max(rev) as rev from ${tableOf(live, currentTable(kind))}`)
  const [row] = await live.query<{ rev: string }>(
    `select toString(max(rev)) as rev from (${tables.join(' union all ')})`,
  )
  return BigInt(row?.rev ?? '0')
}

interface TouchedThen extends Moved {
  kinds: Set<string>
  /** Whether links or events came in the span at all. */
  news: { links: boolean; events: boolean }
}

async function touchedThen(live: Facts, kinds: readonly string[], from: number, to: number): Promise<TouchedThen> {
  const rows = await live.query<{ kind: string; entities: string[]; customers: string[] }>(
    `select toString(kind) as kind, groupUniqArray(toString(eid)) as entities, groupUniqArrayIf(toString(customer_eid), customer_eid != 0) as customers
     from ${tableOf(live, 'touched')}
     where at > {from:DateTime64(3, 'UTC')} and at <= {to:DateTime64(3, 'UTC')} and kind in {kinds:Array(String)} group by kind`,
    { from: iso(from), to: iso(to), kinds },
  )
  const [news] = await live.query<{ links: number; events: number }>(
    `select (select count() > 0 from ${tableOf(live, 'link_history')} where observed_at > {from:DateTime64(3, 'UTC')} and observed_at <= {to:DateTime64(3, 'UTC')}) as links,
       (select count() > 0 from ${tableOf(live, 'events')} where at > {from:DateTime64(3, 'UTC')} and at <= {to:DateTime64(3, 'UTC')}) as events`,
    { from: iso(from), to: iso(to) },
  )
  return {
    news: { links: news?.links === 1, events: news?.events === 1 },
    kinds: new Set(rows.map((r) => r.kind)),
    entities: [...new Set(rows.flatMap((r) => r.entities))],
    customers: [...new Set(rows.flatMap((r) => r.customers))],
  }
}

/** Kind → platform → epoch ms of the first version of any record of it. */
type Firsts = ReadonlyMap<string, ReadonlyMap<string, number>>

async function firstSeen(live: Facts): Promise<Firsts> {
  const tables = await live.query<{ name: string }>(
    `select name from system.tables where database = {db:String} and startsWith(name, 'versions_') and total_rows > 0`,
    { db: live.database },
  )
  const firsts = new Map<string, Map<string, number>>()
  for (const { name } of tables) {
    const kind = name.slice(versionsTable('').length)
    const rows = await live.query<{ platform: string; first: string }>(
      `select toString(platform) as platform, toString(toUnixTimestamp64Milli(min(observed_at))) as first from ${tableOf(live, name)} group by platform`,
    )
    firsts.set(kind, new Map(rows.map((r) => [r.platform, Number(r.first)])))
  }
  return firsts
}

function keepersAt(firsts: Firsts, at: number): Keepers {
  return new Map(
    [...firsts].flatMap(([kind, platforms]) => {
      const there = [...platforms].flatMap(([platform, first]) => (first <= at ? [platform] : [])).sort()
      return there.length ? [[kind, there] as const] : []
    }),
  )
}
