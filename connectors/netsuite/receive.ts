/**
 * NetSuite sends nothing by itself: a user-event script of the account posts what was saved, signed as the README says:
 * `X-Plumbline-Signature: v1=<hex of HMAC-SHA256(secret, stamp.body)>`, the stamp in `X-Plumbline-Timestamp`.
 */
import { MappingError } from '../contract.ts'
import { hashKey, jsonObject } from '../hook-body.ts'
import type { Receiver } from '../receiver.ts'
import { unconfigured, verdictOf } from '../signature.ts'
import type { NetSuiteConfig } from './config.ts'
import { recordsOf } from './spec.ts'
import { isId } from './suiteql.ts'

export const receive: Receiver<NetSuiteConfig> = {
  verify({ webhook }, { headers, body }, now) {
    if (!webhook) return unconfigured('config.webhook.secrets')
    const stamp = headers['x-plumbline-timestamp'] ?? ''
    const offered = (headers['x-plumbline-signature'] ?? '')
      .split(',')
      .flatMap((one) => /^\s*v1=([0-9a-f]+)\s*$/i.exec(one)?.[1] ?? [])
    return verdictOf(
      {
        secrets: webhook.secrets,
        message: Buffer.concat([Buffer.from(`${stamp}.`), body]),
        offered: offered.map((hex) => Buffer.from(hex, 'hex')),
        at: /^\d{1,12}$/.test(stamp) ? Number(stamp) * 1000 : null,
        tolerance: webhook.tolerance,
      },
      now,
    )
  },
  read(config, { body }) {
    const message = jsonObject(body)
    const type = message['type']
    if (typeof type !== 'string') throw new MappingError('type', 'the message names no record type')
    const id = typeof message['record_id'] === 'number' ? String(message['record_id']) : message['record_id']
    const items = /item$/.test(type) ? 'item' : type
    const spec = recordsOf(config).specs.find(({ name }) => name === items)
    const key = typeof message['id'] === 'string' && message['id'] !== '' ? message['id'] : hashKey(body)
    return [{ key, events: [], hints: spec ? [{ stream: spec.name, ...(isId(id) && { id }) }] : [] }]
  },
}
