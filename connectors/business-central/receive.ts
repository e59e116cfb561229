/**
 * Webhooks of Business Central. Nothing is signed: a notification repeats the word that its subscription was made with
 * (`clientState`), and says which resource changed. So it is only a hint that causes a read.
 */
import { MappingError } from '../contract.ts'
import { hashKey, jsonObject } from '../hook-body.ts'
import { noticed, presents } from '../notice.ts'
import type { HookReading, HookReply, HookRequest, Receiver } from '../receiver.ts'
import { unconfigured } from '../signature.ts'
import type { CentralConfig } from './config.ts'
import { entitiesOf } from './entities.ts'

type Notification = Record<string, unknown>

/** @throws MappingError for what is no list of notifications */
function notificationsIn(body: Uint8Array): Notification[] {
  const { value } = jsonObject(body)
  if (!Array.isArray(value) || value.some((one) => typeof one !== 'object' || one === null))
    throw new MappingError('value', 'is no list of notifications')
  return value as Notification[]
}

/** A subscription is made and renewed only where its validation token is sent back. */
function handshake(_config: CentralConfig, { method, query }: HookRequest): HookReply | null {
  const token = query['validationToken']
  if (method !== 'POST' || token === undefined) return null
  return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: token.slice(0, 1000) }
}

/** `…/companies(<id>)/customers(<id>)`; of more than a thousand changes the list, with a filter. */
function hintOf(config: CentralConfig, { resource, changeType }: Notification): HookReading['hints'] {
  const [, company, entity, id] =
    /companies\(([^)]+)\)\/(\w+)(?:\(([0-9a-f-]{36})\))?/i.exec(typeof resource === 'string' ? resource : '') ?? []
  const spec = entitiesOf(config).find(({ name }) => name === entity)
  if (!spec || company?.toLowerCase() !== config.company.toLowerCase()) return []
  return [{ stream: spec.name, ...(id !== undefined && changeType !== 'collection' && { id: id.toLowerCase() }) }]
}

export const receive: Receiver<CentralConfig> = {
  handshake,
  verify({ webhook }, { body }) {
    if (!webhook) return unconfigured('config.webhook.secrets')
    let states: unknown[]
    try {
      states = notificationsIn(body).map(({ clientState }) => clientState)
    } catch {
      return { trust: 'refused', reason: 'the delivery is no list of notifications' }
    }
    const known = (state: unknown) => typeof state === 'string' && presents(state, webhook.secrets)
    if (states.length > 0 && states.every(known)) return { trust: 'unsigned' }
    return {
      trust: 'refused',
      reason: 'the client state is missing or wrong',
      remedy: 'Make the subscription with one of config.webhook.secrets as its clientState.',
    }
  },
  read(config, { body, headers }) {
    return notificationsIn(body).map((one) => {
      const said = ['subscriptionId', 'resource', 'changeType', 'lastModifiedDateTime'].map((name) => one[name] ?? null)
      const at =
        typeof one['lastModifiedDateTime'] === 'string' ? one['lastModifiedDateTime'] : headers['x-received-at']
      const message = { document: one, key: hashKey(Buffer.from(JSON.stringify(said))), at: at ?? '' }
      return noticed(message, hintOf(config, one), config.webhook?.rules)
    })
  },
}
