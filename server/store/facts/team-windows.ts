/** Windows kept by team: of the changes that were seen under way, how many arrived in time, by the team that answers for them. */
import type { Facts } from './facts.ts'
import { tableOf } from './ident.ts'

export interface TeamWindows {
  team: string
  /** Number of the step, by when the change was first seen; 0 is the oldest. */
  step: number
  kept: number
  missed: number
}

/** As `windowsKept` counts them, since an instant (ISO) in steps of so many seconds; sorted. */
export async function teamWindows(facts: Facts, from: string, stepSeconds: number): Promise<TeamWindows[]> {
  const rows = await facts.query<{ team: string; step: string; kept: string; missed: string }>(
    `select toString(i.owner_team) as team, toString(intDiv(dateDiff('second', {from:DateTime64(3, 'UTC')}, e.flown_at), {step:UInt32})) as step,
       toString(countIf(e.opened = 0 and e.healed > 0)) as kept, toString(countIf(e.opened > 0)) as missed
     from (
       select id, minIf(at, to_state = 'in_flight') as flown_at, countIf(to_state = 'in_flight') as flown, countIf(to_state = 'open') as opened, countIf(to_state = 'resolved') as healed
       from ${tableOf(facts, 'finding_events')} final where at >= {from:DateTime64(3, 'UTC')} group by id having flown > 0) as e
     inner join (select id, issue from ${tableOf(facts, 'findings')} final) as f on f.id = e.id
     inner join (select number, owner_team from ${tableOf(facts, 'issues')} final) as i on i.number = f.issue
     group by 1, 2 having countIf(e.opened = 0 and e.healed > 0) + countIf(e.opened > 0) > 0
     order by team, toUInt64(step)`,
    { from, step: stepSeconds },
  )
  return rows.map((r) => ({ team: r.team, step: Number(r.step), kept: Number(r.kept), missed: Number(r.missed) }))
}
