/**
 * HubSpot's webhooks, signed in version 3: method, registered address, raw body and stamp. They come in batches, in any
 * order and more than once, and carry single properties: each one only says what to read again.
 */
import { createHash } from 'node:crypto'
import { MappingError } from '../contract.ts'
import { JsonError, parseExact } from '../exact-json.ts'
import type { HookReading, Receiver } from '../receiver.ts'
import { unconfigured, verdictOf } from '../signature.ts'
import type { HubspotConfig } from './config.ts'
import { objectsOf } from './objects.ts'

/** Nouns of the older subscriptions (`company.propertyChange`). */
const NOUNS: Record<string, string> = {
  company: 'companies',
  contact: 'contacts',
  deal: 'deals',
  ticket: 'tickets',
  product: 'products',
  line_item: 'line_items',
  quote: 'quotes',
}

/** Escapes that the sender writes out before it signs. */
const DECODED = /%(3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi

export const receive: Receiver<HubspotConfig> = {
  verify({ webhook }, { method, headers, body }, now) {
    if (!webhook) return unconfigured('config.webhook.secrets')
    const stamp = headers['x-hubspot-request-timestamp'] ?? ''
    const address = webhook.url.replace(DECODED, (escape) => decodeURIComponent(escape))
    return verdictOf(
      {
        secrets: webhook.secrets,
        message: Buffer.concat([Buffer.from(`${method}${address}`), body, Buffer.from(stamp)]),
        offered: [Buffer.from(headers['x-hubspot-signature-v3'] ?? '', 'base64')],
        at: /^\d{10,15}$/.test(stamp) ? Number(stamp) : null,
        tolerance: webhook.tolerance,
      },
      now,
    )
  },
  read: (config, { body }) => eventsIn(body).map((event) => readingOf(config, event)),
}

type Event = Record<string, unknown>

function eventsIn(body: Uint8Array): Event[] {
  let value: unknown
  try {
    value = parseExact(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch (error) {
    throw new MappingError('body', error instanceof JsonError ? error.message : 'is no JSON text in UTF-8')
  }
  const events: unknown[] = Array.isArray(value) ? value : [value]
  if (events.length === 0 || events.some((e) => typeof e !== 'object' || e === null))
    throw new MappingError('body', 'is no list of events')
  return events as Event[]
}

/** The vendor's event ids are not unique by themselves, the attempt is no part of what happened. */
const IDENTITY = ['portalId', 'subscriptionId', 'eventId', 'objectId', 'subscriptionType', 'occurredAt', 'propertyName']

function readingOf(config: HubspotConfig, event: Event): HookReading {
  const type = event['subscriptionType']
  if (typeof type !== 'string') throw new MappingError('subscriptionType', 'the event has none')
  const key = createHash('sha256')
    .update(JSON.stringify(IDENTITY.map((name) => event[name] ?? null)))
    .digest('hex')
  return { key, events: [], hints: hintsOf(config, event, type) }
}

function hintsOf(config: HubspotConfig, event: Event, type: string): HookReading['hints'] {
  const [noun = '', verb = ''] = type.split('.')
  const { specs } = objectsOf(config)
  const spec = specs.find((s) => s.object === NOUNS[noun] || (noun === 'object' && s.number === event['objectTypeId']))
  if (!spec) return []
  // Associations name both ends, privacy deletions nothing that is left to read, merges the survivor.
  const id =
    verb === 'merge'
      ? event['primaryObjectId']
      : verb === 'associationChange'
        ? event['fromObjectId']
        : event['objectId']
  if (verb === 'privacyDeletion' || (typeof id !== 'number' && typeof id !== 'string')) return [{ stream: spec.object }]
  return [{ stream: spec.object, id: String(id) }]
}
