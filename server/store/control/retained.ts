/** Retained: what people and machines at work still need of the past, and what of payloads and messages has had its time. */
import type { Database } from './database.ts'
import type { Removable } from './removals.ts'

/** What unfinished work hangs on. */
export interface AtWork {
  /** Entities of exceptions that are not closed and of plans that are not over. */
  entities: string[]
  /** Issues of such plans, of fixes that wait for their proof, and accepted ones. */
  issues: number[]
  /** Correlation ids and event ids of exceptions that are not closed. */
  correlations: string[]
  events: string[]
  /** The same as the audit trail names them: `P-3`, `exception 4`. */
  objects: string[]
}

export interface RetainedStore {
  atWork(now: number): AtWork
  /** Payloads and exchanges of exceptions that were closed before the cutoff; those about the entities stay. */
  payloadsOver(cutoff: number, entities: readonly string[]): Removable & { needed: number }
  removePayloads(cutoff: number, entities: readonly string[]): number
  /** Messages that were brought, or given up, before the cutoff; those about one of the issues (`I-12`) stay. Reports have their archive. */
  messagesOver(cutoff: number, issues: readonly string[]): Removable & { needed: number }
  /** Who was told, when, over what and how it went stays; what was said and carried goes. */
  removeMessages(cutoff: number, issues: readonly string[]): number
}

/** States of a plan from which nothing is written any more. */
const PLAN_OVER = `('done', 'rejected', 'replaced', 'cancelled', 'expired')`
const OPEN_PLAN = `select id from plans where state not in ${PLAN_OVER}`

const PAYLOAD = `from exceptions where state = 'resolved' and resolved_at < ?1 and (payload is not null or exchange is not null)`
const NEEDED_PAYLOAD = `(entity_id is not null and entity_id in (select value from json_each(?2)))`

const SAID = `from outbox where kind <> 'report' and state in ('sent', 'dead', 'cancelled') and finished_at < ?1
  and json_extract(message, '$.removed') is null`
const NEEDED_MESSAGE = `exists (select 1 from json_each(refs) r where r.value in (select value from json_each(?2)))`

export function retained(db: Database): RetainedStore {
  const over = (what: string, needed: string, at: string, bytes: string, cutoff: number, keep: readonly string[]) =>
    db.get<Removable & { needed: number }>(
      `select coalesce(sum(not n), 0) as rows, min(case when not n then at end) as oldest, max(case when not n then at end) as newest,
         coalesce(sum(case when not n then bytes end), 0) as bytes, coalesce(sum(n), 0) as needed
       from (select ${at} as at, ${bytes} as bytes, ${needed} as n ${what})`,
      cutoff,
      JSON.stringify(keep),
    )!
  const column = <T>(sql: string, ...values: number[]) => db.all<{ v: T }>(sql, ...values).map((r) => r.v)

  return {
    atWork: (now) => ({
      entities: column<string>(
        `select entity_id as v from exceptions where state <> 'resolved' and entity_id is not null
         union select entity from plan_items where plan in (${OPEN_PLAN})`,
      ),
      issues: column<number>(
        `select issue as v from plan_items where issue is not null and plan in (${OPEN_PLAN})
         union select issue from fix_outcomes where outcome = 'waiting'
         union select number from issues where accepted_until > ? or snoozed_until > ?1`,
        now,
      ),
      correlations: column<string>(
        `select distinct correlation_id as v from exceptions where state <> 'resolved' and correlation_id <> ''`,
      ),
      events: column<string>(
        `select distinct event_id as v from exceptions where state <> 'resolved' and event_id <> ''`,
      ),
      objects: column<string>(
        `select 'P-' || number as v from plans where state not in ${PLAN_OVER}
         union all select 'exception ' || id from exceptions where state <> 'resolved'`,
      ),
    }),
    payloadsOver: (cutoff, entities) =>
      over(
        PAYLOAD,
        NEEDED_PAYLOAD,
        'resolved_at',
        `coalesce(length(payload), 0) + coalesce(length(exchange), 0)`,
        cutoff,
        entities,
      ),
    removePayloads: (cutoff, entities) =>
      db.run(
        `update exceptions set payload = null, exchange = null where id in (select id ${PAYLOAD} and not ${NEEDED_PAYLOAD})`,
        cutoff,
        JSON.stringify(entities),
      ),
    messagesOver: (cutoff, issues) => over(SAID, NEEDED_MESSAGE, 'finished_at', 'length(message)', cutoff, issues),
    removeMessages: (cutoff, issues) =>
      db.transaction(() => {
        const ids = JSON.stringify(
          db
            .all<{ id: string }>(`select id ${SAID} and not ${NEEDED_MESSAGE}`, cutoff, JSON.stringify(issues))
            .map((r) => r.id),
        )
        forgetMessages(db, 'o.id in (select value from json_each(?1))', ids)
        return (JSON.parse(ids) as string[]).length
      }),
  }
}

/** Files of messages. */
const FILES = `select json_extract(f.value, '$.hash') as hash from outbox o, json_each(o.message, '$.mail.attachments') f`

/** Blanks the messages that a condition on `outbox o` names, and drops the files that no other message carries. */
export function forgetMessages(db: Database, condition: string, value: string): void {
  const files = db.all<{ hash: string }>(`${FILES} where ${condition}`, value).map((f) => f.hash)
  db.run(
    `update outbox as o set message = json_set(json_remove(message, '$.mail'), '$.preheader', '', '$.removed', json('true'),
       '$.lines', json('[]'), '$.facts', json('[]'), '$.rows', json('[]'), '$.data', json('{}')) where ${condition}`,
    value,
  )
  db.run(
    `delete from attachments where hash in (select value from json_each(?1)) and hash not in (${FILES})`,
    JSON.stringify(files),
  )
}
