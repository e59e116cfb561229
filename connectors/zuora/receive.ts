/** Zuora's callouts: body and signature are what the tenant declared, so the configuration repeats it; they only cause a read. */
import { declaredId, verifyDeclared } from '../declared-signature.ts'
import { hashKey, jsonObject } from '../hook-body.ts'
import type { HookReading, Receiver } from '../receiver.ts'
import { unconfigured } from '../signature.ts'
import type { ObjectName, ZuoraConfig } from './config.ts'

/** Words that templates put an id under, without case, separators and the object's dot: `<Account.ID>`, `account_id`. */
const NAMED: readonly [member: RegExp, object: ObjectName][] = [
  [/^(subscription(number|name))$/, 'subscriptions'],
  [/^invoiceid$/, 'invoices'],
  [/^paymentid$/, 'payments'],
  [/^creditmemoid$/, 'credit-memos'],
  [/^orderid$/, 'orders'],
  [/^contactid$/, 'contacts'],
  [/^productrateplanid$/, 'product-rate-plans'],
  [/^accountid$/, 'accounts'],
]

export const receive: Receiver<ZuoraConfig> = {
  verify({ webhook }, request, now) {
    return webhook ? verifyDeclared(webhook, request, now) : unconfigured('config.webhook')
  },
  read(config, request) {
    const body = jsonObject(request.body)
    const key = (config.webhook && declaredId(config.webhook, request)) ?? hashKey(request.body)
    return [{ key, events: [], hints: hintsOf(config, body) }]
  },
}

/** What the callout is about: the most particular thing that it names; an unknown body causes accounts to be read. */
function hintsOf({ skip }: ZuoraConfig, body: Record<string, unknown>): HookReading['hints'] {
  const members = Object.entries(body).map(
    ([name, value]) => [name.toLowerCase().replace(/[^a-z]/g, ''), value] as const,
  )
  for (const [member, stream] of NAMED) {
    const found = members.find(([name, value]) => member.test(name) && typeof value === 'string' && value !== '')
    if (found && !skip.includes(stream)) return [{ stream, id: String(found[1]) }]
  }
  return skip.includes('accounts') ? [] : [{ stream: 'accounts' }]
}
