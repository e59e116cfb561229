/** Flows as people read them: how many instances stand where, since when, and what they are worth. */
import type { FlowStage } from '../../../model/flow.ts'
import type { Facts } from './facts.ts'
import { tableOf } from './ident.ts'

/** How one leg stood for one instance. */
export interface FlowLegRow {
  leg: string
  /** Records that belong to it. */
  records: number
  reached: number
  at: string | null
  /** Seconds after everything before it was reached. */
  took_s: string | null
  platform: string
  record_id: string
  entity_id: string
  state: string | null
  /** Fields that its hand-over requires and that have no value. */
  lacking: string[]
}

export interface FlowInstanceRow {
  flow: string
  entity_id: string
  customer_entity_id: string
  platform: string
  record_id: string
  stage: 'complete' | 'waiting' | 'ended'
  leg: string
  since: string | null
  due_at: string | null
  completed_at: string | null
  act: string
  amount: string | null
  currency: string | null
  legs: FlowLegRow[]
}

export interface FlowCount {
  flow: string
  /** Leg that is waited for; empty for instances that wait for none. */
  leg: string
  stage: FlowStage
  instances: number
  /** Since when the oldest of them has waited. */
  oldest: string | null
  /** Currency → decimal text over instances whose worth is known. */
  amounts: Record<string, string>
}

/** What time makes of the stage: the same rule as `flowStage` of the model. */
const STAGE = `multiIf(stage != 'waiting', toString(stage), due_at < {now:DateTime64(3, 'UTC')}, 'stopped', 'running')`

/** Counts of all flows by leg and stage: one small query for the whole list. */
export async function flowCounts(facts: Facts, nowIso: string): Promise<FlowCount[]> {
  const rows = await facts.query<Omit<FlowCount, 'instances'> & { instances: string }>(
    `select toString(flow) as flow, toString(leg) as leg, ${STAGE} as stage_now, stage_now as stage, toString(count()) as instances, min(since) as oldest,
       sumMapIf(map(ifNull(toString(currency), ''), ifNull(amount, 0)), isNotNull(amount) and isNotNull(currency)) as amounts
     from ${tableOf(facts, 'flow_instances')} final
     group by flow, leg, stage_now
     order by flow, leg, stage_now`,
    { now: nowIso },
  )
  return rows.map(({ flow, leg, stage, instances, oldest, amounts }) => ({
    flow,
    leg,
    stage,
    instances: Number(instances),
    oldest,
    amounts,
  }))
}

export interface LegTime {
  flow: string
  leg: string
  /** Instances that have reached it, and those of them of which the time is known. */
  reached: number
  timed: number
  p50_s: number | null
  p95_s: number | null
}

/** How long each leg takes, over all instances that have reached it. */
export async function legTimes(facts: Facts): Promise<LegTime[]> {
  const rows = await facts.query<{ flow: string; leg: string; reached: string; timed: string; p: number[] }>(
    `select toString(flow) as flow, one.leg as leg, toString(count()) as reached, toString(countIf(isNotNull(one.took_s))) as timed,
       quantilesExactIf(0.5, 0.95)(assumeNotNull(one.took_s), isNotNull(one.took_s)) as p
     from (select flow, arrayJoin(legs) as one from ${tableOf(facts, 'flow_instances')} final)
     where one.reached = 1
     group by flow, leg
     order by flow, leg`,
  )
  return rows.map((r) => ({
    flow: r.flow,
    leg: r.leg,
    reached: Number(r.reached),
    timed: Number(r.timed),
    p50_s: r.timed === '0' ? null : Number(r.p[0]),
    p95_s: r.timed === '0' ? null : Number(r.p[1]),
  }))
}

const COLUMNS = `toString(flow) as flow, entity_id, customer_entity_id, toString(platform) as platform, record_id, toString(stage) as stage, toString(leg) as leg, since, due_at, completed_at, toString(act) as act, amount, currency, legs`

export interface FlowListing {
  flow: string
  stage?: FlowStage
  /** Leg that is waited for. */
  leg?: string
  /** Text of an id: of the entity, the customer or the record. */
  q?: string
  nowIso: string
  limit: number
  offset: number
}

/** One page: those that have waited longest first. */
export async function flowInstances(facts: Facts, l: FlowListing): Promise<{ rows: FlowInstanceRow[]; total: number }> {
  const where = [
    'flow = {flow:String}',
    ...(l.stage ? [`${STAGE} = {stage:String}`] : []),
    ...(l.leg ? ['leg = {leg:String}'] : []),
    ...(l.q
      ? [
          '(positionCaseInsensitive(entity_id, {q:String}) > 0 or positionCaseInsensitive(customer_entity_id, {q:String}) > 0 or positionCaseInsensitive(record_id, {q:String}) > 0)',
        ]
      : []),
  ].join(' and ')
  const params = {
    flow: l.flow,
    now: l.nowIso,
    ...(l.stage && { stage: l.stage }),
    ...(l.leg && { leg: l.leg }),
    ...(l.q && { q: l.q }),
  }
  const table = tableOf(facts, 'flow_instances')
  const [count] = await facts.query<{ n: string }>(
    `select toString(count()) as n from ${table} final where ${where}`,
    params,
  )
  const rows = await facts.query<FlowInstanceRow>(
    `select ${COLUMNS} from ${table} final where ${where} order by isNull(since), since, eid limit {limit:UInt32} offset {offset:UInt32}`,
    { ...params, limit: l.limit, offset: l.offset },
  )
  return { rows, total: Number(count?.n ?? 0) }
}

/** Instances whose deadline is over, those that have waited longest first. */
export async function stoppedInstances(facts: Facts, nowIso: string, limit: number): Promise<FlowInstanceRow[]> {
  return await facts.query<FlowInstanceRow>(
    `select ${COLUMNS} from ${tableOf(facts, 'flow_instances')} final where ${STAGE} = 'stopped' order by isNull(since), since, eid limit {limit:UInt32}`,
    { now: nowIso, limit },
  )
}

/** With the hashes of the entities of its legs, by which their findings are found. */
export async function flowInstance(
  facts: Facts,
  flow: string,
  entity: string,
): Promise<(FlowInstanceRow & { hashes: string[] }) | null> {
  const [row] = await facts.query<FlowInstanceRow & { hashes: string[] }>(
    `select ${COLUMNS}, arrayDistinct(arrayMap(l -> toString(cityHash64(l.entity_id)), arrayFilter(l -> l.entity_id != '', legs))) as hashes from ${tableOf(facts, 'flow_instances')} final where flow = {flow:String} and eid = cityHash64({entity:String}) and entity_id = {entity:String}`,
    { flow, entity },
  )
  return row ?? null
}
