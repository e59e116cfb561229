/** Exceptions in the control store: one row for each thing that did not go through, until evidence closes it. */
import type { ControlStore } from './control.ts'
import type { Database } from './database.ts'
import { meeting, type ControlTerm } from './terms.ts'

export interface ExceptionRow {
  id: number
  source: 'quarantine' | 'delivery' | 'dead_letter' | 'transformation' | 'flow' | 'probe'
  /** The source's own name for it: the same told twice is one. */
  sourceKey: string
  class: string
  business: boolean
  fingerprint: string
  /** Where it comes from, and where it did not arrive. */
  platform: string | null
  target: string | null
  kind: string | null
  recordId: string | null
  entityId: string | null
  eventId: string | null
  correlationId: string | null
  eventAt: number | null
  reason: string
  /** JSON. */
  payload: string | null
  /** JSON: request and response. */
  exchange: string | null
  money: string | null
  currency: string | null
  priority: 'low' | 'medium' | 'high' | 'critical'
  ownerTeam: string | null
  ownerPerson: string | null
  attempts: number
  nextAt: number | null
  /** open: somebody’s turn. retrying: tried again by itself at `nextAt`. replaying: in a plan. */
  state: 'open' | 'retrying' | 'replaying' | 'resolved'
  firstAt: number
  lastAt: number
  replayUntil: number | null
  warnedAt: number | null
  resolvedAt: number | null
  resolvedBy: string | null
  evidence: string | null
  /** Platform that reported it, often the middleware, and by what it can be told to run the same again. */
  via: string | null
  run: string | null
}

export type NewException = Omit<
  ExceptionRow,
  | 'id'
  | 'attempts'
  | 'state'
  | 'firstAt'
  | 'lastAt'
  | 'warnedAt'
  | 'resolvedAt'
  | 'resolvedBy'
  | 'evidence'
  | 'ownerPerson'
>

export interface ExceptionFilter {
  states?: readonly string[]
  fingerprint?: string
  class?: string
  source?: string
  platform?: string
  ids?: readonly number[]
  before?: number
  /** Conditions of a search; all must hold. */
  terms?: readonly ControlTerm[]
  limit: number
}

export interface ExceptionGroup {
  fingerprint: string
  class: string
  business: boolean
  platform: string | null
  target: string | null
  kind: string | null
  reason: string
  n: number
  firstAt: number
  lastAt: number
  retrying: number
  nextAt: number | null
  replayUntil: number | null
  ownerTeam: string | null
}

export interface ExceptionStore {
  /** New, or seen again: what was resolved opens again. Says how many are new. */
  putExceptions(rows: readonly NewException[], now: number): number
  exceptions(filter: ExceptionFilter): ExceptionRow[]
  /** Those that are not resolved, or that the terms name, by fingerprint, most first. */
  exceptionGroups(limit: number, terms?: readonly ControlTerm[]): ExceptionGroup[]
  /** How many meet the terms. */
  exceptionsThat(terms: readonly ControlTerm[]): number
  exceptionCounts(): { state: string; source: string; n: number }[]
  /** Only given keys change; with the audit entry in one transaction where a person did it. */
  workException(
    id: number,
    change: Partial<
      Pick<
        ExceptionRow,
        | 'ownerTeam'
        | 'ownerPerson'
        | 'attempts'
        | 'nextAt'
        | 'state'
        | 'warnedAt'
        | 'resolvedAt'
        | 'resolvedBy'
        | 'evidence'
        | 'priority'
      >
    >,
    by?: { actor: string; at: number; action: string },
  ): void
}

const COLUMNS: [keyof ExceptionRow, string][] = [
  ...(['id', 'source', 'class', 'business', 'fingerprint', 'platform', 'target', 'kind', 'reason'] as const).map(
    (c): [keyof ExceptionRow, string] => [c, c],
  ),
  ...(['payload', 'exchange', 'money', 'currency', 'priority', 'attempts', 'state', 'evidence'] as const).map(
    (c): [keyof ExceptionRow, string] => [c, c],
  ),
  ['sourceKey', 'source_key'],
  ['recordId', 'record_id'],
  ['entityId', 'entity_id'],
  ['eventId', 'event_id'],
  ['correlationId', 'correlation_id'],
  ['eventAt', 'event_at'],
  ['ownerTeam', 'owner_team'],
  ['ownerPerson', 'owner_person'],
  ['nextAt', 'next_at'],
  ['firstAt', 'first_at'],
  ['lastAt', 'last_at'],
  ['replayUntil', 'replay_until'],
  ['warnedAt', 'warned_at'],
  ['resolvedAt', 'resolved_at'],
  ['resolvedBy', 'resolved_by'],
  ['via', 'via'],
  ['run', 'run'],
]
/** Keys of a search → what they compare. */
const TERMS: Readonly<Record<string, string>> = {
  ...{ class: 'class', source: 'source', platform: 'platform', target: 'target', kind: 'kind', priority: 'priority' },
  ...{ team: 'owner_team', person: 'owner_person', fingerprint: 'fingerprint', record: 'record_id', id: 'id' },
  ...{ state: 'state', business: 'business', money: 'cast(money as real)', attempts: 'attempts', age: 'first_at' },
  ...{
    text: `reason || ' ' || coalesce(record_id, '') || ' ' || coalesce(event_id, '') || ' ' || coalesce(correlation_id, '')`,
  },
}
const COLUMN = new Map(COLUMNS)
const WAITING: readonly ControlTerm[] = [{ key: 'state', values: ['resolved'], not: true }]
const SELECT = COLUMNS.map(([key, column]) => `${column} as "${key}"`).join(', ')

