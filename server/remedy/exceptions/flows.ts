/** Flows that stopped, as exceptions: what should have followed by now and did not; closed when the flow goes on. */
import { flowNamed } from '../../../model/flows.ts'
import type { Context } from '../../context.ts'
import { iso } from '../../clock.ts'
import { stoppedInstances, type FlowInstanceRow } from '../../store/facts/flows.ts'
import type { Told } from './take.ts'

/** Instances that are looked at; the oldest come first. */
const AT_ONCE = 2_000

export const flowKey = ({ flow, entity_id, leg }: Pick<FlowInstanceRow, 'flow' | 'entity_id' | 'leg'>): string =>
  `${flow}/${entity_id}/${leg}`

export async function stoppedFlows({ facts, clock }: Pick<Context, 'facts' | 'clock'>): Promise<FlowInstanceRow[]> {
  return await stoppedInstances(facts, iso(clock.now()), AT_ONCE)
}

/** Null: the flow is declared no more. */
export function toldOfFlow(row: FlowInstanceRow): Told | null {
  const flow = flowNamed(row.flow)
  const leg = flow?.legs.find((l) => l.name === row.leg)
  if (!flow || !leg) return null
  const reached = row.legs.filter((l) => l.reached === 1).at(-1)
  return {
    source: 'flow',
    sourceKey: flowKey(row),
    // Whether nobody booked it or a message was lost is not known of a flow: somebody who knows the business looks first.
    class: 'business',
    ...{ platform: row.platform, kind: flow.legs[0]!.kind, recordId: row.record_id, entityId: row.entity_id },
    ...{ money: row.amount, currency: row.currency, eventAt: row.since === null ? null : Date.parse(row.since) },
    reason: `${flow.title}: “${leg.title}” did not follow in time${row.act ? `; ${row.act} must act` : ''}.`,
    exchange: { due_at: row.due_at, waits_for: row.leg, reached: reached?.leg ?? null },
  }
}
