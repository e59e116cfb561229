/** Flow views: flows and their instances as the API shows them, with names for people and the next step. */
import { z } from 'zod'
import { flowStage, FLOW_STAGES, type Flow, type Leg } from '../../model/flow.ts'
import { format, sum } from '../../model/decimal.ts'
import { kindOf } from '../../model/kinds.ts'
import type { Context } from '../context.ts'
import type { FlowCount, FlowInstanceRow, LegTime } from '../store/facts/flows.ts'
import { platformView } from './views.ts'

const platform = z.object({ name: z.string(), title: z.string(), mark: z.string() })
const instant = z.string().describe('ISO 8601, UTC.')
const amounts = z.record(z.string(), z.string()).describe('Currency → decimal text. Never added up across currencies.')

const legSchema = z.object({
  name: z.string(),
  title: z.string(),
  about: z.string(),
  kind: z.string(),
  hands_over: z.string().nullable().describe('What changes hands here.'),
  requires: z.array(z.string()).describe('Fields that must have a value.'),
  within_seconds: z.number().nullable().describe('Longest time after everything before it.'),
  watched: z.boolean(),
  why: z.string().nullable().describe('Why it is not watched.'),
  reached: z.number().int(),
  running: z.number().int().describe('Instances that wait for it and have time.'),
  stopped: z.number().int().describe('Instances that wait for it and have none left.'),
  oldest: instant.nullable().describe('Since when the oldest of them has waited.'),
  amounts: amounts.describe('What the instances that wait for it are worth.'),
  p50_seconds: z.number().nullable(),
  p95_seconds: z.number().nullable(),
  timed: z.number().int().describe('Instances behind the percentiles.'),
})

export const flowSchema = z
  .object({
    name: z.string(),
    title: z.string(),
    about: z.string(),
    kind: z.string().describe('Kind whose entities are its instances.'),
    watched: z.boolean(),
    instances: z.number().int(),
    complete: z.number().int(),
    running: z.number().int(),
    stopped: z.number().int(),
    ended: z.number().int().describe('Over without being complete: declined, cancelled.'),
    oldest: instant.nullable().describe('Since when the oldest stopped instance has waited.'),
    amounts: amounts.describe('What the stopped instances are worth.'),
    legs: z.array(legSchema),
  })
  .meta({ id: 'Flow' })
export type FlowView = z.output<typeof flowSchema>

export const flowInstanceSchema = z
  .object({
    entity_id: z.string(),
    customer_entity_id: z.string(),
    customer: z.string().nullable().describe('Name of the customer.'),
    record: z.object({ platform, record_id: z.string() }).nullable(),
    stage: z.enum(FLOW_STAGES),
    leg: z.string().nullable().describe('Leg that it waits for.'),
    since: instant.nullable(),
    due_at: instant.nullable(),
    completed_at: instant.nullable(),
    act: platform.nullable().describe('The platform that must act.'),
    next_step: z.string(),
    amount: z.string().nullable(),
    currency: z.string().nullable(),
    legs: z.array(
      z.object({
        name: z.string(),
        title: z.string(),
        state: z.enum(['reached', 'waiting', 'later', 'not_needed']),
        says: z.string(),
        at: instant.nullable(),
        took_seconds: z.number().nullable(),
        records: z.number().int(),
        record: z
          .object({ platform, record_id: z.string(), kind: z.string(), state: z.string().nullable() })
          .nullable(),
        lacking: z.array(z.string()),
      }),
    ),
  })
  .meta({ id: 'FlowInstance' })
export type FlowInstanceView = z.output<typeof flowInstanceSchema>

/** What counts are made from: the flow, which legs are watched, and the figures of all flows. */
export interface FlowFigures {
  flow: Flow
  watched: ReadonlySet<string>
  why: ReadonlyMap<string, string>
  counts: readonly FlowCount[]
  times: readonly LegTime[]
}

export function flowView({ flow, watched, why, counts, times }: FlowFigures): FlowView {
  const mine = counts.filter((c) => c.flow === flow.name)
  const n = (stage: FlowCount['stage'], leg?: string) =>
    mine.filter((c) => c.stage === stage && (leg === undefined || c.leg === leg)).reduce((s, c) => s + c.instances, 0)
  const stopped = mine.filter((c) => c.stage === 'stopped')
  return {
    name: flow.name,
    title: flow.title,
    about: flow.about,
    kind: flow.legs[0].kind,
    watched: watched.size > 0,
    instances: mine.reduce((s, c) => s + c.instances, 0),
    complete: n('complete'),
    running: n('running'),
    stopped: n('stopped'),
    ended: n('ended'),
    oldest: earliest(stopped.map((c) => c.oldest)),
    amounts: added(stopped),
    legs: flow.legs.map((leg) => {
      const time = times.find((t) => t.flow === flow.name && t.leg === leg.name)
      const waiting = mine.filter((c) => c.leg === leg.name && (c.stage === 'running' || c.stage === 'stopped'))
      return {
        name: leg.name,
        title: leg.title,
        about: leg.about,
        kind: leg.kind,
        hands_over: leg.handsOver ?? null,
        requires: [...(leg.requires ?? [])],
        within_seconds: leg.withinMs === undefined ? null : leg.withinMs / 1000,
        watched: watched.has(leg.name),
        why: why.get(leg.name) ?? null,
        reached: time?.reached ?? 0,
        running: n('running', leg.name),
        stopped: n('stopped', leg.name),
        oldest: earliest(waiting.map((c) => c.oldest)),
        amounts: added(waiting),
        p50_seconds: time?.p50_s ?? null,
        p95_seconds: time?.p95_s ?? null,
        timed: time?.timed ?? 0,
      }
    }),
  }
}

