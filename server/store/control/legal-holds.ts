/** Legal holds in the control store: what must not be removed whatever its age, who said so, and who ended it. */
import { PlumblineError } from '../../errors.ts'
import type { ControlStore } from './control.ts'
import type { Database } from './database.ts'

export const HOLD_SCOPES = ['everything', 'customer', 'issue'] as const
export type HoldScope = (typeof HOLD_SCOPES)[number]

/** Instants are epoch milliseconds. */
export interface LegalHold {
  id: number
  scope: HoldScope
  /** Entity of the customer, or `I-12`; empty: everything. */
  subject: string
  reason: string
  /** User ids. */
  placedBy: string
  placedAt: number
  liftedAt: number | null
  liftedBy: string | null
  liftedReason: string | null
}

type By = { actor: string; at: number }

export interface LegalHoldStore {
  /** Newest first; those that stand before those that were lifted. */
  legalHolds(filter?: { standing?: boolean }): LegalHold[]
  /** With its audit entry in one transaction. @throws PlumblineError conflict where the same is held already */
  placeHold(hold: Pick<LegalHold, 'scope' | 'subject' | 'reason'>, by: By): LegalHold
  /** With its audit entry in one transaction. Null: there is none that stands. */
  liftHold(id: number, reason: string, by: By): LegalHold | null
}

const COLUMNS = `id, scope, subject, reason, placed_by as placedBy, placed_at as placedAt,
  lifted_at as liftedAt, lifted_by as liftedBy, lifted_reason as liftedReason`

/** What the audit trail calls it. */
const objectOf = ({ scope, subject }: Pick<LegalHold, 'scope' | 'subject'>) =>
  scope === 'everything' ? 'everything' : scope === 'issue' ? subject : `customer ${subject}`

export function legalHolds(db: Database, audit: ControlStore['audit']): LegalHoldStore {
  const one = (id: number) => db.get<LegalHold>(`select ${COLUMNS} from legal_holds where id = ?`, id)!
  return {
    legalHolds: ({ standing = false } = {}) =>
      db.all<LegalHold>(
        `select ${COLUMNS} from legal_holds ${standing ? 'where lifted_at is null' : ''} order by lifted_at is not null, id desc`,
      ),
    placeHold: ({ scope, subject, reason }, { actor, at }) =>
      db.transaction(() => {
        const known = 'select id from legal_holds where scope = ? and subject = ? and lifted_at is null'
        if (db.get(known, scope, subject))
          throw new PlumblineError('conflict', 'It is under legal hold already.', {
            remedy: 'One hold is enough: lift it first to give another reason.',
          })
        const { id } = db.get<{ id: number }>(
          'insert into legal_holds (scope, subject, reason, placed_by, placed_at) values (?, ?, ?, ?, ?) returning id',
          ...[scope, subject, reason, actor, at],
        )!
        audit({ at, actor, action: 'legal hold placed', object: objectOf({ scope, subject }), detail: { id, reason } })
        return one(id)
      }),
    liftHold: (id, reason, { actor, at }) =>
      db.transaction(() => {
        const lifted = db.run(
          'update legal_holds set lifted_at = ?, lifted_by = ?, lifted_reason = ? where id = ? and lifted_at is null',
          ...[at, actor, reason, id],
        )
        if (lifted === 0) return null
        const hold = one(id)
        audit({ at, actor, action: 'legal hold lifted', object: objectOf(hold), detail: { id, reason } })
        return hold
      }),
  }
}
