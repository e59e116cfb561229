/** The intake: who may send, what is kept before it is acknowledged, and what becomes of it, over real HTTP and the real engine. */
import { createHmac } from 'node:crypto'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { events } from '../server/store/facts/events.ts'
import { quarantine } from '../server/store/facts/quarantine.ts'
import { deliveries, DELIVERY_CONFIG, HMAC_NEXT, WEBHOOK_KEY, type Deliveries } from './world/deliveries.ts'

let it_: Deliveries
beforeAll(async () => {
  it_ = await deliveries()
}, 60_000)
afterAll(() => it_?.end())

const told = (correlationId: string) => events(it_.running.runtime.ctx.facts, { correlationId }, 100)
const aside = async (state: 'open' | 'resolved' = 'open') =>
  (await quarantine(it_.running.runtime.ctx.facts, { state }, 100)).filter((q) => q.stream === 'deliveries')
const counted = (platform: string) =>
  Object.fromEntries(
    it_.running.runtime
      .intake!.counts()
      .filter((c) => c.platform === platform)
      .map((c) => [`${c.outcome}${c.reason && `: ${c.reason}`}`, c.n]),
  )
const json = { 'content-type': 'application/json' }
const bearer = () => ({ authorization: `Bearer ${it_.token}` })

const CHANGE = {
  id: 'job-1',
  at: '2026-11-20T11:58:00Z',
  status: 'failed',
  target: 'crm',
  change: 'chg-1',
  error: 'field is read only',
  attempt: 2,
  customer: { id: 'N1', terms: 'net_45' },
}

