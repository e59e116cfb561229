/**
 * Event rules: how a configuration reads a message of any shape as events (model/event.ts) and as records to be read again.
 * A text that begins with `/` is a JSON pointer (RFC 6901) into the message; any other text stands for itself.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { EVENT_TYPES } from '../model/event.ts'
import type { RawRow } from './contract.ts'
import { MappingError } from './contract.ts'
import { rawText } from './exact-json.ts'
import type { HookReading } from './receiver.ts'

const value = z.union([
  z.string().max(500).describe('JSON pointer, or the text itself.'),
  z.strictObject({
    from: z.string().startsWith('/').describe('JSON pointer to a word of the sender.'),
    map: z.record(z.string(), z.string()).describe('Word of the sender → ours.'),
    else: z.string().optional().describe('For words that are not named; left out: the message is put aside.'),
  }),
])
type Value = z.output<typeof value>

const part = (about: string) => value.optional().describe(about)

export const rulesSchema = z
  .array(
    z.strictObject({
      when: z
        .record(z.string().startsWith('/'), z.union([z.string(), z.array(z.string())]))
        .default({})
        .describe(
          'JSON pointer → the text, or one of the texts, that must stand there; `*` at its end stands for anything.',
        ),
      event: z
        .strictObject({
          type: value.describe(`One of ${EVENT_TYPES.join(', ')}.`),
          id: part('Id of the event; left out: the message’s own with the number of the rule.'),
          at: part('When it happened; left out: when the message says it was made, or came.'),
          from_platform: part('Where the change comes from.'),
          to_platform: part('Where it goes.'),
          kind: part('Canonical kind of the record.'),
          record_id: part('Id of the record on either platform.'),
          number: part('Business number, where ids are not known.'),
          correlation_id: part('Shared by all deliveries of one change.'),
          trace_id: part('Trace that it belongs to.'),
          message: part('What the receiver answered.'),
          actor: part('Who did it.'),
          release: part('What was deployed.'),
          values: z.record(z.string(), value).default({}).describe('Canonical field → the value that travelled.'),
          detail: z.record(z.string(), value).default({}).describe('Whatever else is kept: attempt, payload, job.'),
        })
        .optional()
        .describe('The event that such a message is; left out: none.'),
      hints: z
        .array(
          z.strictObject({
            platform: z.string().optional().describe('Configured platform that is read; default: this one.'),
            stream: value.describe('Its stream.'),
            id: part('Id of the record; left out: all changes of the stream.'),
          }),
        )
        .default([])
        .describe('What is read again because of it.'),
    }),
  )
  .describe('What messages mean; every rule that fits is applied.')
export type Rules = z.output<typeof rulesSchema>

/** What stands at the pointer; undefined: nothing. */
export function at(document: unknown, pointer: string): unknown {
  let here: unknown = document
  for (const step of pointer.split('/').slice(1)) {
    if (typeof here !== 'object' || here === null) return undefined
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~')
    here = Object.hasOwn(here, name) ? (here as Record<string, unknown>)[name] : undefined
  }
  return here
}

const textOf = (found: unknown): string | undefined =>
  typeof found === 'string' || typeof found === 'number' || typeof found === 'boolean' || typeof found === 'bigint'
    ? String(found)
    : undefined

/** @throws MappingError for a word that the map does not know */
function read(written: Value | undefined, document: unknown): string | undefined {
  if (written === undefined) return undefined
  if (typeof written === 'string') return written.startsWith('/') ? textOf(at(document, written)) : written
  const word = textOf(at(document, written.from))
  if (word === undefined) return written.else
  const ours = Object.hasOwn(written.map, word) ? written.map[word] : written.else
  if (ours === undefined) throw new MappingError(written.from, `the word ${word.slice(0, 60)} is in no map`)
  return ours
}

const fits = (wanted: string, found: string | undefined) =>
  found !== undefined && (wanted.endsWith('*') ? found.startsWith(wanted.slice(0, -1)) : found === wanted)

const within = (when: Rules[number]['when'], document: unknown) =>
  Object.entries(when).every(([pointer, wanted]) => {
    const found = textOf(at(document, pointer))
    return (Array.isArray(wanted) ? wanted : [wanted]).some((w) => fits(w, found))
  })

const EVENT_TEXTS = [
  'type',
  'from_platform',
  'to_platform',
  'kind',
  'record_id',
  'number',
  'correlation_id',
  'trace_id',
  'message',
  'actor',
  'release',
] as const

export interface Message {
  document: unknown
  /** Key of the delivery; events get their ids from it. */
  key: string
  /** ISO; when the message says that it was made. */
  at: string
  traceId?: string | undefined
}

/** What the rules make of a message; null where none fits. */
export function applyRules(rules: Rules, message: Message): Pick<HookReading, 'events' | 'hints'> | null {
  const { document } = message
  const events: RawRow[] = []
  const hints: HookReading['hints'] = []
  let fitted = false
  for (const [n, rule] of rules.entries()) {
    if (!within(rule.when, document)) continue
    fitted = true
    if (rule.event) events.push(rowOf(eventOf(rule.event, message, n)))
    for (const hint of rule.hints) {
      const stream = read(hint.stream, document)
      const id = read(hint.id, document)
      if (stream === undefined) throw new MappingError('stream', 'the message names no stream to read')
      hints.push({ stream, ...(hint.platform && { platform: hint.platform }), ...(id !== undefined && { id }) })
    }
  }
  return fitted ? { events, hints } : null
}

function eventOf(event: NonNullable<Rules[number]['event']>, { document, key, at, traceId }: Message, n: number) {
  const entries = (written: Record<string, Value>) =>
    Object.fromEntries(
      Object.entries(written).flatMap(([k, v]) => [[k, read(v, document)]].filter(([, x]) => x !== undefined)),
    )
  const values = entries(event.values)
  const detail = { ...entries(event.detail), ...(Object.keys(values).length > 0 && { values }) }
  const texts = EVENT_TEXTS.map((name) => [name, read(event[name], document)] as const).filter(
    ([, v]) => v !== undefined,
  )
  return {
    id: read(event.id, document) ?? `${key}/${n}`,
    at: instantOf(read(event.at, document) ?? at),
    ...(traceId && { trace_id: traceId }),
    ...Object.fromEntries(texts),
    ...(Object.keys(detail).length > 0 && { detail }),
  }
}

/** Epoch seconds and milliseconds as ISO; anything else as it is. */
export function instantOf(written: string): string {
  if (/^\d{10}(\.\d+)?$/.test(written)) return new Date(Number(written) * 1000).toISOString()
  return /^\d{13}$/.test(written) ? new Date(Number(written)).toISOString() : written
}

export function rowOf(event: Record<string, unknown>): RawRow {
  return { id: typeof event['id'] === 'string' ? event['id'] : null, value: event, raw: rawText(event) }
}

/** Is this an event in our own words already? Then it needs no rule. */
export function isOurs(document: unknown): document is Record<string, unknown> {
  const { type, at: when } = (document ?? {}) as Record<string, unknown>
  return typeof when === 'string' && EVENT_TYPES.some((t) => t === type)
}

export const hashOf = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex').slice(0, 32)

/** `trace-id` of a W3C traceparent. */
export const traceIdOf = (traceparent: unknown): string | undefined =>
  typeof traceparent === 'string' ? /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(traceparent)?.[1] : undefined
