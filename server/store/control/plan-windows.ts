/** Windows of plans in the control store: written once, under a seal, together with the move that arms the plan. */
import { createHmac } from 'node:crypto'
import { auditKey, sameSeal } from './audit.ts'
import type { Database } from './database.ts'
import type { PlanWindowRow, RemedyStore } from './remedy-rows.ts'

export function planWindows(db: Database): Pick<RemedyStore, 'addPlanWindow' | 'planWindow'> {
  const key = auditKey(db)
  const seal = (w: PlanWindowRow) =>
    createHmac('sha256', key)
      .update(
        JSON.stringify([
          'window',
          w.plan,
          w.armedAt,
          w.armedBy,
          w.hash,
          w.name,
          w.opensAt,
          w.closesAt,
          w.reason,
          w.provenAt,
        ]),
      )
      .digest('hex')
  return {
    addPlanWindow: (w) =>
      void db.run(
        `insert into plan_windows (plan, armed_at, armed_by, hash, name, opens_at, closes_at, reason, proven_at, seal)
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        ...[w.plan, w.armedAt, w.armedBy, w.hash, w.name, w.opensAt, w.closesAt, w.reason, w.provenAt, seal(w)],
      ),
    planWindow(plan) {
      const row = db.get<PlanWindowRow & { seal: string }>(
        `select plan, armed_at as armedAt, armed_by as armedBy, hash, name, opens_at as opensAt, closes_at as closesAt, reason,
           proven_at as provenAt, seal
         from plan_windows where plan = ? order by seq desc limit 1`,
        plan,
      )
      if (!row) return null
      const { seal: written, ...window } = row
      return sameSeal(written, seal(window)) ? window : null
    },
  }
}
