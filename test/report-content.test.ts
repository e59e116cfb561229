/** What reports say: numbers that counting again gives, the order of each audience, and names that can do no harm. */
import { strFromU8, unzipSync } from 'fflate'
import { parquetReadObjects } from 'hyparquet'
import { parse as parseCsv } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { add, compare, format, multiply, round, sum } from '../model/decimal.ts'
import { reportHtml } from '../server/report/html.ts'
import { reportText } from '../server/report/text.ts'
import { COLUMNS, tableFile } from '../server/report/table.ts'
import { findingEvents } from '../server/store/facts/finding-events.ts'
import { controlWorld, type ControlWorld } from './world/control.ts'
import { factsWorld, type FactsWorld } from './world/facts.ts'
import { HOSTILE, reportWeek, SLOT, type ReportWorld } from './world/report-world.ts'

const OPTIONS = { origin: 'https://p.example', links: [], unsubscribe: null }

let engine: FactsWorld
let stores: ControlWorld
let world: ReportWorld

beforeAll(async () => {
  engine = await factsWorld()
  stores = controlWorld()
  world = await reportWeek(engine.facts, stores.control)
})

afterAll(async () => {
  await engine.end()
  stores.end()
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
    expect(JSON.stringify(content.blocks.at(-1))).toContain('Only records orders.')
    const tried = await world.reports.preview('weekly', { filters: { ...unlimited(), severity: ['low'] } })
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
const unlimited = () => world.ctx.config.reports['weekly']!.filters

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

  it('calls checks, fields and limits by their German names for a German reader, in the data too', async () => {
    for (const check of world.ctx.checks) check.titles = { de: 'Prüfung auf Deutsch' }
    const { data, content } = await world.reports.preview('wochenbericht')
    for (const check of world.ctx.checks) delete check.titles
    expect(data.rows.map((r) => r.title)).toContain('Prüfung auf Deutsch: Betrag')
    expect(data.rows.every((r) => r.title.startsWith('Prüfung auf Deutsch'))).toBe(true)
    const said = JSON.stringify(content)
    expect(said).toContain('Datensätze Aufträge, Verträge, Abonnements, Rechnungen')
    expect(said).not.toMatch(/ differs | is missing |\border\b|\binvoice\b/)
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