export function exceptions(db: Database, audit: ControlStore['audit']): ExceptionStore {
  return {
    putExceptions: (rows, now) =>
      db.transaction(() => {
        let fresh = 0
        for (const r of rows) {
          const known = db.get<{ id: number }>(
            'select id from exceptions where source = ? and source_key = ?',
            r.source,
            r.sourceKey,
          )
          if (!known) fresh++
          db.run(
            `insert into exceptions (source, source_key, class, business, fingerprint, platform, target, kind, record_id, entity_id,
               event_id, correlation_id, event_at, reason, payload, exchange, money, currency, priority, owner_team, next_at, state,
               replay_until, first_at, last_at, via, run)
             values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?21, case when ?21 is null then 'open' else 'retrying' end, ?, ?23, ?23, ?24, ?25)
             on conflict (source, source_key) do update set last_at = excluded.last_at, reason = excluded.reason, class = excluded.class,
               business = excluded.business, fingerprint = excluded.fingerprint, entity_id = coalesce(excluded.entity_id, entity_id),
               money = coalesce(excluded.money, money),
               state = case when state = 'resolved' then excluded.state else state end,
               next_at = case when state = 'resolved' then excluded.next_at else next_at end,
               resolved_at = null, resolved_by = null, evidence = null`,
            ...[
              r.source,
              r.sourceKey,
              r.class,
              r.business ? 1 : 0,
              r.fingerprint,
              r.platform,
              r.target,
              r.kind,
              r.recordId,
            ],
            ...[
              r.entityId,
              r.eventId,
              r.correlationId,
              r.eventAt,
              r.reason,
              r.payload,
              r.exchange,
              r.money,
              r.currency,
            ],
            ...[r.priority, r.ownerTeam, r.nextAt, r.replayUntil, now, r.via, r.run],
          )
        }
        return fresh
      }),
    exceptions(filter) {
      const { states, ids, limit, before, terms = [], ...equal } = filter
      const met = meeting(terms, TERMS)
      const given = Object.entries(equal).filter((e): e is [string, string] => e[1] !== undefined)
      const where = [
        ...given.map(([key]) => `${COLUMN.get(key as keyof ExceptionRow)!} = ?`),
        ...(states ? ['state in (select value from json_each(?))'] : []),
        ...(ids ? ['id in (select value from json_each(?))'] : []),
        ...(before === undefined ? [] : ['id < ?']),
        ...met.where,
      ]
      const values = [
        ...given.map(([, v]) => v),
        ...(states ? [JSON.stringify(states)] : []),
        ...(ids ? [JSON.stringify(ids)] : []),
        ...(before === undefined ? [] : [before]),
        ...met.values,
      ]
      return db
        .all<Omit<ExceptionRow, 'business'> & { business: number }>(
          `select ${SELECT} from exceptions ${where.length ? `where ${where.join(' and ')}` : ''} order by id desc limit ?`,
          ...values,
          limit,
        )
        .map((row) => ({ ...row, business: row.business === 1 }))
    },
    exceptionGroups: (limit, terms = WAITING) => {
      const { where, values } = meeting(terms, TERMS)
      return db
        .all<Omit<ExceptionGroup, 'business'> & { business: number }>(
          `select fingerprint, class, business, platform, target, kind, max(reason) as reason, count(*) as n, min(first_at) as firstAt,
             max(last_at) as lastAt, sum(state = 'retrying') as retrying, min(next_at) as nextAt, min(replay_until) as replayUntil,
             max(owner_team) as ownerTeam
           from exceptions ${where.length ? `where ${where.join(' and ')}` : ''} group by fingerprint order by n desc, fingerprint limit ?`,
          ...values,
          limit,
        )
        .map((g) => ({ ...g, business: g.business === 1 }))
    },
    exceptionsThat: (terms) => {
      const { where, values } = meeting(terms, TERMS)
      return db.get<{ n: number }>(
        `select count(*) as n from exceptions ${where.length ? `where ${where.join(' and ')}` : ''}`,
        ...values,
      )!.n
    },
    exceptionCounts: () =>
      db.all('select state, source, count(*) as n from exceptions group by state, source order by state, source'),
    workException: (id, change, by) =>
      db.transaction(() => {
        const keys = Object.keys(change) as (keyof typeof change)[]
        if (keys.length)
          db.run(
            `update exceptions set ${keys.map((k) => `${COLUMN.get(k)!} = ?`).join(', ')} where id = ?`,
            ...keys.map((k) => change[k] ?? null),
            id,
          )
        if (by) audit({ ...by, object: `exception ${id}`, detail: { ...change } })
      }),
  }
}
