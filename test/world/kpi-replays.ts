/** Replays for key figures: a plan whose messages were accepted, refused, never sent, or sent long ago, beside an ordinary write. */
import type { ControlStore } from '../../server/store/control/control.ts'
import { at, DAY, HOUR, NOW } from './kpi-moves.ts'

export interface Replayed {
  /** Whom it is asked of, and where its effect shows. */
  platform: string
  effect: string | null
  action: 'redeliver' | 'update'
  /** Null: never sent. */
  sentAgo: number | null
  accepted: boolean
}

const MESSAGES: Replayed[] = [
  { platform: 'erp', effect: 'crm', action: 'redeliver', sentAgo: HOUR, accepted: true },
  { platform: 'erp', effect: 'crm', action: 'redeliver', sentAgo: 2 * HOUR, accepted: true },
  { platform: 'erp', effect: 'billing', action: 'redeliver', sentAgo: 23 * HOUR, accepted: true },
  { platform: 'target:desk', effect: null, action: 'redeliver', sentAgo: HOUR, accepted: true },
  { platform: 'erp', effect: 'crm', action: 'redeliver', sentAgo: HOUR, accepted: false },
  { platform: 'erp', effect: 'crm', action: 'redeliver', sentAgo: 2 * DAY, accepted: true },
  { platform: 'erp', effect: 'crm', action: 'redeliver', sentAgo: null, accepted: false },
  { platform: 'crm', effect: null, action: 'update', sentAgo: HOUR, accepted: true },
]

/** Through the journal, as the writer does it. */
export function replayed(control: ControlStore): Replayed[] {
  const body = ({ platform, effect, action }: Replayed, i: number) =>
    JSON.stringify({
      platform,
      request: { action, kind: 'order', recordId: `o${i}` },
      effect: effect && { platform: effect, kind: 'order', record_id: `o${i}` },
    })
  const items = MESSAGES.map((m, i) => ({
    body: body(m, i),
    entity: `e${i}`,
    target: `${m.platform} order o${i}`,
    issue: null,
  }))
  const plan = { id: 'replays', header: '{}', hash: 'h', requester: 'a', undoOf: null, dryRun: null }
  control.addPlan({ ...plan, createdAt: NOW - 3 * DAY, expiresAt: NOW + DAY }, items)
  control.movePlan(plan.id, ['waiting'], 'applying', { actor: 'a', at: NOW - 3 * DAY, action: 'plan.applying' })
  MESSAGES.forEach(({ sentAgo, accepted }, i) => {
    if (sentAgo === null) return
    const when = Date.parse(at(sentAgo))
    const claim = { plan: plan.id, seq: i + 1, key: `k${i}`, target: items[i]!.target, holder: 'a', claimedAt: when }
    control.claimItem(claim)
    control.beginSending(plan.id, claim.seq, 'a', null, when)
    const to = accepted ? 'sent' : 'refused'
    control.settleItem(plan.id, claim.seq, { from: 'sending', to, intent: 'settled', at: when + 1000 })
  })
  return MESSAGES
}
