/** Canonicalising: one platform object in canonical words becomes a record that can be compared, stored and hashed. */
import type { Field, FieldTypeName } from './fields.ts'
import { hashOf } from './hash.ts'
import type { Kind } from './kind.ts'
import { MAPPABLE, READ } from './read.ts'
import { empty, storable, unmapped, UnreadableRecord, value, written } from './reading.ts'
import type { Read, ReadContext, Reading, ReferenceMapLookup } from './reading.ts'
import type { CanonicalRecord, RawRecord } from './record.ts'
import { asOneOf } from './types/enum.ts'
import { instantFrom, type Resolution } from './types/instant.ts'
import { NO_DATE } from './types/written-date.ts'

/** What holds for all records of a stream. Make one per stream and keep it: the reading plan is built once for it. */
export interface CanonicaliseContext {
  platform: string
  /** IANA zone of stamps without an offset. */
  timezone: string
  /** Fields that the stream can hold. A field that a record carries counts as held too. */
  held: readonly string[]
  /** Fields that the platform cannot hold whatever the data say; they are left out of the record. */
  cannotHold?: readonly string[]
  /** Reference map of `kind.field` for this platform, or null. */
  map(kindField: string): ReferenceMapLookup | null
}

interface Step {
  field: Field
  read: Read
  ctx: ReadContext
  held: boolean
}

interface Plan {
  /** Fields in the order in which they are read: what others are read by comes first. */
  steps: readonly Step[]
  /** Names of the fields that every record of the stream holds, in table order. */
  held: readonly string[]
}

const plans = new WeakMap<CanonicaliseContext, Map<string, Plan>>()

function planOf(kind: Kind, ctx: CanonicaliseContext): Plan {
  let ofContext = plans.get(ctx)
  if (!ofContext) plans.set(ctx, (ofContext = new Map()))
  let plan = ofContext.get(kind.name)
  if (!plan) ofContext.set(kind.name, (plan = makePlan(kind, ctx)))
  return plan
}

function makePlan(kind: Kind, ctx: CanonicaliseContext): Plan {
  const cannot = new Set(ctx.cannotHold)
  const first = (f: Field): number => (f.type === 'country' ? 0 : f.type === 'currency' ? 1 : 2)
  const steps = kind.fields
    .filter((f) => !cannot.has(f.name) && (f.name !== 'state' || kind.states.length > 0))
    .toSorted((a, b) => first(a) - first(b) || a.bit - b.bit)
    .map((field) => {
      const map = MAPPABLE.has(field.type) ? ctx.map(`${kind.name}.${field.name}`) : null
      const read: ReadContext = { field, timezone: ctx.timezone, country: null, currency: null, map }
      return { field, read: READ[field.type], ctx: read, held: ctx.held.includes(field.name) }
    })
  return { steps, held: inOrder(steps.filter((step) => step.held)) }
}

function inOrder(steps: readonly Step[]): string[] {
  return steps.toSorted((a, b) => a.field.bit - b.field.bit).map((step) => step.field.name)
}

/**
 * Reads every field of a record. What cannot be read makes that field invalid or unmapped and keeps the record.
 * Names that the kind does not have are not read.
 * @throws UnreadableRecord if the record has no id, or a stamp that means nothing: it belongs in quarantine.
 */
export function canonicalise(kind: Kind, input: RawRecord, ctx: CanonicaliseContext): CanonicalRecord {
  const changed = stampOf('changed_at', input.changed_at, ctx.timezone)
  const created = stampOf('created_at', input.created_at, ctx.timezone)
  const record: CanonicalRecord = {
    platform: ctx.platform,
    kind: kind.name,
    record_id: recordId(input.record_id),
    status: plain(input.status),
    refs: texts(input.refs),
    created_at: created?.iso ?? null,
    changed_at: changed?.iso ?? null,
    stamp: (changed ?? created)?.resolution ?? 'none',
    deleted: input.deleted === true,
    merged_into: plain(input.merged_into),
    changed_by: plain(input.changed_by),
    correlation_id: plain(input.correlation_id),
    values: {},
    keys: {},
    raw: {},
    held: [],
    empty: [],
    unmapped: [],
    invalid: {},
    custom: customOf(input.custom),
    version_hash: '',
  }
  readFields(planOf(kind, ctx), input, record)
  record.version_hash = hashOf(record)
  return record
}

/** Types that are read by the country of the record. */
const NATIONAL: ReadonlySet<FieldTypeName> = new Set<FieldTypeName>(['phone', 'tax_id'])

