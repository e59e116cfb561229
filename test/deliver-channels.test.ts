/** The courier: what arrives over each kind of channel, on real receivers; retries, fences, fallbacks and channels that fail for days. */
import { readFileSync, readdirSync } from 'node:fs'
import { generateKeyPairSync } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Webhook } from 'standardwebhooks'
import { pauseAfter, PAUSES_MS } from '../server/deliver/schedule.ts'
import { signatures } from '../server/deliver/kinds/webhook.ts'
import { enable } from '../server/deliver/health.ts'
import { readUnsubscribe } from '../server/deliver/unsubscribe.ts'
import { message, outboxWorld, row, type OutboxWorld } from './world/outbox.ts'
import { mailbox, receiver, type Mailbox, type Receiver } from './world/receivers.ts'

const KEY = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const OLD = `whsec_${Buffer.alloc(32, 9).toString('base64')}`
const HOUR = 3_600_000

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})

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
  it = outboxWorld(
    `
server: { public_url: https://p.example }
channels:
  mail: { kind: mail, host: 127.0.0.1, port: ${box.port}, tls: optional, from: 'Plumbline <drift@p.example>', dkim: { domain: p.example, selector: s1, key: '\${ENV:DKIM}' } }
  spare: { kind: folder }
  hook: { kind: webhook, url: '${hook.url}/hook', secrets: ['${KEY}', '${OLD}'], allow_private_network: true, fallback: spare }
  inside: { kind: webhook, url: '${hook.url}/hook', secrets: ['${KEY}'] }
  slack: { kind: slack, url: '${hook.url}/slack', allow_private_network: true }
  teams: { kind: teams, url: '${hook.url}/teams', allow_private_network: true }
  google: { kind: google-chat, url: '${hook.url}/google', allow_private_network: true }
  pager: { kind: pagerduty, url: '${hook.url}/pager', routing_key: R0UT, allow_private_network: true }
  genie: { kind: opsgenie, url: '${hook.url}/genie', api_key: GEN1E, allow_private_network: true }
  snow: { kind: servicenow, url: '${hook.url}', user: u, password: pass, allow_private_network: true }
  jira: { kind: jira, url: '${hook.url}', user: u@example.com, token: tok, project: OPS, allow_private_network: true }
recipients:
  ops: { channel: spare, address: ops@example.com }
alerts: { own: { tell: [ops] } }
`,
    { DKIM: privateKey },
  )
})

const add = (...rows: Parameters<OutboxWorld['world']['control']['addOutbox']>[0]) => it.world.control.addOutbox(rows)
const states = () => it.world.control.outbox({ limit: 100 }).map((r) => `${r.channel} ${r.state}`)

