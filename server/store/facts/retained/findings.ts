/** Findings over their term: all of an issue whose last finding was resolved before the cutoff, with their transitions. The issue itself stays. */
import { PlumblineError } from '../../../errors.ts'
import type { Facts } from '../facts.ts'
import { tableOf } from '../ident.ts'
import { added, BEFORE, bytesOfRow, heldCustomers, neededParams, remove, type Needed, type Over } from './needed.ts'

/** Issues whose findings go at a time. */
const ISSUES_AT_ONCE = 50_000

const closed = (facts: Facts) =>
  `select issue, max(issue in {kept_issues:Array(UInt64)}
       or (customer_eid != 0 and customer_eid in (${heldCustomers(facts)}))
       or (eid != 0 and eid in (select cityHash64(arrayJoin({kept_entities:Array(String)}))))) as is_needed
   from ${tableOf(facts, 'findings')} final group by issue
   having countIf(state != 'resolved') = 0 and max(resolved_at) ${BEFORE}`

export async function findingsOver(facts: Facts, cutoff: number, needed: Needed): Promise<Over> {
  const params = neededParams(needed, cutoff)
  const [row] = await facts.query<{ n: string; needed: string; oldest: string; newest: string }>(
    `select countIf(is_needed = 0) as n, countIf(is_needed = 1) as needed,
       toString(toUnixTimestamp64Milli(minIf(first_seen_at, is_needed = 0))) as oldest, toString(toUnixTimestamp64Milli(maxIf(assumeNotNull(resolved_at), is_needed = 0))) as newest
     from (select issue, first_seen_at, resolved_at from ${tableOf(facts, 'findings')} final) as f inner join (${closed(facts)}) as c on c.issue = f.issue`,
    params,
  )
  const n = Number(row?.n ?? 0)
  const needs = Number(row?.needed ?? 0)
  if (n === 0) return { rows: 0, oldest: null, newest: null, bytes: 0, needed: needs }
  const [moves] = await facts.query<{ n: string }>(
    `select count() as n from ${tableOf(facts, 'finding_events')} final where id in (
       select id from ${tableOf(facts, 'findings')} final where issue in (select issue from (${closed(facts)}) where is_needed = 0))`,
    params,
  )
  const size = async (table: string, rows: number) => {
    const each = await bytesOfRow(facts, table)
    return each === null ? null : Math.round(each * rows)
  }
  const own = { rows: n, oldest: Number(row!.oldest), newest: Number(row!.newest), needed: needs }
  const told = Number(moves?.n ?? 0)
  return added([
    { ...own, bytes: await size('findings', n) },
    { rows: told, oldest: null, newest: null, bytes: await size('finding_events', told), needed: 0 },
  ])
}

export async function removeFindings(facts: Facts, cutoff: number, needed: Needed): Promise<void> {
  for (;;) {
    const rows = await facts.query<{ issue: string }>(
      `select issue from (${closed(facts)}) where is_needed = 0 order by issue limit ${ISSUES_AT_ONCE}`,
      neededParams(needed, cutoff),
    )
    if (rows.length === 0) return
    await removeOf(
      facts,
      rows.map((r) => r.issue),
    )
  }
}

async function removeOf(facts: Facts, issues: readonly string[]): Promise<void> {
  const gone = { gone: issues }
  const of = 'issue in {gone:Array(UInt64)}'
  const findings = tableOf(facts, 'findings')
  // First what hangs on them: cut off here, the same issues are found again.
  await remove(facts, 'finding_events', `id in (select id from ${findings} where ${of})`, gone)
  // A row that was replaced and not merged yet would come back to life, as open, when the one that replaced it goes.
  await facts.command(`optimize table ${findings} final settings optimize_throw_if_noop = 1`)
  const [twice] = await facts.query<{ n: string }>(
    `select count() - uniqExact(id) as n from ${findings} where id in (select id from ${findings} where ${of})`,
    gone,
  )
  if (twice?.n !== '0')
    throw new PlumblineError('conflict', 'The table of findings is being written to and could not be merged.', {
      retryable: true,
      remedy: 'Nothing was lost: the next run removes what has had its time.',
    })
  await remove(facts, 'findings', of, gone)
}
