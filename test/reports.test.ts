/** Reports: what they count, whom they reach, when they are sent, and that nobody's name can do harm in them. */
import { strFromU8, unzipSync } from 'fflate'
import { parquetReadObjects } from 'hyparquet'
import { parse as parseCsv } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { add, compare, format, multiply, round, sum } from '../model/decimal.ts'
import { createCourier, type Courier } from '../server/deliver/courier.ts'
import { compose } from '../server/report/compose.ts'
import { archived } from '../server/report/archive.ts'
import { reportHtml } from '../server/report/html.ts'
import { reportText } from '../server/report/text.ts'
import { COLUMNS, tableFile } from '../server/report/table.ts'
import { jobOf } from '../server/report/reports.ts'
import { findingEvents } from '../server/store/facts/finding-events.ts'
import { createScheduler } from '../server/schedule/scheduler.ts'
import { controlWorld, type ControlWorld } from './world/control.ts'
import { factsWorld, type FactsWorld } from './world/facts.ts'
import { mailbox, type Mailbox } from './world/receivers.ts'
import { customers, HOSTILE, orders, reportWorld, type ReportWorld } from './world/report-world.ts'

const OPTIONS = { origin: 'https://p.example', links: [], unsubscribe: null }
/** Monday 23 November, 07:00 in Zurich: the weekly slot. */
const SLOT = Date.parse('2026-11-23T06:00:00Z')

let engine: FactsWorld
let stores: ControlWorld
let box: Mailbox
let world: ReportWorld
let courier: Courier

beforeAll(async () => {
  engine = await factsWorld()
  stores = controlWorld()
  box = await mailbox()
  world = reportWorld(
    engine.facts,
    stores.control,
    `{ kind: mail, host: 127.0.0.1, port: ${box.port}, tls: optional, from: 'Plumbline <drift@p.example>' }`,
  )
  courier = createCourier(world.ctx)
  await world.put(...customers([1, 2, 3], '2026-11-02T08:00:00Z'), ...orders())
  await world.look()
  // Two days later one of them is put right, and a week's report has something that came and went.
  world.clock.set(Date.parse('2026-11-18T12:00:00Z'))
  await world.put(...customers([1, 2], '2026-11-18T11:00:00Z'))
  await world.look()
  world.clock.set(SLOT + 2_000)
  world.read()
})

afterAll(async () => {
  courier.close()
  await engine.end()
  stores.end()
  await box.close()
})

