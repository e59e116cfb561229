/** A mention by mail, over a real SMTP server: in the comment's transaction, one mail, in the issue's thread, held back and left as people say. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MENTIONS_LIST, tellMentioned, type Spoken } from '../server/alert/mention.ts'
import { message, outboxWorld, row, type OutboxWorld } from './world/outbox.ts'
import { mailbox, type Mailbox } from './world/receivers.ts'

let box: Mailbox
let world: OutboxWorld

beforeAll(async () => {
  box = await mailbox()
  world = outboxWorld(`
server: { public_url: https://p.example }
channels:
  mail: { kind: mail, host: 127.0.0.1, port: ${box.port}, tls: optional, from: 'Plumbline <drift@p.example>' }
recipients:
  bo: { kind: person, channel: mail, address: bo@p.example }
  cem: { kind: person, channel: mail, address: cem@p.example, language: de, quiet: [{ hours: '08:00-20:00' }] }
  team: { channel: mail, address: team@p.example }
`)
})
afterAll(async () => {
  world.end()
  await box.close()
})

const spoken = (to: string[], text = 'Is this yours, @bo?'): Spoken => ({
  ...{ issue: 3000, title: 'Billed after cancellation', text, at: world.clock.now(), to },
  by: { email: 'ada@p.example', name: 'Ada Kranich' },
})
const tell = (s: Spoken) => world.ctx.control.transaction(() => tellMentioned(world.ctx, s))

describe('a mention', () => {
  it('arrives as one mail in the thread of the issue’s alerts, and can be left like a list', async () => {
    world.ctx.control.addOutbox([row('alert', 'mail', { message: message({ thread: 'issue/I-3000' }) })])
    const said = spoken(['bo@p.example'])
    expect([tell(said), tell(said)]).toEqual([1, 0])
    await world.courier.drain('mail')
    const mails = await box.read()
    const mail = mails.find((m) => m.to![0]!.address === 'bo@p.example')
    const alert = mails.find((m) => m !== mail)
    expect(mail!.subject).toBe('Ada Kranich mentions you: I-3000 Billed after cancellation')
    expect(mail!.text).toContain('Is this yours, @bo?')
    expect(mail!.text).toContain('https://p.example/issues/I-3000')
    const header = (name: string) => mail!.headers.find((h) => h.key === name)?.value
    expect(header('references')).toBe(alert!.headers.find((h) => h.key === 'references')?.value)
    expect(header('list-unsubscribe')).toContain('https://p.example/unsubscribe/')
    expect(box.mails).toHaveLength(2)
  })

  it('waits for the end of quiet hours', async () => {
    const before = box.mails.length
    expect(tell(spoken(['cem@p.example'], 'Noch offen?'))).toBe(1)
    await world.courier.drain('mail')
    expect(box.mails).toHaveLength(before)
    world.clock.set(Date.parse('2026-11-20T20:00:30.000Z'))
    await world.courier.drain('mail')
    expect((await box.read()).at(-1)!.subject).toMatch(/^Ada Kranich erwähnt Sie: I-3000/)
  })

  it('tells nobody who left, nobody without a channel, and not the writer; nothing of a comment that failed', () => {
    world.ctx.control.unsubscribe(MENTIONS_LIST, 'bo@p.example', world.clock.now())
    expect(tell(spoken(['bo@p.example', 'eve@p.example', 'ada@p.example', 'team@p.example']))).toBe(0)
    const n = world.ctx.control.outbox({ limit: 100 }).length
    const failing = () =>
      world.ctx.control.transaction(() => {
        tellMentioned(world.ctx, spoken(['cem@p.example'], 'Again'))
        throw new Error('the comment could not be kept')
      })
    expect(failing).toThrow('could not be kept')
    expect(world.ctx.control.outbox({ limit: 100 })).toHaveLength(n)
  })
})
