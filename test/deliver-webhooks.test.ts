/** Webhooks and claims: signatures, the whole schedule, channels that fail for days, receivers that do harm; and who may finish what. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Webhook } from 'standardwebhooks'
import { enable } from '../server/deliver/health.ts'
import { signatures } from '../server/deliver/kinds/webhook.ts'
import { pauseAfter, PAUSES_MS } from '../server/deliver/schedule.ts'
import { channelWorld, KEY, OLD } from './world/channel-world.ts'
import { message, row, type OutboxWorld } from './world/outbox.ts'
import { mailbox, receiver, type Mailbox, type Receiver } from './world/receivers.ts'

const HOUR = 3_600_000

let box: Mailbox
let hook: Receiver
let it: OutboxWorld

beforeAll(async () => {
  box = await mailbox()
  hook = await receiver()
})
afterAll(async () => {
  it.end()
  await box.close()
  await hook.close()
})
beforeEach(() => {
  it?.end()
  box.mails.length = 0
  box.mood = 'accept'
  hook.taken.length = 0
  hook.answer = (_, response) => void response.writeHead(204).end()
  it = channelWorld(box.port, hook.url)
})

const add = (...rows: Parameters<OutboxWorld['world']['control']['addOutbox']>[0]) => it.world.control.addOutbox(rows)
const states = () => it.world.control.outbox({ limit: 100 }).map((r) => `${r.channel} ${r.state}`)

describe('webhooks', () => {
  test('are signed with every key, as the specification’s own package checks it', async () => {
    add(row('a', 'hook'))
    const now = Date.now()
    it.clock.set(now)
    await it.courier.drain('hook')
    const [got] = hook.taken
    for (const key of [KEY, OLD])
      expect(new Webhook(key).verify(got!.body, got!.headers as Record<string, string>)).toMatchObject({
        type: 'issue.new',
        data: { issue: 'I-3000', thread: 'issue/3000' },
      })
    const headers = {
      'webhook-id': 'x',
      'webhook-timestamp': `${Math.floor(now / 1000)}`,
      'webhook-signature': signatures([OLD], 'x', Math.floor(now / 1000), 'b'),
    }
    expect(() => new Webhook(KEY).verify('b', headers)).toThrow('No matching signature')
  })

  test('stay within 20 kB whatever they tell of', async () => {
    const rows = Array.from({ length: 500 }, (_, i) => ({
      ref: `I-${i}`,
      title: 'x'.repeat(100),
      detail: '',
      amount: '',
      url: null,
    }))
    add(row('a', 'hook', { message: message({ rows }) }))
    await it.courier.drain('hook')
    expect(Buffer.byteLength(hook.taken[0]!.body)).toBeLessThanOrEqual(20_000)
    expect(JSON.parse(hook.taken[0]!.body)).toMatchObject({
      data: { title: expect.stringContaining('Cancelled') as string },
    })
  })

  test('follow the whole schedule and then wait for a person, over 75 h 35 m 5 s', async () => {
    expect(PAUSES_MS.reduce((a, b) => a + b, 0)).toBe(75 * HOUR + 35 * 60_000 + 5_000)
    add(row('a', 'hook'))
    hook.answer = (_, response) => void response.writeHead(500).end('no')
    for (let i = 0; i < 12; i++) {
      await it.courier.drain('hook')
      it.clock.set(Math.max(it.clock.now() + 1, it.world.control.outboxByDedupe('a')!.nextAt))
    }
    expect(hook.taken).toHaveLength(10)
    expect(new Set(hook.taken.map((t) => t.headers['webhook-id'])).size).toBe(1)
    // Dead on this channel: the one that stands in for it has it now.
    expect(states().sort()).toEqual(['hook dead', 'spare waiting'])
    hook.answer = (_, response) => void response.writeHead(200).end()
    expect(it.world.control.redeliver({ channel: 'hook', since: 0 }, it.clock.now())).toBe(1)
    await it.courier.drain('hook')
    expect(it.world.control.outboxByDedupe('a')!.state).toBe('sent')
  })

  test('obey Retry-After within bounds', () => {
    expect(pauseAfter(1, { retryAfterMs: 8_000 }, 0.5)).toBe(8_000)
    expect(pauseAfter(1, { retryAfterMs: 3_600_000 }, 0.5)).toBe(60_000)
    expect(pauseAfter(2, { retryAfterMs: 1 }, 0.5)).toBe(300_000)
    expect(pauseAfter(1, { throttled: true }, 0)).toBe(60_000)
    expect(pauseAfter(10, {}, 0.5)).toBeNull()
    expect(pauseAfter(2, {}, 0)).toBe(240_000)
    expect(pauseAfter(2, {}, 0.999999)).toBe(360_000)
  })

  test('are switched off by 410, and after five days of failure, with a notice over another channel', async () => {
    add(row('a', 'hook'))
    hook.answer = (_, response) => void response.writeHead(410).end()
    await it.courier.drain('hook')
    const off = () => it.world.control.channelStates().find((s) => s.channel === 'hook')
    expect(off()).toMatchObject({ disabledAt: it.clock.now() })
    expect(it.world.control.outbox({ kind: 'own', limit: 5 }).map((r) => r.message.title)).toEqual([
      'Channel hook was switched off',
    ])
    add(row('b', 'hook'))
    await it.courier.drain('hook')
    expect(hook.taken).toHaveLength(1)
    enable(it.ctx, 'hook', 'ada')
    it.clock.set(it.clock.now() + 6 * 24 * HOUR)
    hook.answer = (_, response) => void response.writeHead(503).end()
    add(row('c', 'hook'))
    await it.courier.drain('hook')
    expect(off()!.disabledAt).toBeNull()
    it.clock.set(it.clock.now() + 5 * 24 * HOUR)
    await it.courier.drain('hook')
    expect(off()!.disabledReason).toContain('five days')
  })

  test('reach no private address and follow no redirect', async () => {
    add(row('a', 'inside'), row('b', 'hook'))
    hook.answer = (_, response) => void response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end()
    await it.courier.drain('inside')
    await it.courier.drain('hook')
    expect(it.world.control.outboxByDedupe('a')).toMatchObject({
      state: 'dead',
      answer: expect.stringContaining('refused') as string,
    })
    expect(it.world.control.outboxByDedupe('b')).toMatchObject({
      state: 'retry',
      answer: expect.stringContaining('redirects') as string,
    })
    expect(hook.taken).toHaveLength(1)
  })

  test('suffer neither from one who floods nor from one who never ends', async () => {
    add(row('a', 'hook'), row('b', 'hook'))
    let flooded = 0
    hook.answer = (taken, response) => {
      response.writeHead(200)
      if (JSON.parse(taken.body).data.dribble) return void response.write('x')
      const flood = () => {
        for (let room = true; room && flooded < 1e9; flooded += 1 << 16) room = response.write(Buffer.alloc(1 << 16))
      }
      response.on('drain', flood)
      flood()
    }
    it.world.control.cancelOutbox([it.world.control.outboxByDedupe('b')!.id], 0, 'later')
    await it.courier.drain('hook')
    expect(it.world.control.outboxByDedupe('a')!.state).toBe('sent')
    expect(flooded).toBeLessThan(50e6)
    add(row('c', 'hook', { message: message({ data: { dribble: true } }) }))
    const draining = it.courier.drain('hook')
    while (hook.taken.length < 2) await new Promise((r) => setImmediate(r))
    await new Promise((r) => setImmediate(r))
    await it.clock.turn(20_000)
    await draining
    expect(it.world.control.deliveriesOf(it.world.control.outboxByDedupe('c')!.id)[0]!.ms).toBe(20_000)
  })
})

describe('claims', () => {
  test('let only the last holder finish, and give again what a dead holder kept', () => {
    add(row('a', 'hook'))
    const { control } = it.world
    const now = it.clock.now()
    const [first] = control.claimOutbox({ channel: 'hook', holder: 'x', now, until: now + 1_000, limit: 5 })
    expect(control.claimOutbox({ channel: 'hook', holder: 'y', now, until: now + 1_000, limit: 5 })).toEqual([])
    const [second] = control.claimOutbox({
      channel: 'hook',
      holder: 'y',
      now: now + 1_000,
      until: now + 2_000,
      limit: 5,
    })
    expect(second!.id).toBe(first!.id)
    const done = { at: now, outcome: 'sent', status: 200, answer: '', ms: 1, nextAt: null } as const
    expect(control.finishOutbox(first!, done)).toBe(false)
    expect(control.finishOutbox(second!, done)).toBe(true)
    expect(add(row('a', 'hook'))).toBe(0)
  })
})
