/** A world for deliveries: the product running over HTTP with a shelf platform, and senders of every sort. */
import { createHmac } from 'node:crypto'
import { digest, newSecret } from '../../server/api/passwords.ts'
import type { Running } from '../../server/main.ts'
import { company, type Company } from './company.ts'
import { handClock, type HandClock } from './clock.ts'

export const HMAC_SECRET = 'an old secret of the sender'
export const HMAC_NEXT = 'the next secret of the sender'
export const WEBHOOK_KEY = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

export const DELIVERY_CONFIG = `company: Kranich Systeme
platforms:
  crm: { connector: files, role: crm, title: Salesforce, config: { folder: ./crm } }
  erp: { connector: files, role: erp, title: NetSuite, config: { folder: ./erp } }
  bus:
    connector: webhook
    role: middleware
    title: Integration bus
    config:
      signature:
        scheme: hmac
        header: X-Signature
        prefix: sha256=
        content: '{timestamp}.{body}'
        timestamp: { header: X-Timestamp }
        secrets: ['${HMAC_NEXT}', '${HMAC_SECRET}']
      id: /id
      at: /at
      rules:
        - when: { /status: '*' }
          event:
            type: { from: /status, map: { queued: sent, done: acknowledged, failed: rejected } }
            from_platform: erp
            to_platform: /target
            kind: customer
            record_id: /customer/id
            correlation_id: /change
            message: /error
            values: { payment_terms: /customer/terms }
            detail: { attempt: /attempt }
        - when: { /moved: '*' }
          hints: [{ platform: crm, stream: customers, id: /moved }]
  plain:
    connector: webhook
    role: tax
    config:
      signature: { scheme: none }
      challenge: { parameter: challenge }
      rules: [{ when: { /changed: '*' }, event: { type: outage_began }, hints: [{ platform: crm, stream: customers }] }]
  standard: { connector: webhook, role: psa, config: { signature: { scheme: standard_webhooks, secrets: ['${WEBHOOK_KEY}'] } } }
  broker:
    connector: cloudevents
    role: mdm
    config:
      signature: { scheme: token, secrets: [broker-token-1] }
      sources: [/sap/*]
      origins: [broker.example.com]
      rate: 600
      rules:
        - when: { /type: 'sap.s4.beh.businesspartner.*' }
          event: { type: sent, from_platform: erp, to_platform: crm, kind: customer, record_id: /data/BusinessPartner, correlation_id: /xcorrelation }
  traces:
    connector: otlp
    role: middleware
    config:
      signature: { scheme: token, header: x-otlp-token, prefix: '', secrets: [otlp-token-1] }
      services: { order-sync: erp, salesforce: crm }
      records: { customer: customer.id }
intake: { body_mb: 0.05 }
schedules: { collect: manual, sweep: manual, check: manual, full: manual }
`

export interface Deliveries {
  world: Company
  clock: HandClock
  running: Running
  /** A token of ours with the role of an operator. */
  token: string
  send(path: string, body: string | Uint8Array, headers?: Record<string, string>, method?: string): Promise<Response>
  /** A delivery of the bus, signed as it does. */
  bus(body: unknown, options?: { secret?: string; at?: number; raw?: string }): Promise<Response>
  drain(): Promise<number>
  restart(config?: string): Promise<void>
  end(): Promise<void>
}

export async function deliveries(config = DELIVERY_CONFIG): Promise<Deliveries> {
  const clock = handClock('2026-11-20T12:00:00.000Z')
  const world = company()
  world.configure(config)
  const token = newSecret()
  let running = await world.start({ clock })
  const { control } = running.runtime.ctx
  const user = control.users()[0]!
  control.addToken({
    id: 'sender',
    userId: user.id,
    name: 'sender',
    hash: digest(token),
    role: 'operator',
    createdAt: clock.now(),
    expiresAt: null,
    lastUsedAt: null,
  })
  const it: Deliveries = {
    world,
    clock,
    get running() {
      return running
    },
    token,
    send: (path, body, headers = {}, method = 'POST') =>
      fetch(running.url + path, {
        method,
        headers,
        ...(method !== 'GET' && method !== 'OPTIONS' && { body: body as BodyInit }),
      }),
    bus(body, { secret = HMAC_SECRET, at = clock.now(), raw } = {}) {
      const text = raw ?? JSON.stringify(body)
      const stamp = String(Math.floor(at / 1000))
      const signature = createHmac('sha256', secret).update(`${stamp}.${text}`).digest('hex')
      return it.send('/hooks/bus', text, {
        'content-type': 'application/json',
        'x-timestamp': stamp,
        'x-signature': `sha256=${signature}`,
      })
    },
    drain: () => running.runtime.intake!.drain(),
    async restart(next) {
      await running.stop()
      if (next !== undefined) world.configure(next)
      running = await world.start({ clock })
    },
    async end() {
      await running.stop()
      world.end()
    },
  }
  return it
}
