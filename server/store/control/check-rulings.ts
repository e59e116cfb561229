/** What administrators ruled about checks: which are switched off and until when, and the texts that each had while it was live. */
import type { ControlStore } from './control.ts'
import type { Database } from './database.ts'

export interface CheckOff {
  id: string
  reason: string
  /** User id of who switched it off. */
  author: string
  since: number
  /** It looks again by itself from this instant on; null: when somebody switches it on. */
  until: number | null
}

export interface CheckVersion {
  id: string
  /** The first text that was live has 1. */
  number: number
  version: string
  yaml: string
  /** User id; null: it stood in a file before anybody published another. */
  author: string | null
  at: number
  /** Why it was published or taken back to; null where it was found. */
  reason: string | null
}

type By = { actor: string; at: number }

export interface CheckRulingStore {
  /** Checks that are off at an instant. */
  checksOff(now: number): CheckOff[]
  switchCheckOff(id: string, how: { reason: string; until: number | null }, by: By): void
  /** False: it was not off. */
  switchCheckOn(id: string, reason: string, by: By): boolean
  addCheckVersion(version: Omit<CheckVersion, 'number'>): void
  /** Newest first. */
  checkVersions(id: string, limit: number): CheckVersion[]
}

const OFF = 'id, reason, author, since, until'
const VERSION = 'id, number, version, yaml, author, at, reason'

export function checkRulings(db: Database, audit: ControlStore['audit']): CheckRulingStore {
  return {
    checksOff: (now) =>
      db.all<CheckOff>(`select ${OFF} from checks_off where until is null or until > ? order by id`, now),
    switchCheckOff: (id, { reason, until }, { actor, at }) =>
      db.transaction(() => {
        db.run(
          `insert into checks_off (id, reason, author, since, until) values (?1, ?2, ?3, ?4, ?5)
           on conflict (id) do update set reason = excluded.reason, author = excluded.author, since = excluded.since, until = excluded.until`,
          ...[id, reason, actor, at, until],
        )
        audit({ at, actor, action: 'check.switched off', object: `check ${id}`, detail: { reason, until } })
      }),
    switchCheckOn: (id, reason, { actor, at }) =>
      db.transaction(() => {
        const off = db.get<{ id: string }>(
          'delete from checks_off where id = ?1 and (until is null or until > ?2) returning id',
          ...[id, at],
        )
        if (off) audit({ at, actor, action: 'check.switched on', object: `check ${id}`, detail: { reason } })
        return off !== null
      }),
    addCheckVersion: ({ id, version, yaml, author, at, reason }) =>
      void db.run(
        `insert into check_versions (id, number, version, yaml, author, at, reason)
           select ?1, coalesce(max(number), 0) + 1, ?2, ?3, ?4, ?5, ?6 from check_versions where id = ?1`,
        ...[id, version, yaml, author, at, reason],
      ),
    checkVersions: (id, limit) =>
      db.all<CheckVersion>(
        `select ${VERSION} from check_versions where id = ? order by number desc limit ?`,
        id,
        limit,
      ),
  }
}
