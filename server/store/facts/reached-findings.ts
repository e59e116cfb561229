/** Reached findings: the unresolved findings that a run has looked at, and what is needed to fold findings into issues. */
import { currentTable } from './columns.ts'
import type { Facts } from './facts.ts'
import { findings, type StoredFinding } from './findings.ts'
import { tableOf } from './ident.ts'

/** Ids that one query fetches. */
const IDS_A_QUERY = 2_000

/** Unresolved findings of a check whose entity or customer meets the condition; `condition` is SQL of the check stage, values in `params`. */
export async function reachedFindings(
  facts: Facts,
  check: string,
  condition: string,
  params: Record<string, unknown>,
): Promise<StoredFinding[]> {
  const rows = await facts.query<{ id: string }>(
    `select id from ${tableOf(facts, 'findings')} final
     prewhere \`check\` = {finding_check:String}
     where state != 'resolved' and (${condition})
     order by id`,
    { ...params, finding_check: check },
  )
  return byIds(
    facts,
    rows.map((r) => r.id),
  )
}

export async function byIds(facts: Facts, ids: readonly string[]): Promise<StoredFinding[]> {
  const found: StoredFinding[] = []
  for (let at = 0; at < ids.length; at += IDS_A_QUERY)
    found.push(...(await findings(facts, { ids: ids.slice(at, at + IDS_A_QUERY) }, IDS_A_QUERY)))
  return found
}

/** True if the check ever resolved a finding: otherwise none can come back. */
export async function hasResolved(facts: Facts, check: string): Promise<boolean> {
  const rows = await facts.query(
    `select 1 as one from ${tableOf(facts, 'findings')} prewhere \`check\` = {check:String} where state = 'resolved' limit 1`,
    { check },
  )
  return rows.length > 0
}

/** Checks that ever had a finding. */
export async function checksWithFindings(facts: Facts): Promise<Set<string>> {
  const rows = await facts.query<{ id: string }>(
    `select distinct toString(\`check\`) as id from ${tableOf(facts, 'findings')}`,
  )
  return new Set(rows.map((r) => r.id))
}

/** Numbers of all issues that findings of the check belong to. */
export async function issueNumbersOf(facts: Facts, check: string): Promise<number[]> {
  const rows = await facts.query<{ number: string }>(
    `select number from (select issue as number from ${tableOf(facts, 'findings')} prewhere \`check\` = {check:String}
       union distinct select number from ${tableOf(facts, 'issues')} prewhere \`check\` = {check:String}) order by number`,
    { check },
  )
  return rows.map((r) => Number(r.number))
}

/** Issues of the check whose stage passes with time alone. */
export async function ageingIssues(facts: Facts, check: string): Promise<number[]> {
  const rows = await facts.query<{ number: string }>(
    `select number from ${tableOf(facts, 'issues')} final prewhere \`check\` = {check:String} where state in ('new', 'escalating') order by number`,
    { check },
  )
  return rows.map((r) => Number(r.number))
}

export interface IssueSample {
  number: number
  title: string
  category: string
  kind: string
  field: string | null
  owner_platform: string | null
  platform: string | null
  cause: string
  /** Open findings first seen in the last day, and in the six days before. */
  lastDay: number
  daysBefore: number
}

/** What all findings of an issue have in common, and how fast it grows. */
export async function issueSamples(facts: Facts, numbers: readonly number[], asOfIso: string): Promise<IssueSample[]> {
  const rows = await facts.query<
    Omit<IssueSample, 'number' | 'lastDay' | 'daysBefore'> & { number: string; last_day: string; days_before: string }
  >(
    `with folded as (
       select issue, argMin((title, category, kind, field, owner_platform, platform, cause), id) as any_one,
         countIf(state = 'open' and first_seen_at > {day_ago:DateTime64(3, 'UTC')}) as last_day,
         countIf(state = 'open' and first_seen_at <= {day_ago:DateTime64(3, 'UTC')} and first_seen_at > {week_ago:DateTime64(3, 'UTC')}) as days_before
       from ${tableOf(facts, 'findings')} final
       where issue in {numbers:Array(UInt64)}
       group by issue
     )
     select issue as number, any_one.1 as title, any_one.2 as category, any_one.3 as kind, any_one.4 as field, any_one.5 as owner_platform, any_one.6 as platform,
       any_one.7 as cause, last_day, days_before
     from folded
     order by issue`,
    { numbers, day_ago: ago(asOfIso, 1), week_ago: ago(asOfIso, 7) },
  )
  return rows.map(({ last_day, days_before, ...row }) => ({
    ...row,
    number: Number(row.number),
    lastDay: Number(last_day),
    daysBefore: Number(days_before),
  }))
}

const ago = (instantIso: string, days: number) => new Date(Date.parse(instantIso) - days * 86_400_000).toISOString()

/** When each entity first had the live records that it has on a platform now (epoch ms); missing from the map where it has none or they carry no stamp. */
export async function arrivals(
  facts: Facts,
  kind: string,
  wanted: readonly { entity_id: string; platform: string }[],
): Promise<Map<string, number>> {
  if (wanted.length === 0) return new Map()
  const rows = await facts.query<{ entity_id: string; platform: string; at: string | null }>(
    `select entity_id, toString(platform) as platform, min(coalesce(created_at, changed_at)) as at
     from ${tableOf(facts, currentTable(kind))} final
     prewhere eid in (select arrayJoin(arrayMap(x -> cityHash64(x), {entities:Array(String)})))
     where deleted = 0
     group by entity_id, platform`,
    { entities: [...new Set(wanted.map((w) => w.entity_id))] },
  )
  return new Map(rows.filter((r) => r.at !== null).map((r) => [arrivalKey(r), Date.parse(r.at!)]))
}

export const arrivalKey = ({ entity_id, platform }: { entity_id: string; platform: string }): string =>
  `${platform} ${entity_id}`
