/** Decisions about identity in the control store: which records a person joined or kept apart, and why. */
import { PlumblineError } from '../../errors.ts'
import type { ControlStore } from './control.ts'
import type { Database } from './database.ts'

/** `confirm` and `merge` join, `link` is the linker's own above its threshold; the others keep apart. */
export const IDENTITY_ACTIONS = ['confirm', 'reject', 'split', 'merge', 'cut', 'link'] as const
export type IdentityAction = (typeof IDENTITY_ACTIONS)[number]

/** Actions that make records one thing. */
export const JOINING: ReadonlySet<IdentityAction> = new Set<IdentityAction>(['confirm', 'merge', 'link'])

export interface IdentityDecision {
  id: number
  kind: string
  action: IdentityAction
  /** Records as `platform:id`. Joined: all of them are one thing. Kept apart: no record of one group is one of another. */
  groups: string[][]
  /** Record → entity it had before: what it returns to when the decision is taken back. */
  before: Record<string, string>
  reason: string
  actor: string
  /** Epoch ms. */
  at: number
  /** Version of the model whose proposal it answers; null where a person needed none. */
  model: string | null
  /** Grows with every decision and every undoing: identification has seen everything up to a number. */
  changed: number
  undoneAt: number | null
  undoneBy: string | null
  undoneReason: string | null
}

export interface IdentityDecisions {
  /** Decisions, oldest first. */
  identityDecisions(filter?: { kind?: string; inForce?: boolean; changedAfter?: number }): IdentityDecision[]
  identityDecision(id: number): IdentityDecision | null
  /** Writes the decision and its audit entry in one transaction. */
  decideIdentity(
    decision: Omit<IdentityDecision, 'id' | 'changed' | 'undoneAt' | 'undoneBy' | 'undoneReason'>,
  ): IdentityDecision
  /** @throws not_found, or conflict where it was taken back already */
  undoIdentity(id: number, by: { actor: string; reason: string; at: number }): IdentityDecision
  /** Newest change of a kind; 0 before the first. */
  identityChanged(kind: string): number
}

interface Row {
  id: number
  kind: string
  action: IdentityAction
  groups: string
  before: string
  reason: string
  actor: string
  at: number
  model: string | null
  changed: number
  undone_at: number | null
  undone_by: string | null
  undone_reason: string | null
}

const read = ({ undone_at, undone_by, undone_reason, ...row }: Row): IdentityDecision => ({
  ...row,
  groups: JSON.parse(row.groups) as string[][],
  before: JSON.parse(row.before) as Record<string, string>,
  undoneAt: undone_at,
  undoneBy: undone_by,
  undoneReason: undone_reason,
})

const NEXT = '(select coalesce(max(changed), 0) + 1 from identity_decisions)'

export function identityDecisions(db: Database, audit: ControlStore['audit']): IdentityDecisions {
  const one = (id: number) => {
    const row = db.get<Row>('select * from identity_decisions where id = ?', id)
    return row ? read(row) : null
  }
  return {
    identityDecisions: ({ kind, inForce, changedAfter = -1 } = {}) =>
      db
        .all<Row>(
          `select * from identity_decisions where (?1 is null or kind = ?1) and changed > ?2 ${inForce ? 'and undone_at is null' : ''} order by id`,
          kind ?? null,
          changedAfter,
        )
        .map(read),
    identityDecision: one,
    decideIdentity: (d) =>
      db.transaction(() => {
        const row = db.get<Row>(
          `insert into identity_decisions (kind, action, groups, before, reason, actor, at, model, changed)
           values (?, ?, ?, ?, ?, ?, ?, ?, ${NEXT}) returning *`,
          d.kind,
          d.action,
          JSON.stringify(d.groups),
          JSON.stringify(d.before),
          d.reason,
          d.actor,
          d.at,
          d.model,
        )!
        audit({
          at: d.at,
          actor: d.actor,
          action: `identity.${d.action}`,
          object: `identity decision ${row.id}`,
          detail: { kind: d.kind, groups: d.groups, reason: d.reason, model: d.model },
        })
        return read(row)
      }),
    undoIdentity: (id, { actor, reason, at }) =>
      db.transaction(() => {
        const known = one(id)
        if (!known)
          throw new PlumblineError('not_found', `There is no decision ${id}.`, {
            remedy: 'plumbline identity decisions lists them.',
          })
        if (known.undoneAt !== null)
          throw new PlumblineError('conflict', `Decision ${id} was taken back already, by ${known.undoneBy}.`)
        db.run(
          `update identity_decisions set undone_at = ?, undone_by = ?, undone_reason = ?, changed = ${NEXT} where id = ?`,
          at,
          actor,
          reason,
          id,
        )
        audit({
          at,
          actor,
          action: 'identity.undo',
          object: `identity decision ${id}`,
          detail: { kind: known.kind, action: known.action, groups: known.groups, reason },
        })
        return one(id)!
      }),
    identityChanged: (kind) =>
      db.get<{ n: number }>('select coalesce(max(changed), 0) as n from identity_decisions where kind = ?', kind)!.n,
  }
}
