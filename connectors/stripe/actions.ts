/** What a Stripe account can be told to do. Sending an event again is not among it: Stripe's API has no call for that. */
import type { Action } from '../action.ts'
import { cannot } from '../mark.ts'
import { customerActions } from './actions/customers.ts'
import { invoiceActions } from './actions/invoices.ts'
import { productActions } from './actions/products.ts'
import { subscriptionActions } from './actions/subscriptions.ts'
import type { StripeConfig } from './config.ts'
import { configSchema } from './config.ts'
import { credits } from './streams/credits.ts'
import { customers } from './streams/customers.ts'
import { invoices } from './streams/invoices.ts'
import { payments } from './streams/payments.ts'
import { products } from './streams/products.ts'
import type { ObjectStream } from './streams/stream.ts'
import { subscriptions } from './streams/subscriptions.ts'
import type { WriteSpec } from './writing.ts'
import { metadata, stripeAction } from './writing.ts'

/** Metadata takes the ids of other platforms, and whatever else the configuration keeps there. */
const annotated = (stream: ObjectStream, name: 'attach_ref' | 'set_fields'): WriteSpec => ({
  name,
  stream,
  needs: [stream.permission.replace(/_read$/, '_write')],
  undo: name,
  calls(config, request) {
    const body = metadata(config, request)
    if (Object.keys(body).length === 0) throw cannot(`${name} of ${stream.kind} names nothing to write.`)
    return [{ method: 'POST', path: `${stream.path(config)}/${encodeURIComponent(request.recordId ?? '')}`, body }]
  },
})

const SPECS: readonly WriteSpec[] = [
  ...customerActions,
  ...subscriptionActions,
  ...invoiceActions,
  ...productActions,
  annotated(payments, 'set_fields'),
  annotated(credits, 'set_fields'),
  ...[customers, subscriptions, invoices, products, payments, credits].map((stream) => annotated(stream, 'attach_ref')),
]

export function stripeActions(config: StripeConfig): readonly Action<StripeConfig>[] {
  return SPECS.map((spec) => stripeAction(spec, config)).filter((a) => a.name !== 'set_fields' || a.fields.length > 0)
}

/** Without a configuration: what every account allows. */
export const anyActions = stripeActions(configSchema.parse({ key: 'none' }))

/** Permissions that the actions need, each once. */
export function writePermissions(config: StripeConfig): string[] {
  return [...new Set(stripeActions(config).flatMap((action) => action.needs))].sort()
}