describe('mail', () => {
  test('carries its headers, one thread and one id for all attempts', async () => {
    add(row('a', 'mail'))
    box.mood = 'lost'
    await it.courier.drain('mail')
    expect(states()).toEqual(['mail retry'])
    box.mood = 'accept'
    it.clock.set(it.clock.now() + 10_000)
    await it.courier.drain('mail')
    const [first, second] = await box.read()
    expect(second!.messageId).toBe(first!.messageId)
    const header = (name: string) => second!.headers.find((h) => h.key === name)?.value
    expect(header('auto-submitted')).toBe('auto-generated')
    expect(header('x-auto-response-suppress')).toBe('All')
    expect(header('list-id')).toBe('<finance-critical.alerts.p.example>')
    expect(header('list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click')
    expect(header('references')).toBe(header('in-reply-to'))
    expect(header('dkim-signature')).toContain('d=p.example')
    expect(header('dkim-signature')!.replace(/\s/g, '').toLowerCase()).toContain(
      'list-unsubscribe:list-unsubscribe-post',
    )
    const link = /<https:\/\/p\.example\/unsubscribe\/(.+)>/.exec(header('list-unsubscribe')!)![1]!
    expect(readUnsubscribe(it.world.control, link)).toEqual({
      list: 'alerts/Finance critical',
      address: 'finance@example.com',
    })
    expect(
      readUnsubscribe(
        it.world.control,
        link.replace(/.$/, (c) => (c === 'A' ? 'B' : 'A')),
      ),
    ).toBeNull()
    expect(it.world.control.deliveriesOf(it.world.control.outboxByDedupe('a')!.id).map((d) => d.outcome)).toEqual([
      'retry',
      'sent',
    ])
  })

  test('says the same in HTML and text, in at most 6 KB, and opens nothing from outside', async () => {
    add(row('a', 'mail'))
    await it.courier.drain('mail')
    const [mail] = await box.read()
    expect(Buffer.byteLength(mail!.html!)).toBeLessThan(6_200)
    for (const part of ['Acme AG', 'EUR 9,200', 'and 2 more', '20 Nov 2026 14:02 CET', 'Finance critical']) {
      expect(mail!.html).toContain(part)
      expect(mail!.text).toContain(part)
    }
    expect(mail!.html).not.toMatch(/<img|url\(|src=|@import/)
  })

  test('lets no name out of its place', async () => {
    const hostile = '"><script>alert(1)</script>\r\nBcc: all@example.com\u202Egnp.exe\u0000'
    add(
      row('a', 'mail', {
        message: message({
          subject: hostile,
          title: hostile,
          lines: [hostile],
          links: [{ label: hostile, url: 'javascript:alert(1)' }],
          list: hostile,
          mail: undefined as never,
        }),
      }),
    )
    await it.courier.drain('mail')
    const [mail] = await box.read()
    expect(box.mails[0]!.to).toEqual(['finance@example.com'])
    expect(mail!.bcc).toBeUndefined()
    expect(mail!.headers.filter((h) => h.key === 'bcc')).toEqual([])
    expect(mail!.html).not.toMatch(/<script|javascript:|\u202e/)
    expect(mail!.subject).not.toMatch(/[\r\n\u202e\0]/)
  })

  test('goes to nobody for good when the server says so, and is tried again when it is busy', async () => {
    add(row('a', 'mail'))
    box.mood = 'busy'
    await it.courier.drain('mail')
    expect(states()).toEqual(['mail retry'])
    box.mood = 'refuse'
    it.clock.set(it.clock.now() + 10_000)
    await it.courier.drain('mail')
    expect(states()).toEqual(['mail dead'])
    expect(it.world.control.outbox({ limit: 1 })[0]!.answer).toContain('5.1.1')
  })

  test('lands in a folder as a file that a mail program reads', async () => {
    add(row('a', 'spare'))
    await it.courier.drain('spare')
    const [file] = readdirSync(join(it.folder, 'mail'))
    expect(readFileSync(join(it.folder, 'mail', file!), 'utf8')).toContain('Subject: [CRITICAL] 3 customers')
  })
})

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

describe('chat, pages and tickets', () => {
  test('say the same as the mail, and read nothing of a name as markup', async () => {
    const m = message({ title: '<!channel> <https://evil|Acme> [x](http://evil)' })
    add(...['slack', 'teams', 'google', 'pager', 'genie'].map((c) => row(c, c, { message: m })))
    await it.courier.drainAll()
    const body = (path: string) => hook.taken.find((t) => t.path === path)!.body
    for (const path of ['/slack', '/teams', '/google', '/pager', '/genie'])
      for (const part of ['Acme AG', 'EUR 9,200', 'Started']) expect(body(path)).toContain(part)
    expect(body('/slack')).not.toContain('<!channel>')
    expect(body('/teams')).not.toMatch(/[^\\]\[x\]\(/)
    expect(JSON.parse(body('/pager'))).toMatchObject({
      event_action: 'trigger',
      dedup_key: 'plumbline/issue/3000',
      payload: { severity: 'critical' },
    })
    add(
      row('over', 'pager', { message: message({ state: 'closed' }) }),
      row('over2', 'genie', { message: message({ state: 'closed' }) }),
    )
    await it.courier.drainAll()
    expect(JSON.parse(hook.taken.filter((t) => t.path === '/pager')[1]!.body)).toMatchObject({
      event_action: 'resolve',
    })
    expect(hook.taken.at(-1)!.path.startsWith('/genie') ? hook.taken.at(-1)!.path : hook.taken.at(-2)!.path).toContain(
      '/close?identifierType=alias',
    )
  })

  test('make one ticket a thread, find it again after a lost answer, and read its state back', async () => {
    const tickets: Record<string, unknown>[] = []
    let lose = true
    hook.answer = ({ path, method, body }, response) => {
      if (method === 'POST' && path.startsWith('/api/now')) {
        tickets.push({ ...(JSON.parse(body) as object), number: 'INC1', sys_id: 'a1', state: 'New' })
        if (lose) return void response.destroy()
      }
      if (method === 'PUT') tickets[0]!['state'] = 'In Progress'
      const found = path.includes('correlation_id%3D') ? tickets : tickets[0]
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ result: found }))
    }
    add(row('a', 'snow'))
    await it.courier.drain('snow')
    lose = false
    it.clock.set(it.clock.now() + 10_000)
    await it.courier.drain('snow')
    expect(tickets).toHaveLength(1)
    expect(it.world.control.ticket('snow', 'issue/3000')).toMatchObject({ ticket: 'INC1', state: 'New' })
    add(row('b', 'snow', { createdAt: it.clock.now() }))
    await it.courier.drain('snow')
    expect(tickets).toHaveLength(1)
    expect(await it.courier.readTickets('snow')).toBe(1)
    expect(it.world.control.ticket('snow', 'issue/3000')).toMatchObject({ state: 'In Progress' })
  })

  test('make a Jira work item and show its status', async () => {
    hook.answer = ({ path, method }, response) => {
      const answer =
        method === 'POST' && path === '/rest/api/3/issue'
          ? { id: '1', key: 'OPS-7' }
          : { key: 'OPS-7', fields: { status: { name: 'Done' } } }
      response.writeHead(method === 'POST' ? 201 : 200).end(JSON.stringify(answer))
    }
    add(row('a', 'jira'))
    await it.courier.drain('jira')
    await it.courier.readTickets('jira')
    expect(it.world.control.tickets('issue/3000')).toMatchObject([
      { ticket: 'OPS-7', state: 'Done', url: `${hook.url}/browse/OPS-7` },
    ])
  })
})
