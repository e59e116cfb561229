/** Reports in the dashboard: schedules, the real mail as preview, the archive, the certificate; narrow, in both themes, by keyboard and reader. */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { unsubscribeLink } from '../../server/deliver/unsubscribe.ts'
import type { Running } from '../../server/main.ts'
import { handClock } from '../world/clock.ts'
import { company, CONFIG, type Company } from '../world/company.ts'
import { buildDashboard, open, overflow, violations } from './browser.ts'
import { onePage, type OnePage } from './visits.ts'

const REPORTS = `
channels: { mail: { kind: folder } }
reports:
  weekly-operations: { audience: operations, timezone: Europe/Zurich, recipients: [ops@kranich.example], attachments: [csv] }
  finance-close: { audience: finance, preset: monthly, language: de, recipients: [cfo@kranich.example] }
`
const clock = handClock('2026-11-20T12:00:00.000Z')
/** Where screenshots go, for people who want to look at them. */
const SHOTS = process.env['SCREENSHOTS']
let world: Company
let running: Running
let dashboard: OnePage
let page: Page

const visit = (path: string, heading: string | RegExp) => dashboard.visit(path, heading)

beforeAll(async () => {
  await buildDashboard()
  world = company()
  world.configure(CONFIG + REPORTS)
  running = await world.start({ clock })
  await running.runtime.collect({})
  await running.runtime.check({ checks: ['customer-master/legal-profile', 'customer-master/profile'] })
  dashboard = await onePage(running)
  page = dashboard.page
})

afterAll(async () => {
  await dashboard.end()
  await running.stop()
  world.end()
  expect(dashboard.complaints).toEqual([])
})

