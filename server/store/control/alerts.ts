/** Alerts in the control store. */
import type { AlertEvent, AlertNotice, AlertSilence, AlertStore } from './alert-rows.ts'
import type { ControlStore } from './control.ts'
import type { Database, Value } from './database.ts'

type EventRow = Omit<AlertEvent, 'about'> & { about: string }
type SilenceRow = Omit<AlertSilence, 'match' | 'endOnResolve'> & { match: string; endOnResolve: number }

const NOTICE =
  'id, event_id as eventId, subject, route, recipient, channel, state, reason, group_key as groupKey, due_at as dueAt, sent_at as sentAt, outbox_id as outboxId, step'
const SILENCE =
  'id, match, created_at as createdAt, ends_at as endsAt, author, reason, end_on_resolve as endOnResolve, ended_at as endedAt, ended_by as endedBy'
const CHANGED = {
  state: 'state',
  reason: 'reason',
  groupKey: 'group_key',
  dueAt: 'due_at',
  sentAt: 'sent_at',
  outboxId: 'outbox_id',
} as const

export function alerts(db: Database, audit: ControlStore['audit']): AlertStore {
  return {
    alertStanding(subject) {
      const row = db.get<{ standing: string }>('select standing from alert_standings where subject = ?', subject)
      return row && object(row.standing)
    },
    alertStandings: (prefix) =>
      db
        .all<{ subject: string; standing: string }>(
          'select subject, standing from alert_standings where subject >= ?1 and subject < ?2 order by subject',
          prefix,
          `${prefix}\u{10ffff}`,
        )
        .map((row) => ({ subject: row.subject, standing: object(row.standing) })),
    setAlertStanding(subject, standing) {
      db.run(
        'insert into alert_standings (subject, standing) values (?1, ?2) on conflict (subject) do update set standing = ?2',
        subject,
        JSON.stringify(standing),
      )
    },
    addAlertEvent: ({ subject, trigger, at, about }) =>
      event(
        db.get<EventRow>(
          `insert into alert_events (subject, transition, trigger, at, about)
           values (?1, (select coalesce(max(transition), 0) + 1 from alert_events where subject = ?1), ?2, ?3, ?4) returning *`,
          subject,
          trigger,
          at,
          JSON.stringify(about),
        )!,
      ),
    alertEvent(id) {
      const row = db.get<EventRow>('select * from alert_events where id = ?', id)
      return row && event(row)
    },
    alertEvents({ subject, since, limit }) {
      const { where, values } = conditions([
        ['subject = ?', subject],
        ['at >= ?', since],
      ])
      return db
        .all<EventRow>(`select * from alert_events ${where} order by id desc limit ?`, ...values, limit)
        .map(event)
    },
    addAlertNotices: (notices) =>
      db.transaction(() =>
        notices.reduce((added, n) => {
          const values: Value[] = [n.eventId, n.subject, n.route, n.recipient, n.channel, n.state, n.reason, n.groupKey]
          return (
            added +
            db.run(
              `insert into alert_notices (event_id, subject, route, recipient, channel, state, reason, group_key, due_at, step)
               values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (event_id, recipient, channel) do nothing`,
              ...values,
              n.dueAt,
              n.step,
            )
          )
        }, 0),
      ),
    changeAlertNotices(ids, change, onlyIn) {
      const given = (Object.keys(CHANGED) as (keyof typeof CHANGED)[]).filter((key) => change[key] !== undefined)
      return db.run(
        `update alert_notices set ${given.map((key) => `${CHANGED[key]} = ?`).join(', ')}
         where id in (select value from json_each(?)) and state in (select value from json_each(?))`,
        ...given.map((key) => change[key] as Value),
        JSON.stringify(ids),
        JSON.stringify(onlyIn),
      )
    },
    alertNotices({ subject, states, dueBy, groupKey, eventId, limit }) {
      const { where, values } = conditions([
        ['subject = ?', subject],
        ['state in (select value from json_each(?))', states && JSON.stringify(states)],
        ['due_at <= ?', dueBy],
        ['group_key = ?', groupKey],
        ['event_id = ?', eventId],
      ])
      return db.all<AlertNotice>(
        `select ${NOTICE} from alert_notices ${where} order by id desc limit ?`,
        ...values,
        limit,
      )
    },
    alertGroup: (key) =>
      db.get<{ lastSentAt: number | null; nextDueAt: number | null }>(
        `select max(sent_at) as lastSentAt, min(case when state = 'queued' then due_at end) as nextDueAt
         from alert_notices where group_key = ?`,
        key,
      )!,
    addSilence: (s) =>
      db.transaction(() => {
        const row = db.get<SilenceRow>(
          `insert into alert_silences (match, created_at, ends_at, author, reason, end_on_resolve)
           values (?, ?, ?, ?, ?, ?) returning ${SILENCE}`,
          JSON.stringify(s.match),
          s.createdAt,
          s.endsAt,
          s.author,
          s.reason,
          s.endOnResolve ? 1 : 0,
        )!
        const detail = { match: s.match, endsAt: s.endsAt, reason: s.reason }
        audit({ at: s.createdAt, actor: s.author, action: 'alert.silenced', object: `silence/${row.id}`, detail })
        return silence(row)
      }),
    endSilence: (id, at, by) =>
      db.transaction(() => {
        const ended =
          db.run(
            'update alert_silences set ended_at = ?2, ended_by = ?3 where id = ?1 and ended_at is null and ends_at > ?2',
            id,
            at,
            by,
          ) === 1
        if (ended) audit({ at, actor: by, action: 'alert.silence_ended', object: `silence/${id}` })
        return ended
      }),
    silences: (at) =>
      (at === undefined
        ? db.all<SilenceRow>(`select ${SILENCE} from alert_silences order by id desc limit 1000`)
        : db.all<SilenceRow>(
            `select ${SILENCE} from alert_silences
             where created_at <= ?1 and ends_at > ?1 and (ended_at is null or ended_at > ?1) order by id`,
            at,
          )
      ).map(silence),
    acknowledge: ({ subject, actor, at, note }) =>
      db.transaction(() => {
        db.run(
          `insert into alert_acknowledgements (subject, actor, at, note) values (?1, ?2, ?3, ?4)
           on conflict (subject) do update set actor = ?2, at = ?3, note = ?4`,
          subject,
          actor,
          at,
          note,
        )
        audit({ at, actor, action: 'alert.acknowledged', object: subject, detail: { note } })
      }),
    unacknowledge: (subject) => db.run('delete from alert_acknowledgements where subject = ?', subject) === 1,
    acknowledgements: () => db.all('select subject, actor, at, note from alert_acknowledgements order by subject'),
  }
}

function conditions(all: [string, Value | undefined][]): { where: string; values: Value[] } {
  const given = all.filter((c): c is [string, Value] => c[1] !== undefined)
  return {
    where: given.length ? `where ${given.map(([condition]) => condition).join(' and ')}` : '',
    values: given.map(([, value]) => value),
  }
}

const object = (text: string) => JSON.parse(text) as Record<string, unknown>
const event = (row: EventRow): AlertEvent => ({ ...row, about: object(row.about) })
const silence = (row: SilenceRow): AlertSilence => ({
  ...row,
  match: object(row.match),
  endOnResolve: row.endOnResolve === 1,
})