describe('the numbers of a report', () => {
  it('are those that counting the exported findings and their transitions one by one gives', async () => {
    const { data } = await world.reports.preview('weekly')
    const all = await world.findings()
    const open = all.filter((f) => f.state === 'open')
    expect(open.length).toBeGreaterThan(5)
    expect(data.figures.open).toBe(open.length)
    expect(data.figures.undecided).toBe(all.filter((f) => f.state === 'undecided').length)
    expect(data.figures.unpriced).toBe(open.filter((f) => f.amount_at_risk === null).length)
    const amounts: Record<string, string> = {}
    for (const f of open)
      if (f.amount_at_risk !== null && f.currency !== null)
        amounts[f.currency] = format(add(amounts[f.currency] ?? '0', f.amount_at_risk))
    expect(amounts).toEqual({ EUR: '500.5', CHF: '200.2', USD: '300.3' })
    expect({ ...data.money.confirmed.amounts, ...data.money.estimated.amounts }).toEqual(amounts)
    // The dollar has no rate: named, and in no sum.
    expect(data.money.confirmed.unconverted).toEqual(['USD'])
    expect(
      compare(data.money.confirmed.known!, round(sum([amounts['EUR']!, multiply(amounts['CHF']!, '1.06')]), 2)),
    ).toBe(0)
    const events = await findingEvents(
      engine.facts,
      all.map((f) => f.id),
    )
    const during = events.filter((e) => e.at >= data.from && e.at < data.to)
    expect(data.moves.resolved).toBe(during.filter((e) => e.to_state === 'resolved' && e.from_state === 'open').length)
    expect(data.moves.resolved).toBe(1)
    expect(data.moves.opened).toBe(during.filter((e) => e.to_state === 'open' && e.from_state !== 'open').length)
    expect(data.pairs.reduce((n, p) => n + p.findings, 0)).toBe(open.length)
    expect(data.top.map((t) => t.amount)).toEqual(['400.4', '200.2', '100.1', '300.3'])
  })

  it('count only what the filters say, and say which those are', async () => {
    const { data, content } = await world.reports.preview('orders')
    expect(data.figures.open).toBe(4)
    expect(JSON.stringify(content.blocks.at(-1))).toContain('Only records order.')
    const tried = await world.reports.preview('weekly', { filters: { ...data_filters(), severity: ['low'] } })
    expect(tried.data.figures.open).toBe(0)
  })

  it('leave out what a person accepted, and tell when that ends', async () => {
    const { data: before } = await world.reports.preview('weekly')
    const issue = before.issues.lines[0]!
    const now = world.clock.now()
    const until = now + 3 * 86_400_000
    stores.control.workIssue(
      issue.number,
      { acceptedUntil: until, acceptReason: 'known, mended by Thursday' },
      { at: now, actor: 'u1', what: 'accepted', detail: { until: new Date(until).toISOString() } },
    )
    const { data, content } = await world.reports.preview('weekly')
    expect(data.figures.open).toBe(before.figures.open - issue.findings)
    expect(data.ending).toMatchObject([{ number: issue.number, reason: 'known, mended by Thursday' }])
    expect(reportText(content, OPTIONS)).toContain('known, mended by Thursday')
    stores.control.workIssue(
      issue.number,
      { acceptedUntil: null },
      { at: now, actor: 'u1', what: 'reopened', detail: {} },
    )
  })

  it('never call it all clear when a platform could not be read', async () => {
    const { content } = await world.reports.preview('clear')
    expect(content.clear).toContain('All clear')
    world.read(SLOT - 3 * 86_400_000, ['erp'])
    const { data, content: blind } = await world.reports.preview('clear')
    expect(blind.clear).toBeNull()
    expect(data.standing.stale.map((s) => s.title)).toEqual(['NetSuite'])
    expect(blind.blocks[0]).toMatchObject({ is: 'lines', lines: [{ href: '/connectors/erp' }] })
    world.read()
  })
})

/** Filters that limit nothing. */
const data_filters = () => world.ctx.config.reports['weekly']!.filters

describe('the content of a report', () => {
  it('begins with what its audience needs first', async () => {
    const titles = async (name: string) => (await world.reports.preview(name)).content.blocks.map((b) => b.title)
    expect((await titles('weekly'))[0]).toBe('New and regressed')
    expect(await titles('board')).toEqual([
      'What needs a decision',
      'Where we stand',
      'By platform pair',
      'How the numbers were computed',
    ])
    const { content } = await world.reports.preview('wochenbericht')
    expect(content.blocks[1]).toMatchObject({ is: 'numbers', cells: [{ label: 'Gefährdeter Betrag' }, {}, {}, {}] })
    expect(content.blocks[2]!.title).toBe('Perioden vor dem Abschluss')
    expect(content.subject).toMatch(
      /^Abweichungen Finanzen, KW 47 \(16\.\s*–\s*23\. Nov\. 2026\): 4 offen, EUR 713 gefährdet$/u,
    )
  })

  it('says the same in HTML and in text, in at most 25 rows and 20 KB', async () => {
    for (const name of ['weekly', 'wochenbericht', 'board']) {
      const { content } = await world.reports.preview(name)
      const html = reportHtml(content, { ...OPTIONS, as: 'mail' })
      const text = reportText(content, OPTIONS)
      const squeezed = (s: string) => s.replace(/\s+/g, '')
      for (const block of content.blocks) {
        expect(text).toContain(block.title)
        if (block.is === 'items')
          for (const row of block.rows) {
            expect(squeezed(text)).toContain(squeezed(row.right))
            expect(html).toContain(`>${row.ref}</a>`)
          }
        if (block.is === 'numbers')
          for (const cell of block.cells) expect(squeezed(text)).toContain(squeezed(cell.value))
      }
      expect(content.blocks.reduce((n, b) => n + (b.is === 'items' ? b.rows.length : 0), 0)).toBeLessThanOrEqual(25)
      expect(html.length).toBeLessThan(20_480)
    }
  })

  it('keeps personal values inside, and all names where it must', async () => {
    const { data } = await world.reports.preview('weekly')
    expect(data.rows.some((r) => r.field === 'email')).toBe(true)
    expect(JSON.stringify(data)).not.toContain('other5@kunde.example')
    const inside = await world.reports.preview('inside')
    for (const name of ['Anders AG', 'HYPERLINK', 'net_60'])
      expect(JSON.stringify(inside.data) + JSON.stringify(inside.content)).not.toContain(name)
  })
})

