/** Drafts of checks in the control store, and what those that run as shadows saw. */
import type { ControlStore } from './control.ts'
import type { Database } from './database.ts'

export interface CheckDraft {
  /** Id that the check has or shall have. */
  id: string
  yaml: string
  /** shadow: it looks in every round, and nobody is told. */
  state: 'draft' | 'shadow'
  /** User id of who changed it last. */
  author: string
  changedAt: number
}

export interface ShadowRun {
  id: string
  version: string
  at: number
  open: number
  inFlight: number
  undecided: number
  /** Against what the live version has open: findings more, and fewer. */
  added: number
  removed: number
  error: string | null
  /** JSON: titles of the first that are more. */
  sample: string
}

type By = { actor: string; at: number }

export interface CheckDraftStore {
  checkDrafts(state?: CheckDraft['state']): CheckDraft[]
  checkDraft(id: string): CheckDraft | null
  saveCheckDraft(draft: Omit<CheckDraft, 'author' | 'changedAt'>, by: By): CheckDraft
  /** @param why `dropped`, or `published` where it became the live version */
  /** `reason`: why it was published. */
  dropCheckDraft(id: string, why: 'dropped' | 'published', by: By, reason?: string): void
  /** Keeps the newest runs of a draft. */
  addShadowRun(run: ShadowRun): void
  shadowRuns(id: string, limit: number): ShadowRun[]
}

const DRAFT = 'id, yaml, state, author, changed_at as changedAt'
const RUN = 'id, version, at, open, in_flight as inFlight, undecided, added, removed, error, sample'
/** A week of rounds every fifteen minutes. */
const RUNS_KEPT = 700

export function checkDrafts(db: Database, audit: ControlStore['audit']): CheckDraftStore {
  const find = (id: string) => db.get<CheckDraft>(`select ${DRAFT} from check_drafts where id = ?`, id)
  return {
    checkDrafts: (state) =>
      db.all<CheckDraft>(`select ${DRAFT} from check_drafts where ?1 is null or state = ?1 order by id`, state ?? null),
    checkDraft: find,
    saveCheckDraft: ({ id, yaml, state }, { actor, at }) =>
      db.transaction(() => {
        db.run(
          `insert into check_drafts (id, yaml, state, author, changed_at) values (?1, ?2, ?3, ?4, ?5)
           on conflict (id) do update set yaml = excluded.yaml, state = excluded.state, author = excluded.author, changed_at = excluded.changed_at`,
          ...[id, yaml, state, actor, at],
        )
        audit({
          at,
          actor,
          action: `check.${state === 'shadow' ? 'shadowed' : 'drafted'}`,
          object: `check ${id}`,
          detail: { yaml },
        })
        return find(id)!
      }),
    dropCheckDraft: (id, why, { actor, at }, reason) =>
      db.transaction(() => {
        const yaml = find(id)?.yaml ?? null
        db.run('delete from check_drafts where id = ?', id)
        db.run('delete from shadow_runs where id = ?', id)
        audit({
          at,
          actor,
          action: `check.${why}`,
          object: `check ${id}`,
          detail: { yaml, ...(reason !== undefined && { reason }) },
        })
      }),
    addShadowRun: (r) =>
      db.transaction(() => {
        db.run(
          `insert or replace into shadow_runs (id, version, at, open, in_flight, undecided, added, removed, error, sample)
           values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          ...[r.id, r.version, r.at, r.open, r.inFlight, r.undecided, r.added, r.removed, r.error, r.sample],
        )
        db.run(
          `delete from shadow_runs where id = ?1 and at <=
             (select at from shadow_runs where id = ?1 order by at desc limit 1 offset ${RUNS_KEPT})`,
          r.id,
        )
      }),
    shadowRuns: (id, limit) =>
      db.all<ShadowRun>(`select ${RUN} from shadow_runs where id = ? order by at desc limit ?`, id, limit),
  }
}
