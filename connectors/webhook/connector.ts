/** Webhook: any sender that can post JSON. Its signature and what its messages mean are declared in the configuration. */
import { z } from 'zod'
import { defineConnector, MappingError } from '../contract.ts'
import { declaredId, signatureSchema, verifyDeclared } from '../declared-signature.ts'
import { applyRules, at, hashOf, isOurs, rowOf, rulesSchema } from '../event-rules.ts'
import { JsonError, parseExact, rawText } from '../exact-json.ts'
import type { HookReading, HookRequest } from '../receiver.ts'

const configSchema = z.strictObject({
  signature: signatureSchema,
  challenge: z
    .strictObject({
      parameter: z.string().optional().describe('Query parameter whose value is answered as it is.'),
      pointer: z
        .string()
        .startsWith('/')
        .optional()
        .describe('JSON pointer in the body to a text that is answered as JSON under its last name.'),
    })
    .optional()
    .describe('How the sender asks whether the address is ours; left out: it does not.'),
  items: z
    .string()
    .startsWith('/')
    .optional()
    .describe('JSON pointer to a list of messages in one delivery; left out: it is one.'),
  id: z
    .string()
    .startsWith('/')
    .optional()
    .describe('JSON pointer to the id that stays the same when a message is sent again.'),
  at: z
    .string()
    .startsWith('/')
    .optional()
    .describe('JSON pointer to when the message was made; left out: when it came.'),
  rules: rulesSchema.default([]),
  unmatched: z
    .enum(['quarantine', 'ignore'])
    .default('quarantine')
    .describe('What becomes of messages that no rule fits: put aside until one does, or passed over.'),
})
type Config = z.output<typeof configSchema>

export function documentOf(body: Uint8Array): unknown {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    throw new MappingError('body', 'is not valid UTF-8')
  }
  try {
    return parseExact(text)
  } catch (error) {
    throw new MappingError('body', error instanceof JsonError ? error.message : 'not valid JSON')
  }
}

function read(config: Config, request: HookRequest): HookReading[] {
  const body = documentOf(request.body)
  const found = config.items === undefined ? [body] : at(body, config.items)
  if (!Array.isArray(found)) throw new MappingError(config.items ?? 'body', 'is no list')
  const delivery = declaredId(config.signature, request) ?? hashOf(request.body)
  return found.flatMap((document, n): HookReading[] => {
    const own = config.id === undefined ? undefined : at(document, config.id)
    const key =
      typeof own === 'string' || typeof own === 'number'
        ? String(own)
        : found.length > 1
          ? `${delivery}/${n}`
          : delivery
    const stamp = config.at === undefined ? undefined : at(document, config.at)
    const made = typeof stamp === 'string' || typeof stamp === 'number' ? stamp : request.headers['x-received-at']
    const reading = aside(() => readOne(config, document, key, String(made ?? '')), document, key)
    return reading === null ? [] : [{ key, ...reading }]
  })
}

function readOne({ rules, unmatched }: Config, document: unknown, key: string, made: string) {
  const reading = applyRules(rules, { document, key, at: made })
  if (reading !== null) return reading
  if (isOurs(document)) return { events: [rowOf({ id: key, ...document })], hints: [] }
  if (unmatched === 'quarantine') throw new MappingError('rules', 'no rule fits the message')
  return null
}

/** One message that cannot be read does not stop the others of its delivery. */
function aside(read: () => Pick<HookReading, 'events' | 'hints'> | null, document: unknown, key: string) {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof MappingError)) throw error
    const unreadable = `${error.field}: ${error.message}`
    return { events: [{ id: key, value: null, raw: rawText(document), unreadable }], hints: [] }
  }
}

export default defineConnector<Config>({
  title: 'Webhook',
  mark: 'WH',
  config: configSchema,
  async ping() {
    return { account: 'a sender that speaks to us; it cannot be asked' }
  },
  streams: [],
  receive: {
    verify: (config, request, now) => verifyDeclared(config.signature, request, now),
    handshake({ challenge }, request) {
      if (challenge?.parameter !== undefined) {
        const asked = request.query[challenge.parameter]
        if (asked !== undefined && request.method === 'GET')
          return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: asked.slice(0, 1000) }
      }
      if (challenge?.pointer !== undefined && request.method === 'POST' && request.body.length < 10_000) {
        let asked: unknown
        try {
          asked = at(documentOf(request.body), challenge.pointer)
        } catch {
          return null
        }
        if (typeof asked === 'string')
          return {
            status: 200,
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ [challenge.pointer.split('/').at(-1)!]: asked }),
          }
      }
      return null
    },
    read,
  },
  limits: { calls: 1, windowMs: 1_000, concurrency: 1, reserve: 0 },
  lagMs: 0,
  replayDays: null,
})
