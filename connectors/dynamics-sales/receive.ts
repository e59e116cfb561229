/**
 * Webhooks of a Dataverse service endpoint: the context of a plug-in step. Nothing is signed; a secret in a header, a token, says
 * that the sender knows our endpoint. A delivery names a record, which is read again; nothing else that it says is taken.
 */
import { MappingError } from '../contract.ts'
import { hashKey, jsonObject } from '../hook-body.ts'
import { presents } from '../notice.ts'
import type { Receiver } from '../receiver.ts'
import { unconfigured } from '../signature.ts'
import type { DynamicsConfig } from './config.ts'
import { tablesOf } from './tables.ts'

export const receive: Receiver<DynamicsConfig> = {
  verify({ webhook }, { headers }) {
    if (!webhook) return unconfigured('config.webhook.secrets')
    if (presents(headers[webhook.header], webhook.secrets)) return { trust: 'token' }
    return {
      trust: 'refused',
      reason: 'the header with the secret is missing or wrong',
      remedy: `Register the endpoint with the header ${webhook.header}.`,
    }
  },
  read(config, { body }) {
    const context = jsonObject(body)
    const table = context['PrimaryEntityName']
    if (typeof table !== 'string') throw new MappingError('PrimaryEntityName', 'the message names no table')
    const id = context['PrimaryEntityId']
    const operation = context['OperationId']
    const spec = tablesOf(config).specs.find((s) => s.logical === table)
    return [
      {
        key: typeof operation === 'string' && operation !== '' ? operation : hashKey(body),
        events: [],
        hints: spec ? [{ stream: spec.set, ...(typeof id === 'string' && { id: id.toLowerCase() }) }] : [],
      },
    ]
  },
}
