/** Intents in the control store: the journal of writes. What it says is on disk before the first byte leaves. */
import { PlumblineError } from '../../errors.ts'
import type { ControlStore } from './control.ts'
import type { Database } from './database.ts'
import type { IntentRow, RemedyStore } from './remedy-rows.ts'

type Intents = Pick<RemedyStore, 'claimItem' | 'beginSending' | 'settleItem' | 'intent' | 'openIntents' | 'replaysSent'>

const INTENT = `plan, seq, key, target, holder, attempt, state, mark, claimed_at as claimedAt, sending_at as sendingAt,
  settled_at as settledAt`

export function intents(db: Database, audit: ControlStore['audit']): Intents {
  /** Every write is in the audit trail twice: that it was begun, and what came of it. */
  const note = (at: number, what: string, { plan, seq, target, key, holder, attempt }: IntentRow) =>
    audit({ at, actor: holder, action: `write.${what}`, object: target, detail: { plan, seq, key, attempt } })
  const find = (plan: string, seq: number) =>
    db.get<IntentRow>(`select ${INTENT} from intents where plan = ? and seq = ?`, plan, seq)
  return {
    claimItem: ({ plan, seq, key, target, holder, claimedAt }) => {
      try {
        return db.transaction(() => {
          const mine = db.run(
            `update plan_items set state = 'claimed', at = ? where plan = ? and seq = ? and state = 'pending'`,
            ...[claimedAt, plan, seq],
          )
          if (mine !== 1) return null
          const claimed = db.run(
            `insert into intents (plan, seq, key, target, holder, attempt, state, claimed_at) values (?1, ?2, ?3, ?4, ?5, 1, 'claimed', ?6)
             on conflict (plan, seq) do update set holder = ?5, attempt = attempt + 1, state = 'claimed', mark = null,
               claimed_at = ?6, settled_at = null where state = 'settled'`,
            ...[plan, seq, key, target, holder, claimedAt],
          )
          if (claimed !== 1) throw new PlumblineError('conflict', 'Somebody else works on it.')
          return find(plan, seq)
        })
      } catch (e) {
        // The unique index on open targets, or the trigger on plans that are not being applied: nobody claimed anything.
        if (e instanceof PlumblineError && /unique|Somebody else|no write without/i.test(`${e.message}`)) return null
        throw e
      }
    },
    beginSending: (plan, seq, holder, mark, at) => {
      try {
        return db.transaction(() => {
          const begun = db.run(
            `update intents set state = 'sending', mark = ?, sending_at = coalesce(sending_at, ?)
             where plan = ? and seq = ? and holder = ? and state = 'claimed'`,
            ...[mark, at, plan, seq, holder],
          )
          if (begun !== 1) return false
          db.run(
            `update plan_items set state = 'sending', at = ? where plan = ? and seq = ? and state = 'claimed'`,
            ...[at, plan, seq],
          )
          note(at, 'begun', find(plan, seq)!)
          return true
        })
      } catch (e) {
        if (e instanceof PlumblineError && /no write without/.test(e.message)) return false
        throw e
      }
    },
    settleItem: (plan, seq, { from, to, intent, at, result }) =>
      db.transaction(() => {
        const moved = db.run(
          'update plan_items set state = ?1, at = ?2, result = coalesce(?3, result) where plan = ?4 and seq = ?5 and state = ?6',
          ...[to, at, result ?? null, plan, seq, from],
        )
        if (moved !== 1) return false
        // A released claim was never sent: its attempt does not count.
        if (intent === 'released')
          db.run(
            `update intents set state = 'settled', settled_at = ?, attempt = attempt - 1 where plan = ? and seq = ?`,
            ...[at, plan, seq],
          )
        else
          db.run(
            `update intents set state = ?1, settled_at = case when ?1 = 'settled' then ?2 else null end where plan = ?3 and seq = ?4`,
            ...[intent, at, plan, seq],
          )
        if (from !== 'claimed') note(at, to, find(plan, seq)!)
        return true
      }),
    intent: find,
    replaysSent: (from, to) =>
      db.all(
        `select coalesce(json_extract(i.body, '$.effect.platform'), json_extract(i.body, '$.platform')) as name, count(*) as n
         from intents s join plan_items i on i.plan = s.plan and i.seq = s.seq
         where s.sending_at between ? and ? and json_extract(i.body, '$.request.action') = 'redeliver'
           and i.state in ('sent', 'verified', 'not_held')
         group by name order by name`,
        ...[from, to],
      ),
    openIntents: (plan) =>
      db.all<IntentRow>(
        `select ${INTENT} from intents where state <> 'settled' and (?1 is null or plan = ?1) order by plan, seq`,
        plan ?? null,
      ),
  }
}
