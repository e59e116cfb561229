/** Reports at work: whom they reach over real mail, when they are sent, and that nothing is sent twice or lost. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCourier, type Courier } from '../server/deliver/courier.ts'
import { compose } from '../server/report/compose.ts'
import { archived } from '../server/report/archive.ts'
import { tableFile } from '../server/report/table.ts'
import { AGAIN_MS, againAt } from '../server/report/failing.ts'
import { removeReports } from '../server/retain/reports.ts'
import { jobOf } from '../server/report/reports.ts'
import { createScheduler } from '../server/schedule/scheduler.ts'
import { controlWorld, type ControlWorld } from './world/control.ts'
import { factsWorld, type FactsWorld } from './world/facts.ts'
import { mailbox, type Mailbox } from './world/receivers.ts'
import { customers, reportWeek, SLOT, type ReportWorld } from './world/report-world.ts'

let engine: FactsWorld
let stores: ControlWorld
let box: Mailbox
let world: ReportWorld
let courier: Courier

beforeAll(async () => {
  engine = await factsWorld()
  stores = controlWorld()
  box = await mailbox()
  world = await reportWeek(
    engine.facts,
    stores.control,
    `{ kind: mail, host: 127.0.0.1, port: ${box.port}, tls: optional, from: 'Plumbline <drift@p.example>' }`,
  )
  courier = createCourier(world.ctx)
})

afterAll(async () => {
  courier.close()
  await engine.end()
  stores.end()
  await box.close()
})

describe('a planned run', () => {
  it('reaches its readers over a real SMTP server, with files, headers and a frozen copy in the archive', async () => {
    const run = await world.reports.runSlot('weekly', SLOT)
    expect(run).toMatchObject({ outcome: 'sent', why: 'there is something to tell' })
    await courier.drain('mail')
    const [mail] = await box.read()
    expect(box.mails[0]!.to).toEqual(['ops@kranich.example'])
    const headers = Object.fromEntries(mail!.headers.map((h) => [h.key, h.value]))
    expect(headers).toMatchObject({
      'auto-submitted': 'auto-generated',
      'list-unsubscribe-post': 'List-Unsubscribe=One-Click',
      'list-id': '<weekly.reports.p.example>',
    })
    expect(headers['list-unsubscribe']).toMatch(/^<https:\/\/p\.example\/unsubscribe\//)
    expect(mail!.subject).toMatch(/^Drift report, week 47 \(16\s*–\s*23 Nov 2026\): \d+ open, EUR 713 at risk$/)
    expect(mail!.html).toContain('Drift report')
    expect(mail!.text).toContain('New and regressed')
    expect(mail!.attachments.map((a) => a.filename)).toEqual(
      ['csv', 'xlsx', 'parquet'].map((f) => `2026-11-23-weekly.${f}`),
    )
    expect(mail!.html).toContain('https://p.example/reports/archive/2026-11-23-weekly')
    const kept = archived(world.ctx, run.archive!)
    expect(compose(kept.data)).toEqual(kept.content)
    expect(Buffer.from(mail!.attachments[0]!.content as ArrayBuffer).equals(tableFile(kept.data.rows, 'csv'))).toBe(
      true,
    )
    const audit = stores.control.auditEntries(0, 1000).find((e) => e.action === 'report.archived')!
    expect(audit.detail).toEqual({ content: kept.entry.content, data: kept.entry.data })
  })

  it('is sent once, whoever asks again', async () => {
    const sent = box.mails.length
    await world.reports.runSlot('weekly', SLOT)
    await courier.drain('mail')
    expect(box.mails).toHaveLength(sent)
    expect(stores.control.reports.archived({ report: 'weekly', limit: 10 })).toHaveLength(1)
  })

  it('stays in the archive as it was when the facts move on', async () => {
    const before = archived(world.ctx, '2026-11-23-weekly')
    await world.put(...customers([], '2026-11-23T05:00:00Z'))
    world.read()
    await world.check()
    expect((await world.reports.preview('weekly')).data.figures.open).toBeLessThan(before.data.figures.open)
    expect(archived(world.ctx, '2026-11-23-weekly')).toEqual(before)
  })

  it('compares with the last one', async () => {
    world.clock.set(SLOT + 7 * 86_400_000)
    world.read()
    const { content } = await world.reports.preview('weekly')
    const cells = content.blocks.flatMap((b) => (b.is === 'numbers' ? b.cells : []))
    expect(cells[0]).toMatchObject({ good: true })
    expect(cells[0]!.change).toMatch(/^▼ \d/)
    world.clock.set(SLOT + 2_000)
  })

  it('that is skipped is written down with its reason; all clear and a change are sent', async () => {
    const daily = Date.parse('2026-11-23T07:00:00Z')
    world.clock.set(daily)
    world.read()
    expect(await world.reports.runSlot('nothing', daily)).toMatchObject({ outcome: 'skipped', archive: null })
    expect(await world.reports.runSlot('clear', daily)).toMatchObject({ outcome: 'sent', why: 'all clear' })
    expect(await world.reports.runSlot('moved', daily)).toMatchObject({ outcome: 'sent' })
    world.clock.set(daily + 86_400_000)
    world.read()
    expect(await world.reports.runSlot('moved', daily + 86_400_000)).toMatchObject({
      outcome: 'skipped',
      why: 'nothing differs from the last one',
    })
    await world.put(...customers([4], '2026-11-24T06:00:00Z'))
    world.clock.set(daily + 2 * 86_400_000)
    await world.look()
    expect(await world.reports.runSlot('moved', daily + 2 * 86_400_000)).toMatchObject({
      outcome: 'sent',
      why: 'something differs from the last one',
    })
  })

  it('that fails tells its owner once, is made again less and less often, and tells when it went out after all', async () => {
    const { clock, ctx, reports } = world
    const { control } = stores
    const slot = SLOT + 14 * 86_400_000
    clock.set(slot)
    const query = ctx.facts.query
    ctx.facts.query = () => Promise.reject(new Error('the engine is gone'))
    await expect(reports.runSlot('weekly', slot)).rejects.toThrow('the engine is gone')
    const [told] = control.outbox({ kind: 'own', limit: 10 })
    expect(told).toMatchObject({ address: 'keeper@kranich.example', recipient: 'keeper' })
    expect(told!.message.lines[0]).toContain('the engine is gone')
    expect(told!.message.lines[1]).toContain('tried again')
    // Not at once, then when its time has come, and the owner hears of that no second time.
    await reports.tryAgain()
    expect(control.reports.runOf('weekly', slot)).toMatchObject({ outcome: 'failed', attempts: 1 })
    clock.set(againAt(control.reports.runOf('weekly', slot)!)!)
    await reports.tryAgain()
    expect(control.reports.runOf('weekly', slot)).toMatchObject({ outcome: 'failed', attempts: 2 })
    expect(control.outbox({ kind: 'own', limit: 10 })).toHaveLength(1)
    ctx.facts.query = query
    clock.set(againAt(control.reports.runOf('weekly', slot)!)!)
    world.read()
    await reports.tryAgain()
    const run = control.reports.runOf('weekly', slot)!
    expect(run).toMatchObject({ outcome: 'sent', attempts: 3 })
    expect(control.reports.one(run.archive!)).toMatchObject({ late: true, slotAt: slot })
    expect(control.outbox({ kind: 'own', limit: 10 })[0]!.message).toMatchObject({
      event: 'report.mended',
      state: 'closed',
      thread: told!.message.thread,
    })
    expect(againAt(run)).toBeNull()
  })

  it('that never succeeds is given up after a day, with word to its owner, and no later one is made twice', async () => {
    const { clock, ctx, reports } = world
    const { control } = stores
    const slot = SLOT + 21 * 86_400_000
    clock.set(slot)
    const query = ctx.facts.query
    ctx.facts.query = () => Promise.reject(new Error('the disk is gone'))
    await expect(reports.runSlot('weekly', slot)).rejects.toThrow()
    for (let at = againAt(control.reports.runOf('weekly', slot)!); at !== null;) {
      clock.set(at)
      await reports.tryAgain()
      at = againAt(control.reports.runOf('weekly', slot)!)
    }
    ctx.facts.query = query
    expect(control.reports.runOf('weekly', slot)).toMatchObject({ attempts: AGAIN_MS.length + 1, outcome: 'failed' })
    expect(clock.now() - slot).toBeLessThan(86_400_000)
    expect(control.outbox({ kind: 'own', limit: 10 })[0]!.message.event).toBe('report.given_up')
    // The next planned run reaches back over what was missed; the old one is left alone from then on.
    clock.set(slot + 7 * 86_400_000)
    world.read()
    const next = await reports.runSlot('weekly', slot + 7 * 86_400_000)
    expect(control.reports.failed().filter((r) => r.report === 'weekly')).toEqual([])
    expect(control.reports.one(next.archive!)!.from).toBe(slot - 7 * 86_400_000)
  })

  it('that nobody was there for is sent once and marked late; a run cut off in the middle as well', async () => {
    const { clock } = world
    const control = stores.control
    const job = world.reports.jobs.find((j) => j.name === jobOf('wochenbericht'))!
    const slot = Date.parse('2027-01-04T06:00:00Z')
    control.claimSlot(job.name, slot - 28 * 86_400_000, 1)
    control.finishSlot(job.name, slot - 28 * 86_400_000, 1, 'ok')
    clock.set(slot + 5 * 3_600_000)
    world.read()
    const scheduler = createScheduler([job], { control, clock, log: world.ctx.log })
    await scheduler.tick()
    await scheduler.tick()
    const [entry, ...others] = control.reports.archived({ report: 'wochenbericht', limit: 10 })
    expect(others).toEqual([])
    expect(entry).toMatchObject({ late: true, slotAt: slot })
    expect(archived(world.ctx, entry!.id).content.notice).toContain('kommt verspätet')
    // Claimed, and then the power failed.
    const next = slot + 7 * 86_400_000
    control.claimSlot(job.name, next, next)
    clock.set(next + 3_600_000)
    world.read()
    await world.reports.recover()
    await world.reports.recover()
    expect(control.reports.archived({ report: 'wochenbericht', limit: 10 }).map((e) => e.slotAt)).toEqual([next, slot])
  })

  it('of a paused report is skipped, and a reader who left gets nothing more', async () => {
    const control = stores.control
    const now = world.clock.now()
    control.reports.pause('orders', { actor: 'u1', at: now }, 'u1', now)
    expect(await world.reports.runSlot('orders', now)).toMatchObject({ outcome: 'skipped', why: 'paused' })
    control.reports.pause('orders', null, 'u1', now)
    control.reports.subscribe('orders', 'Ada@Kranich.example', true, { actor: 'u1', at: now })
    control.unsubscribe('reports/orders', 'ops@kranich.example', now)
    const entry = await world.reports.sendNow('orders', 'u1')
    expect(control.outbox({ ref: entry.id, limit: 10 }).map((r) => r.address)).toEqual(['ada@kranich.example'])
  })
})

describe('the archive', () => {
  it('cannot be changed or shortened, and says so when somebody went around it', () => {
    const db = stores.control
    const entry = db.reports.archived({ limit: 1 })[0]!
    expect(() => db.reports.paper('0'.repeat(64))).toThrow('not what was written')
    expect(db.reports.paper(entry.data).length).toBeGreaterThan(100)
    expect(db.verifyAudit().broken).toBeNull()
  })
  it('keeps reports as long as the rule says and no shorter, and tells what was removed, when and by which rule', () => {
    const { ctx, clock } = world
    const { control } = stores
    const { reports } = control
    const DAY = 86_400_000
    const [entry] = reports.archived({ report: 'weekly', limit: 1, before: SLOT + DAY })
    const hidden = () => control.outbox({ ref: entry!.id, limit: 10 }).map((r) => r.message.mail)
    expect(hidden()[0]!.attachments.map((a) => control.attachment(a.hash) !== null)).toEqual([true, true, true])
    const files = hidden()[0]!.attachments
    const others = reports.archived({ limit: 50 }).filter((e) => e.id !== entry!.id)
    expect(() => reports.remove(entry!.id, 365 * DAY, { actor: 'u1', at: clock.now() })).toThrow('must still be kept')
    clock.set(entry!.madeAt + 30 * DAY + 1)
    const config = {
      ...ctx.config,
      reports: { ...ctx.config.reports, weekly: { ...ctx.config.reports['weekly']!, keep: '30d' } },
    }
    expect(removeReports({ ...ctx, config })).toBe(1)
    expect(removeReports({ ...ctx, config })).toBe(0)
    expect(() => archived(ctx, entry!.id)).toThrow(/were removed on 2026-12-2\d/)
    expect(reports.one(entry!.id)).toEqual(entry)
    expect(hidden()).toEqual([undefined])
    expect(files.map((a) => control.attachment(a.hash))).toEqual([null, null, null])
    expect(control.auditEntries(0, 10_000).filter((e) => e.action === 'report.removed')).toMatchObject([
      { object: `report ${entry!.id}`, detail: { content: entry!.content, data: entry!.data, kept_for: 30 * DAY } },
    ])
    for (const other of others) expect(archived(ctx, other.id).entry).toEqual(other)
    expect(control.verifyAudit().broken).toBeNull()
  })
})