describe('a hook', () => {
  it('acknowledges what is signed, and what it says becomes an event', async () => {
    const reply = await it_.bus(CHANGE)
    expect([reply.status, await reply.text()]).toEqual([200, ''])
    await it_.drain()
    expect(await told('chg-1')).toMatchObject([
      {
        id: 'job-1/0',
        at: '2026-11-20T11:58:00.000Z',
        type: 'rejected',
        reported_by: 'bus',
        from_platform: 'erp',
        to_platform: 'crm',
        kind: 'customer',
        record_id: 'N1',
        message: 'field is read only',
        detail: { attempt: '2', values: { payment_terms: 'net_45' } },
      },
    ])
  })

  it('is one event however often, in whatever order and over a restart it comes', async () => {
    const job = { ...CHANGE, id: 'job-2', change: 'chg-2', status: 'queued' }
    const done = { ...job, id: 'job-2b', status: 'done', at: '2026-11-20T11:59:00Z' }
    const replies = await Promise.all(Array.from({ length: 50 }, (_, n) => it_.bus(n % 2 ? done : job)))
    expect(new Set(replies.map((r) => r.status))).toEqual(new Set([200]))
    await it_.drain()
    await it_.restart()
    await it_.bus(job)
    await it_.drain()
    expect((await told('chg-2')).map((e) => e.type)).toEqual(['acknowledged', 'sent'])
    expect(counted('bus')['again']).toBe(49)
  })

  it('keeps both where one id comes with two contents', async () => {
    const first = { ...CHANGE, id: 'job-3', change: 'chg-3' }
    await it_.bus(first)
    await it_.bus({ ...first, error: 'another word' })
    await it_.drain()
    expect((await told('chg-3')).map((e) => e.message).sort()).toEqual(['another word', 'field is read only'])
    expect(counted('bus')['differs']).toBe(1)
  })

  it('refuses without a word why, and counts the reason', async () => {
    const refused = [
      await it_.send('/hooks/bus', JSON.stringify(CHANGE), json),
      await it_.bus(CHANGE, { secret: 'a guess' }),
      await it_.bus(CHANGE, { at: it_.clock.now() - 301_000 }),
      await it_.bus(CHANGE, { at: it_.clock.now() + 301_000 }),
      await it_.bus(CHANGE, { at: Number.NaN }),
    ]
    for (const reply of refused) {
      expect(reply.status).toBe(401)
      expect(await reply.json()).toEqual({ type: 'about:blank', status: 401, title: 'The delivery is refused.' })
    }
    expect(counted('bus')).toMatchObject({
      'refused: the signature is missing': 1,
      'refused: the signature is wrong': 1,
      'refused: the stamp is too old': 1,
      'refused: the stamp lies ahead': 1,
      'refused: the stamp cannot be read': 1,
    })
    // The same bytes, written otherwise, are not what was signed.
    const text = JSON.stringify(CHANGE)
    const stamp = String(Math.floor(it_.clock.now() / 1000))
    const signature = createHmac('sha256', HMAC_NEXT).update(`${stamp}.${text}`).digest('hex')
    const spaced = await it_.send('/hooks/bus', `${text} `, {
      ...json,
      'x-timestamp': stamp,
      'x-signature': `sha256=${signature}`,
    })
    expect(spaced.status).toBe(401)
    const rotated = await it_.bus(CHANGE, { secret: HMAC_NEXT })
    expect(rotated.status).toBe(200)
  })

  it('says the same of a platform that takes nothing and of one that is not there', async () => {
    for (const path of ['/hooks/crm', '/hooks/nobody', '/hooks/__proto__'])
      expect(await (await it_.send(path, '{}', json)).json(), path).toEqual({
        type: 'about:blank',
        status: 404,
        title: 'There is no such hook.',
      })
    expect((await it_.send('/hooks/bus', '', {}, 'GET')).status).toBe(405)
  })

  it('bounds bodies, also those that do not say how long they are, and how deep they nest', async () => {
    expect((await it_.bus(CHANGE, { raw: JSON.stringify({ ...CHANGE, note: 'x'.repeat(60_000) }) })).status).toBe(413)
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(new TextEncoder().encode('x'.repeat(10_000))),
    })
    const reply = await fetch(`${it_.running.url}/hooks/bus`, {
      method: 'POST',
      body: endless,
      duplex: 'half',
    } as RequestInit).then(
      (r) => r.status,
      () => 'cut off',
    )
    expect([413, 'cut off']).toContain(reply)
    expect((await it_.bus(null, { raw: `${'['.repeat(65)}${']'.repeat(65)}` })).status).toBe(400)
    expect((await it_.bus(null, { raw: `{"a":"${'['.repeat(500)}"}` })).status).toBe(200)
    await it_.drain()
  })

  it('takes an unsigned word for a hint: nothing is believed, the records are read', async () => {
    const before = it_.running.runtime.ctx.control.stream('crm', 'customers')
    expect(before).toBeNull()
    expect((await it_.send('/hooks/plain', '{"changed":"yes"}', json)).status).toBe(200)
    await it_.drain()
    const { control, facts } = it_.running.runtime.ctx
    expect(control.hintsWaiting()).toBe(1)
    expect(await events(facts, { types: ['outage_began'] }, 10)).toEqual([])
    expect(await it_.running.runtime.readHinted()).toEqual({ read: 1, failed: 0 })
    expect(control.hintsWaiting()).toBe(0)
    expect(control.stream('crm', 'customers')).toMatchObject({ rowsRead: 3 })
  })

  it('answers the handshake of a sender and keeps nothing of it', async () => {
    const reply = await it_.send('/hooks/plain?challenge=abc-123', '', {}, 'GET')
    expect([reply.status, await reply.text()]).toEqual([200, 'abc-123'])
    expect(counted('plain')['handshake']).toBe(1)
  })

  it('speaks Standard Webhooks', async () => {
    const body = JSON.stringify({ id: 's1', type: 'deployed', at: '2026-11-20T11:00:00Z', release: '42' })
    const stamp = String(Math.floor(it_.clock.now() / 1000))
    const key = Buffer.from(WEBHOOK_KEY.slice(6), 'base64')
    const signature = createHmac('sha256', key).update(`msg_1.${stamp}.${body}`).digest('base64')
    const headers = {
      ...json,
      'webhook-id': 'msg_1',
      'webhook-timestamp': stamp,
      'webhook-signature': `v1,AAAA v1,${signature}`,
    }
    expect((await it_.send('/hooks/standard', body, headers)).status).toBe(200)
    await it_.drain()
    expect(await events(it_.running.runtime.ctx.facts, { types: ['deployed'] }, 5)).toMatchObject([
      { reported_by: 'standard', release: '42' },
    ])
  })
})

