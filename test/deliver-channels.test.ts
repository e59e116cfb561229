/** What arrives over mail, chat, pages and tickets, on real receivers. */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { readUnsubscribe } from '../server/deliver/unsubscribe.ts'
import { channelWorld } from './world/channel-world.ts'
import { message, row, type OutboxWorld } from './world/outbox.ts'
import { mailbox, receiver, type Mailbox, type Receiver } from './world/receivers.ts'

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

  test('links to what it says: a search is encoded once', async () => {
    const url = 'https://p.example/issues?q=is%3Aunresolved%20check%3A%22a%2Fb%22'
    add(row('a', 'mail', { message: message({ links: [{ label: 'Open issues', url }] }) }))
    await it.courier.drain('mail')
    const [mail] = await box.read()
    expect(mail!.html).toContain(`href="${url}"`)
    expect(mail!.text).toContain(url)
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
