/** Trace targets: what a person names (an issue, a record, an id of a thread, a business number) as one thing and its field. */
import { hasKind, kindOf, KINDS } from '../../model/kinds.ts'
import { fieldsOf, type RecordedEvent } from '../../model/event.ts'
import type { Finding } from '../../model/verdict.ts'
import type { Context } from '../context.ts'
import { PlumblineError } from '../errors.ts'
import { eventRows, events } from '../store/facts/events.ts'
import { finding, findings } from '../store/facts/findings.ts'
import { linksOf } from '../store/facts/links.ts'
import { entitiesNumbered } from '../store/facts/numbered-entities.ts'
import { spans } from '../store/facts/spans.ts'

/** One of `issue`, `finding`, `platform` with `kind` and `record`, `correlation`, `trace` or `number`. */
export interface TraceAsk {
  issue?: number | undefined
  finding?: string | undefined
  platform?: string | undefined
  kind?: string | undefined
  record?: string | undefined
  correlation?: string | undefined
  trace?: string | undefined
  number?: string | undefined
  entity?: string | undefined
  field?: string | undefined
}

export interface Target {
  entity: string
  kind: string
  /** Canonical field; null: the record as a whole. */
  field: string | null
  /** Where a finding says who is right and who is not. */
  finding: Finding | null
  /** Threads that were asked for. */
  threads: string[]
}

/** @throws PlumblineError not_found, schema */
export async function targetOf(ctx: Pick<Context, 'facts'>, ask: TraceAsk): Promise<Target> {
  const target = await named(ctx, ask)
  const field = ask.field ?? target.field
  return { ...target, field: field === null ? null : fieldNamed(target.kind, field, ask.field !== undefined) }
}

async function named({ facts }: Pick<Context, 'facts'>, ask: TraceAsk): Promise<Target> {
  if (ask.finding !== undefined || ask.issue !== undefined) {
    const found =
      ask.finding !== undefined
        ? await finding(facts, ask.finding)
        : (await findings(facts, { issues: [ask.issue!] }, 1))[0]
    if (!found)
      throw notFound(
        ask.finding !== undefined ? `There is no finding ${ask.finding}.` : `There is no finding of I-${ask.issue}.`,
      )
    if (found.entity_id === '' || !hasKind(found.kind))
      throw notFound(`${found.title}: this finding is about no single record, so nothing travelled.`)
    return { entity: found.entity_id, kind: found.kind, field: found.field, finding: found, threads: [] }
  }
  if (ask.entity !== undefined)
    return { entity: ask.entity, kind: ask.entity.replace(/_[^_]*$/, ''), field: null, finding: null, threads: [] }
  if (ask.record !== undefined) {
    const kinds = ask.kind === undefined ? KINDS.map((k) => k.name) : [ask.kind]
    for (const kind of kinds) {
      const [link] = ask.platform === undefined ? [] : await linksOf(facts, kind, ask.platform, [ask.record])
      if (link) return { entity: link.entity_id, kind, field: null, finding: null, threads: [] }
    }
    throw notFound(`${ask.platform ?? 'No platform'} has no record ${ask.record} that is known.`)
  }
  if (ask.number !== undefined) {
    const [one] = await entitiesNumbered(facts, ask.number, ask.kind)
    if (one) return { ...one, field: null, finding: null, threads: [] }
    throw notFound(`Nothing is known with the number ${ask.number}.`)
  }
  return await byThread(facts, ask)
}

async function byThread(facts: Context['facts'], { correlation, trace }: TraceAsk): Promise<Target> {
  if (correlation === undefined && trace === undefined)
    throw new PlumblineError('schema', 'Nothing is named to trace.', {
      remedy: 'Give issue, finding, entity, platform with record, correlation, trace or number.',
    })
  const seen = await spans(facts, correlation !== undefined ? { correlationId: correlation } : { traceId: trace! }, 200)
  const threads = [
    ...new Set([...(correlation !== undefined ? [correlation] : []), ...seen.flatMap((s) => s.correlation_id ?? [])]),
  ]
  const told: RecordedEvent[] = []
  for (const id of threads) told.push(...(await events(facts, { correlationId: id }, 200)))
  if (trace !== undefined) told.push(...(await eventRows(facts, 'trace_id = {trace:String}', { trace }, 200)))
  for (const e of told) {
    if (e.kind === null || e.record_id === null) continue
    for (const platform of [e.from_platform, e.to_platform, e.reported_by]) {
      const [link] = platform === null ? [] : await linksOf(facts, e.kind, platform, [e.record_id])
      if (link) return { entity: link.entity_id, kind: e.kind, field: fieldsOf(e)?.[0] ?? null, finding: null, threads }
    }
  }
  const numbers = [
    ...told.flatMap((e) => (e.number === null ? [] : [e.number])),
    ...seen.flatMap((s) => Object.values(s.keys)),
  ]
  for (const number of new Set(numbers)) {
    const [one] = await entitiesNumbered(facts, number, undefined)
    if (one) return { ...one, field: null, finding: null, threads }
  }
  throw notFound(`Nothing that is known carries ${correlation ?? trace}.`)
}

/** A group (`bill_to`) stands for its first member; what a person wrote must exist. */
function fieldNamed(kind: string, name: string, asked: boolean): string | null {
  const { fields } = kindOf(kind)
  const found = fields.find((f) => f.name === name) ?? fields.find((f) => f.name.startsWith(`${name}.`))
  if (found) return found.type === 'reference' ? null : found.name
  if (!asked) return null
  throw new PlumblineError('schema', `field: a ${kind} has no field ${JSON.stringify(name)}.`, {
    remedy: `Use one of ${fields.map((f) => f.name).join(', ')}.`,
  })
}

const notFound = (message: string) =>
  new PlumblineError('not_found', message, { remedy: 'Search for the customer, or open the trace from its issue.' })
