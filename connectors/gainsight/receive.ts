/**
 * Calls of Gainsight's rules (action "Call External API"). An administrator writes the payload and the connection's
 * authorisation, so both are declared; a rule runs when it is scheduled, and what it says only causes a read.
 */
import { MappingError } from '../contract.ts'
import { declaredId, verifyDeclared } from '../declared-signature.ts'
import { at } from '../event-rules.ts'
import { hashKey, jsonObject } from '../hook-body.ts'
import { noticed } from '../notice.ts'
import type { HookRequest, Receiver } from '../receiver.ts'
import { unconfigured } from '../signature.ts'
import type { GainsightConfig } from './config.ts'
import { objectsOf } from './objects.ts'

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined)

function read(config: GainsightConfig, request: HookRequest) {
  const document = jsonObject(request.body)
  const { webhook } = config
  const object = text(at(document, webhook?.object ?? '/object'))
  if (object === undefined && !webhook?.rules.length)
    throw new MappingError(webhook?.object ?? '/object', 'the message names no object')
  const known = objectsOf(config).specs.some(({ name }) => name === object)
  const id = text(at(document, webhook?.id ?? '/gsid'))
  const key = (webhook && declaredId(webhook.signature, request)) ?? hashKey(request.body)
  const message = { document, key, at: request.headers['x-received-at'] ?? '' }
  return [noticed(message, known ? [{ stream: object!, ...(id !== undefined && { id }) }] : [], webhook?.rules)]
}

export const receive: Receiver<GainsightConfig> = {
  verify: ({ webhook }, request, now) =>
    webhook ? verifyDeclared(webhook.signature, request, now) : unconfigured('config.webhook.signature'),
  read,
}