describe('the page Reports', () => {
  it('opens with G P and says in words what goes to whom, when, and when next', async () => {
    await page.keyboard.press('g')
    await page.keyboard.press('p')
    await page.getByRole('heading', { level: 1, name: 'Reports' }).waitFor()
    const card = page.getByRole('region', { name: 'Drift report' })
    await card.waitFor()
    const text = await card.innerText()
    expect(text).toContain('every Monday at 07:00 (Europe/Zurich), to 1 reader')
    // 07:00 in Zurich, in the zone of the reader, who sits in UTC.
    expect(text).toMatch(/23 Nov 2026, 06:00:00 UTC[\s\S]*30 Nov 2026, 06:00:00 UTC[\s\S]*7 Dec 2026, 06:00:00 UTC/)
    expect(text).toContain('It has not run yet.')
  })

  it('shows the mail that would be sent, and tries other settings on it', async () => {
    await visit('/reports/weekly-operations', 'Drift report')
    const frame = page.frameLocator('iframe.report-frame')
    await frame.getByRole('heading', { level: 1, name: 'Drift report' }).waitFor()
    expect(await frame.locator('body').innerText()).toContain('Payment terms: Salesforce differs from NetSuite')
    await page.getByRole('main').getByLabel('Language').selectOption('de')
    await frame.getByRole('heading', { level: 2, name: 'Was eine Entscheidung braucht' }).waitFor()
    await page.getByLabel('Kinds of record').fill('invoice')
    await page.getByLabel('Kinds of record').press('Tab')
    await frame.getByText('Nichts Neues, und nichts ist wieder aufgetreten.').waitFor()
    await page.getByRole('button', { name: 'As configuration' }).click()
    const dialog = page.getByRole('dialog', { name: 'Duplicate as configuration' })
    await dialog.getByText('weekly-operations-2').waitFor()
    expect(await dialog.locator('pre').innerText()).toMatch(/kinds:\s+- invoice[\s\S]*language: de/)
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'As configured' }).click()
    await frame.getByRole('heading', { level: 2, name: 'What needs a decision' }).waitFor()
  })

  it('subscribes, pauses and goes on, sends a test and the report itself, and keeps what was sent', async () => {
    await visit('/reports/weekly-operations', 'Drift report')
    await page.getByRole('button', { name: 'Subscribe me', exact: true }).click()
    await page.getByRole('button', { name: 'Unsubscribe me' }).waitFor()
    await page.getByRole('button', { name: 'Send now to 2 readers' }).waitFor()
    await page.getByRole('button', { name: 'Pause', exact: true }).click()
    await page.getByRole('button', { name: 'Go on', exact: true }).click()
    await page.getByRole('button', { name: 'Pause', exact: true }).waitFor()
    await page.getByRole('button', { name: 'Send test to me' }).click()
    await page.getByText('A test is on its way to ada@kranich.example.').waitFor()
    await page.getByRole('button', { name: 'Send now to 2 readers' }).click()
    await page.getByText('Sent to all readers.').waitFor()
    const rows = running.runtime.ctx.control.outbox({ limit: 10 })
    expect(rows.map((r) => `${r.kind} ${r.address}`).sort()).toEqual([
      'report ada@kranich.example',
      'report ops@kranich.example',
      'test ada@kranich.example',
    ])
    await visit('/reports?tab=archive', 'Reports')
    await page.getByRole('link', { name: /^Drift report, week 47/ }).click()
    await page.getByRole('heading', { level: 1, name: /^Drift report, week 47/ }).waitFor()
    const frame = page.frameLocator('iframe.report-frame')
    await frame.getByRole('heading', { level: 1, name: 'Drift report' }).waitFor()
    const csv = await page.request.get(`${running.url}/v1/reports/archive/2026-11-20-weekly-operations/data.csv`)
    expect(await csv.text()).toMatch(/^\ufeff"issue","finding","state"/)
    const pdf = await page.request.get(`${running.url}/v1/reports/archive/2026-11-20-weekly-operations/report.pdf`, {
      timeout: 60_000,
    })
    expect((await pdf.body()).subarray(0, 5).toString()).toBe('%PDF-')
    expect((await page.request.get(`${running.url}/v1/reports/archive/none/page`)).status()).toBe(404)
  })

  it('issues a certificate, lists it and lets it be downloaded byte for byte', async () => {
    await visit('/reports?tab=certificate', 'Reports')
    await page.getByRole('button', { name: 'Issue a certificate' }).click()
    await page.getByText(/of 3 customers agree on \d+ owned fields in 2 platforms/).waitFor()
    const [link] = await page.getByRole('link', { name: /^Download/ }).all()
    const text = await (await page.request.get(running.url + (await link!.getAttribute('href'))!)).text()
    expect(running.runtime.ctx.control.reports.certificates(1)[0]!.document).toBe(text)
  })

  it('lets a reader leave by the link of a mail without signing in: GET asks, POST acts', async () => {
    const { control } = running.runtime.ctx
    const link = unsubscribeLink(control, 'https://p.example', 'reports/weekly-operations', 'ops@kranich.example')!
    const path = `/v1${new URL(link).pathname}`
    const stranger = await open(dashboard.browser)
    const got = await stranger.page.request.get(running.url + path)
    expect(got.status()).toBe(200)
    expect(await got.text()).toContain('Leave this list?')
    const german = { 'accept-language': 'de-AT,de;q=0.9,en;q=0.5' }
    expect(await (await stranger.page.request.get(running.url + path, { headers: german })).text()).toContain(
      'abbestellen?',
    )
    expect(control.unsubscribed('reports/weekly-operations')).toEqual([])
    const posted = await stranger.page.request.post(running.url + path, { form: { 'List-Unsubscribe': 'One-Click' } })
    expect(posted.status()).toBe(200)
    expect(control.unsubscribed('reports/weekly-operations').map((u) => u.address)).toEqual(['ops@kranich.example'])
    expect((await stranger.page.request.post(`${running.url + path}x`)).status()).toBe(404)
    await stranger.page.context().close()
  })

  it.each(['light', 'dark'] as const)('is readable in %s at every width, for everybody', async (scheme) => {
    await page.emulateMedia({ colorScheme: scheme })
    if (SHOTS) mkdirSync(SHOTS, { recursive: true })
    const sent = '/reports/archive/2026-11-20-weekly-operations'
    for (const width of scheme === 'light' ? [1280, 360] : [360])
      for (const path of [
        '/reports',
        '/reports/weekly-operations',
        '/reports?tab=archive',
        sent,
        '/reports?tab=certificate',
      ]) {
        await page.setViewportSize({ width, height: 800 })
        await visit(path, /report/i)
        await page.locator('main .card').first().waitFor()
        if (path.includes('weekly')) await page.frameLocator('iframe.report-frame').locator('h1').waitFor()
        if (SHOTS)
          await page.screenshot({
            path: join(SHOTS, `${path.replace(/\W+/g, '-')}-${width}-${scheme}.png`),
            fullPage: true,
          })
        expect(await overflow(page), `${path} at ${width}`).toBeLessThanOrEqual(0)
        expect(await violations(page), `${path} at ${width}`).toEqual([])
      }
    await page.setViewportSize({ width: 1440, height: 900 })
  })

  it.each(['light', 'dark'] as const)(
    'draws mail and page without overflow in %s at 360, 640 and 1280 pixels',
    async (scheme) => {
      await page.emulateMedia({ colorScheme: scheme })
      for (const width of [360, 640, 1280])
        for (const as of ['mail', 'page']) {
          await page.setViewportSize({ width, height: 800 })
          await page.goto(`${running.url}/v1/reports/weekly-operations/preview?as=${as}`)
          if (SHOTS) await page.screenshot({ path: join(SHOTS, `${as}-${width}-${scheme}.png`), fullPage: true })
          expect(
            await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
          ).toBe(0)
        }
      await page.setViewportSize({ width: 1440, height: 900 })
    },
  )

  it('writes the mail as a file that any mail program opens', async () => {
    await running.runtime.courier.drain('mail')
    const [row] = running.runtime.ctx.control.outbox({ kind: 'report', limit: 1 })
    const mail = readFileSync(join(world.folder, 'data', 'mail', `${row!.id}.eml`), 'utf8')
    expect(mail).toContain('Subject: =?UTF-8?Q?Drift_report=2C_week_47')
    expect(mail).toContain('filename=2026-11-20-weekly-operations.csv')
  })
})