/** A canonical value that others are read by; a code that waits for its map entry is none. */
function known(record: CanonicalRecord, name: string): string | null {
  return record.unmapped.includes(name) ? null : (record.values[name] ?? null)
}

function readFields(plan: Plan, input: RawRecord, record: CanonicalRecord): void {
  const further: Step[] = []
  for (const step of plan.steps) {
    const { field } = step
    const raw: unknown = Object.hasOwn(input.fields, field.name) ? input.fields[field.name] : undefined
    if (field.currency !== undefined) step.ctx.currency = known(record, field.currency)
    else if (NATIONAL.has(field.type))
      step.ctx.country = known(record, 'bill_to.country') ?? known(record, 'ship_to.country')
    const reading =
      field.name === 'state'
        ? readState(step.ctx, raw, input.status)
        : raw === undefined
          ? null
          : step.read(raw, step.ctx)
    if (!reading) continue
    if (!step.held) further.push(step)
    put(record, field, reading)
  }
  record.held = further.length === 0 ? [...plan.held] : inOrder([...plan.steps.filter((step) => step.held), ...further])
}

function put(record: CanonicalRecord, { name }: Field, reading: Reading): void {
  switch (reading.is) {
    case 'value':
      record.values[name] = reading.value
      if (reading.key !== undefined) record.keys[name] = reading.key
      if (reading.raw !== undefined) record.raw[name] = reading.raw
      break
    case 'empty':
      record.empty.push(name)
      break
    case 'unmapped':
      record.values[name] = reading.value
      record.unmapped.push(name)
      break
    case 'invalid':
      record.invalid[name] = reading.reason
      record.raw[name] = reading.raw
  }
}

/**
 * `state` where the platform has the canonical word itself, else its status through the reference map. With a map
 * only the map speaks; without one, words that equal a state are taken.
 */
function readState(ctx: ReadContext, state: unknown, status: unknown): Reading | null {
  const of = ctx.field.of ?? []
  const own = written(state)
  if (typeof own === 'string') {
    const canonical = asOneOf(own, of) ?? asOneOf(ctx.map?.(own.trim()) ?? '', of)
    return canonical ? value(canonical, own) : unmapped(own)
  }
  if (own.is !== 'empty') return own
  const text = written(status)
  if (typeof text !== 'string')
    return text.is !== 'empty' || status !== undefined ? text : state === undefined ? null : empty()
  const canonical = asOneOf(ctx.map ? (ctx.map(text.trim()) ?? '') : text, of)
  return canonical ? value(canonical, text) : unmapped(text)
}

function recordId(raw: unknown): string {
  const text = written(raw)
  if (typeof text !== 'string')
    throw new UnreadableRecord('record_id', 'The record has no id of its own; check which field or column carries it.')
  return text
}

function stampOf(field: string, raw: unknown, timezone: string): { iso: string; resolution: Resolution } | null {
  const text = written(raw)
  if (typeof text !== 'string') {
    if (text.is === 'empty') return null
    throw new UnreadableRecord(field, 'The stamp is not a date or time.')
  }
  const found = instantFrom(text, timezone)
  // Databases write year 1 where they have no stamp.
  if (found === NO_DATE) return null
  if (typeof found === 'string') throw new UnreadableRecord(field, found)
  return { iso: new Date(found.at).toISOString(), resolution: found.resolution }
}

/** Text kept as it is; empty is null. */
function plain(raw: unknown): string | null {
  const text = written(raw)
  return typeof text === 'string' ? text : null
}

function texts(raw: Record<string, unknown> | undefined): Record<string, string> {
  const kept: [string, string][] = []
  for (const [name, one] of Object.entries(raw ?? {})) {
    const text = plain(one)
    if (text !== null) kept.push([storable(name), text.trim()])
  }
  return Object.fromEntries(kept)
}

/** Further fields as text; a list or an object as JSON. */
function customOf(raw: Record<string, unknown> | undefined): Record<string, string | null> {
  const kept: [string, string | null][] = []
  for (const [name, one] of Object.entries(raw ?? {})) {
    if (one === undefined) continue
    const text = written(one)
    kept.push([storable(name), typeof text === 'string' ? text : text.is === 'empty' ? null : jsonOf(one)])
  }
  return Object.fromEntries(kept)
}

function jsonOf(raw: unknown): string {
  try {
    return storable(JSON.stringify(raw) ?? String(raw))
  } catch {
    throw new UnreadableRecord('custom', 'A further field holds what cannot be written as JSON.')
  }
}