const earliest = (times: readonly (string | null)[]): string | null => times.filter((t) => t !== null).sort()[0] ?? null

/** Sums by currency, exactly. */
function added(counts: readonly FlowCount[]): Record<string, string> {
  const sums: Record<string, string> = {}
  for (const { amounts: some } of counts)
    for (const [currency, amount] of Object.entries(some))
      sums[currency] = sums[currency] === undefined ? amount : format(sum([sums[currency], amount]))
  return sums
}

export function flowInstanceView(
  row: FlowInstanceRow,
  flow: Flow,
  names: ReadonlyMap<string, string>,
  ctx: Context,
  now: number,
): FlowInstanceView {
  const stage = flowStage(row.stage, row.due_at, now)
  const open = stage === 'running' || stage === 'stopped'
  const waits = open ? flow.legs.find((l) => l.name === row.leg) : undefined
  const act = open ? platformView(row.act === '' ? null : row.act, ctx) : null
  return {
    entity_id: row.entity_id,
    customer_entity_id: row.customer_entity_id,
    customer: names.get(row.customer_entity_id) ?? null,
    record: row.record_id === '' ? null : { platform: platformView(row.platform, ctx)!, record_id: row.record_id },
    stage,
    leg: waits?.name ?? null,
    since: row.since,
    due_at: row.due_at,
    completed_at: row.completed_at,
    act,
    next_step: nextStep(stage, waits, row, act?.title ?? null),
    amount: row.amount,
    currency: row.currency,
    legs: row.legs.map((l) => legView(l, row, flow, open, ctx)),
  }
}

function legView(
  l: FlowInstanceRow['legs'][number],
  row: FlowInstanceRow,
  flow: Flow,
  open: boolean,
  ctx: Context,
): FlowInstanceView['legs'][number] {
  const leg = flow.legs.find((x) => x.name === l.leg)
  const state =
    l.reached === 1
      ? ('reached' as const)
      : leg?.optional && l.records === 0
        ? ('not_needed' as const)
        : open && l.leg === row.leg
          ? ('waiting' as const)
          : ('later' as const)
  const thing = leg ? kindOf(leg.kind) : null
  const platform = l.platform === '' ? null : platformView(l.platform, ctx)
  const where = platform ? `${thing?.title ?? ''} ${l.record_id} in ${platform.title}` : ''
  const is = l.state === null ? '' : ` is ${l.state.replaceAll('_', ' ')}`
  const lacks = l.lacking.length ? `; ${l.lacking.map((f) => f.replaceAll('_', ' ')).join(' and ')} is missing` : ''
  return {
    name: l.leg,
    title: leg?.title ?? l.leg,
    state,
    says:
      state === 'not_needed'
        ? `There is no ${thing?.title.toLowerCase() ?? 'record'} to wait for.`
        : platform
          ? `${where}${is}${lacks}.`
          : `No ${thing?.title.toLowerCase() ?? 'record'} was found.`,
    at: l.at,
    took_seconds: l.took_s === null ? null : Number(l.took_s),
    records: l.records,
    record: platform && leg ? { platform, record_id: l.record_id, kind: leg.kind, state: l.state } : null,
    lacking: l.lacking,
  }
}

/** One sentence of what to do. */
function nextStep(
  stage: FlowInstanceView['stage'],
  leg: Leg | undefined,
  row: FlowInstanceRow,
  act: string | null,
): string {
  if (stage === 'complete') return 'Nothing: every leg is reached'
  if (stage === 'ended') return 'Nothing: it is over'
  if (!leg) return 'Look at the legs'
  const at = row.legs.find((l) => l.leg === leg.name)
  if (at && at.lacking.length > 0) return `Fill in ${at.lacking.map((f) => f.replaceAll('_', ' ')).join(' and ')}`
  const thing = kindOf(leg.kind).title.toLowerCase()
  const what =
    at && at.record_id !== '' ? `move the ${thing} on to “${leg.title}”` : `create the ${thing} (“${leg.title}”)`
  const who = act === null ? '' : `${act}: `
  return stage === 'running' ? `Wait; then ${who}${what}` : `${who}${what}`
}
