/** Issues in the control store: their numbers, and what people decided about them. */
import { PlumblineError } from '../../errors.ts'
import type { Activity, ControlStore, IssueRow } from './control.ts'
import type { Database, Value } from './database.ts'

type Issues = Pick<
  ControlStore,
  | 'issueNumber'
  | 'issueNumbers'
  | 'issue'
  | 'issues'
  | 'workedIssues'
  | 'workIssue'
  | 'addActivity'
  | 'activity'
  | 'acceptances'
  | 'decisionsMade'
>

interface Row {
  number: number
  fingerprint: string
  check_id: string
  first_seen_at: number
  assignee_team: string | null
  assignee_person: string | null
  snoozed_until: number | null
  snooze_reason: string | null
  snooze_wakes: string | null
  accepted_until: number | null
  accept_reason: string | null
}

type Workflow = Parameters<ControlStore['workIssue']>[1]

const COLUMNS: Record<keyof Workflow, keyof Row> = {
  assigneeTeam: 'assignee_team',
  assigneePerson: 'assignee_person',
  snoozedUntil: 'snoozed_until',
  snoozeReason: 'snooze_reason',
  snoozeWakes: 'snooze_wakes',
  acceptedUntil: 'accepted_until',
  acceptReason: 'accept_reason',
}

export function issues(db: Database, audit: ControlStore['audit']): Issues {
  const numberOf = (fingerprint: string, check: string, now: number): number => {
    const known = db.get<{ number: number }>('select number from issues where fingerprint = ?', fingerprint)
    if (known) return known.number
    return db.get<{ number: number }>(
      'insert into issues (fingerprint, check_id, first_seen_at) values (?, ?, ?) returning number',
      fingerprint,
      check,
      now,
    )!.number
  }
  const find = (number: number): IssueRow | null => {
    const row = db.get<Row>('select * from issues where number = ?', number)
    return row && issue(row)
  }
  const addActivity = ({ issue: number, at, actor, what, detail }: Activity): void => {
    db.run(
      'insert into activity (issue, at, actor, what, detail) values (?, ?, ?, ?, ?)',
      number,
      at,
      actor,
      what,
      JSON.stringify(detail),
    )
  }

  return {
    issueNumber: (fingerprint, check, now) => db.transaction(() => numberOf(fingerprint, check, now)),
    issueNumbers: (wanted, now) =>
      db.transaction(() => new Map(wanted.map((w) => [w.fingerprint, numberOf(w.fingerprint, w.check, now)]))),
    issue: find,
    issues: (numbers) =>
      db
        .all<Row>(
          'select * from issues where number in (select value from json_each(?)) order by number',
          JSON.stringify(numbers),
        )
        .map(issue),
    workedIssues: () =>
      db
        .all<Row>(
          `select * from issues where assignee_team is not null or assignee_person is not null
             or snoozed_until is not null or accepted_until is not null order by number`,
        )
        .map(issue),
    workIssue: (number, change, activity) =>
      db.transaction(() => {
        const given = (Object.keys(COLUMNS) as (keyof Workflow)[]).filter((key) => change[key] !== undefined)
        if (given.length)
          db.run(
            `update issues set ${given.map((key) => `${COLUMNS[key]} = ?`).join(', ')} where number = ?`,
            ...given.map((key) => change[key] as Value),
            number,
          )
        const changed = find(number)
        if (!changed) throw new PlumblineError('not_found', `There is no issue I-${number}.`)
        addActivity({ ...activity, issue: number })
        audit({
          at: activity.at,
          actor: activity.actor,
          action: `issue.${activity.what}`,
          object: `I-${number}`,
          detail: { ...activity.detail, ...change },
        })
        return changed
      }),
    addActivity,
    activity: (number, limit) =>
      db
        .all<ActivityRow>(
          'select issue, at, actor, what, detail from activity where issue = ? order by id desc limit ?',
          number,
          limit,
        )
        .map(activity),
    acceptances: () =>
      db
        .all<ActivityRow>(
          `select issue, at, actor, what, detail from activity where what in ('accepted', 'reopened') order by id`,
        )
        .map(activity),
    decisionsMade: (from, to) =>
      db.all<{ issue: number; n: number }>(
        `select issue, count(*) as n from activity where at >= ? and at < ? and what not in ('opened', 'resolved', 'regressed')
         group by issue order by issue`,
        from,
        to,
      ),
  }
}

type ActivityRow = Omit<Activity, 'detail'> & { detail: string }

const activity = (row: ActivityRow): Activity => ({ ...row, detail: JSON.parse(row.detail) as Activity['detail'] })

function issue(row: Row): IssueRow {
  return {
    number: row.number,
    fingerprint: row.fingerprint,
    check: row.check_id,
    firstSeenAt: row.first_seen_at,
    assigneeTeam: row.assignee_team,
    assigneePerson: row.assignee_person,
    snoozedUntil: row.snoozed_until,
    snoozeReason: row.snooze_reason,
    snoozeWakes: row.snooze_wakes,
    acceptedUntil: row.accepted_until,
    acceptReason: row.accept_reason,
  }
}
