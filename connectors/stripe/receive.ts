/** Stripe’s webhooks: `Stripe-Signature` over the raw body; what an event is about is read again, never taken from it. */
import { MappingError } from '../contract.ts'
import { jsonObject } from '../hook-body.ts'
import type { Receiver } from '../receiver.ts'
import { unconfigured, verdictOf } from '../signature.ts'
import type { StripeConfig } from './config.ts'
import { asObject, textOf } from './object.ts'
import type { ObjectStream } from './streams/stream.ts'

export function stripeReceiver(streams: readonly ObjectStream[]): Receiver<StripeConfig> {
  return {
    verify({ webhook }, { headers, body }, now) {
      if (!webhook) return unconfigured('config.webhook.secrets')
      const pairs = (headers['stripe-signature'] ?? '').split(',').map((pair) => {
        const [name = '', ...value] = pair.trim().split('=')
        return [name, value.join('=')] as const
      })
      const stamp = pairs.find(([name]) => name === 't')?.[1] ?? ''
      return verdictOf(
        {
          secrets: webhook.secrets,
          message: Buffer.concat([Buffer.from(`${stamp}.`), body]),
          // `v0` is no signature of live deliveries.
          offered: pairs.filter(([name]) => name === 'v1').map(([, hex]) => Buffer.from(hex, 'hex')),
          at: /^\d{1,12}$/.test(stamp) ? Number(stamp) * 1000 : null,
          tolerance: webhook.tolerance,
        },
        now,
      )
    },
    read(config, { body }) {
      const event = jsonObject(body)
      const [id, type] = [textOf(event['id']), textOf(event['type'])]
      const object = asObject(asObject(event['data'])?.['object'])
      if (id === null || type === null || object === null) throw new MappingError('event', 'is no event of Stripe')
      if (event['livemode'] !== (config.mode === 'live'))
        throw new MappingError(
          'livemode',
          `the event is of the other mode, the platform is configured for ${config.mode} mode`,
        )
      const hints = streams.flatMap((stream) => {
        const about = stream.events.includes(type) ? stream.subject(object, type, config) : null
        // Parts of a document have ids that the event does not say.
        return about === null ? [] : [{ stream: stream.name, ...(stream.kind !== 'line' && { id: about }) }]
      })
      return [{ key: id, events: [], hints }]
    },
  }
}