describe('hostile names', () => {
  it('are only text in HTML, in text and in the subject', async () => {
    const { content } = await world.reports.preview('weekly', { title: `Bad\r\nBcc: x@evil.example ${HOSTILE[0]}` })
    const html = reportHtml(content, { ...OPTIONS, as: 'mail' })
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;')
    expect(html.match(/<img|<script|onerror=alert\(1\)>/g)).toBeNull()
    expect(html).not.toMatch(/[\u202e\u0001]/)
    expect(reportText(content, OPTIONS)).not.toMatch(/[\u202e\u0001\r]/)
  })

  it('are no formula in CSV, no formula and no markup in the workbook, and themselves in Parquet', async () => {
    const { data } = await world.reports.preview('weekly')
    const bytes = tableFile(data.rows, 'csv')
    expect([...bytes.slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf])
    const rows: Record<string, string>[] = parseCsv(Buffer.from(bytes), { bom: true, columns: true })
    expect(rows).toHaveLength(data.rows.length)
    for (const row of rows) for (const cell of Object.values(row)) expect(cell).not.toMatch(/^[=+@\t\r]/)
    expect(rows.map((r) => r['customer'])).toContain(`'${HOSTILE[1]}`)
    const files = unzipSync(tableFile(data.rows, 'xlsx'))
    const sheet = strFromU8(files['xl/worksheets/sheet1.xml']!)
    expect(sheet).not.toMatch(/<f[ >]/)
    expect(sheet).toContain('<t xml:space="preserve">=HYPERLINK(')
    expect(sheet).toContain('&lt;img src=x onerror=alert(1)&gt;')
    expect(sheet).toMatch(/<c r="N\d+" s="3"><v>400\.4<\/v><\/c>/)
    expect(sheet).toContain('state="frozen"')
    const buffer = tableFile(data.rows, 'parquet')
    const read = await parquetReadObjects({ file: buffer.slice().buffer })
    expect(read.map((r) => r['customer'])).toEqual(data.rows.map((r) => r.customer))
    expect(Object.keys(read[0]!)).toEqual(COLUMNS.map((c) => c.name))
  })
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

  it('that fails tells its owner, and is made good by the same slot later', async () => {
    const slot = SLOT + 14 * 86_400_000
    world.clock.set(slot)
    const query = world.ctx.facts.query
    world.ctx.facts.query = () => Promise.reject(new Error('the engine is gone'))
    await expect(world.reports.runSlot('weekly', slot)).rejects.toThrow('the engine is gone')
    world.ctx.facts.query = query
    const [told] = stores.control.outbox({ kind: 'own', limit: 10 })
    expect(told).toMatchObject({ address: 'keeper@kranich.example', recipient: 'keeper' })
    expect(told!.message.lines[0]).toContain('the engine is gone')
    expect(await world.reports.runSlot('weekly', slot)).toMatchObject({ outcome: 'sent' })
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
})