describe('quarantine', () => {
  it('keeps what cannot be read with its bytes, and a person brings it back when it can be', async () => {
    const odd = { ...CHANGE, id: 'job-9', change: 'chg-9', status: 'retrying' }
    expect((await it_.bus(odd)).status).toBe(200)
    expect((await it_.bus(null, { raw: '{"status":' })).status).toBe(200)
    await it_.drain()
    const rows = await aside()
    expect(rows.map((r) => r.reason).sort()).toEqual(
      expect.arrayContaining([
        '/status: the word retrying is in no map',
        expect.stringMatching(/^body: not valid JSON/),
      ]),
    )
    const open = rows.length
    // Still unreadable: it stays one entry.
    const { intake } = it_.running.runtime
    expect(await intake!.replay({ platform: 'bus' })).toBe(open)
    await it_.drain()
    expect((await aside()).length).toBe(open)
    await it_.restart(DELIVERY_CONFIG.replace('failed: rejected', 'failed: rejected, retrying: sent'))
    const entry = (await aside()).find((r) => r.reason.includes('retrying'))!
    const reply = await it_.send('/v1/intake/replay', JSON.stringify({ platform: 'bus', ids: [entry.record_id] }), {
      ...json,
      ...bearer(),
    })
    expect(await reply.json()).toEqual({ replayed: 1 })
    await it_.drain()
    expect(await told('chg-9')).toMatchObject([{ type: 'sent', at: '2026-11-20T11:58:00.000Z' }])
    expect((await aside()).length).toBe(open - 1)
    expect((await aside('resolved')).map((r) => r.record_id)).toEqual([entry.record_id])
  })
})

describe('the figures', () => {
  it('are on /healthz, on the metrics page and with the platforms', async () => {
    expect((await it_.bus(CHANGE)).status).toBe(200)
    await it_.drain()
    const health = (await (await fetch(`${it_.running.url}/healthz`)).json()) as { intake: Record<string, unknown> }
    expect(health.intake).toMatchObject({ accepting: true, waiting: 0, oldest_seconds: 0 })
    const metrics = await (await fetch(`${it_.running.url}/metrics`)).text()
    expect(metrics).toMatch(/plumbline_spool_depth\S* 0/)
    expect(metrics).toMatch(/plumbline_intake_ack_seconds_count\S* \d+/)
    const view = (await (await it_.send('/v1/intake', '', bearer(), 'GET')).json()) as {
      hooks: { platform: string; url: string; signed: number; refused: { reason: string; n: number }[] }[]
    }
    const bus = view.hooks.find((h) => h.platform === 'bus')!
    expect(bus.url).toBe(`${it_.running.url}/hooks/bus`)
    expect(bus.signed).toBeGreaterThan(50)
    expect(bus.refused.map((r) => r.reason)).toContain('the stamp is too old')
  })

  it('leave no secret of a sender on disk or in a table', async () => {
    const { facts } = it_.running.runtime.ctx
    const rows = JSON.stringify(await aside()) + JSON.stringify(await events(facts, {}, 500))
    for (const secret of ['broker-token-1', 'otlp-token-1', it_.token]) {
      expect(rows).not.toContain(secret)
      expect(rows).not.toContain(Buffer.from(secret).toString('base64').slice(0, 12))
    }
  })

  it('survives a sender that goes away in the middle of its body', async () => {
    const { port } = new URL(it_.running.url)
    await new Promise<void>((done, failed) => {
      const socket = connect(Number(port), '127.0.0.1', () => {
        socket.write(
          'POST /hooks/plain HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"chan',
        )
        setImmediate(() => (socket.destroy(), done()))
      }).on('error', failed)
    })
    expect((await it_.bus(CHANGE)).status).toBe(200)
  })
})
