/**
 * Part of the proof of alerts: how mails look. One of every sort, in both languages, goes through a real SMTP server and is
 * opened in Chromium at three widths in both themes: nothing overflows, nothing is fetched, nothing breaks WCAG 2.2 AA.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { noticeBurns } from '../server/alert/burn.ts'
import { loadChecks, shippedChecks } from '../server/check/read.ts'
import { createCourier } from '../server/deliver/courier.ts'
import { launch, open, overflow, violations } from '../test/browser/browser.ts'
import { alertWorld, over, type AlertWorld } from '../test/world/alert-world.ts'
import { controlWorld } from '../test/world/control.ts'
import { factsWorld, type FactsWorld } from '../test/world/facts.ts'
import { mailbox, type Mailbox } from '../test/world/receivers.ts'
import { reportWeek } from '../test/world/report-world.ts'
import type { Say } from './prove-alerts-parts.ts'

const WIDTHS = [360, 640, 1280]
const THEMES = ['light', 'dark'] as const
const AT = '2026-11-20T12:00:00.000Z'
const MINUTE = 60_000
/** Smallest letters that people read without trying, CSS pixels. */
const LETTERS = 12

/** @param pictures folder for what Chromium shows; left out: none are kept */
export async function looks(say: Say, pictures?: string): Promise<void> {
  const engine = await factsWorld('looks')
  const box = await mailbox()
  await alerts(engine, box)
  await reports(engine, box)
  const mails = await box.read()
  const browser = await launch()
  const wrong: string[] = []
  const fetched: string[] = []
  let seen = 0
  if (pictures) mkdirSync(pictures, { recursive: true })
  for (const colorScheme of THEMES) {
    const { page } = await open(browser, { colorScheme })
    page.on('request', (request) => fetched.push(request.url()))
    for (const [n, mail] of mails.entries())
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 800 })
        await page.setContent(mail.html!)
        const name = `${n}-${width}-${colorScheme}`
        for (const fault of await faults(page)) wrong.push(`${mail.subject} at ${width} px, ${colorScheme}: ${fault}`)
        if (pictures) await page.screenshot({ path: join(pictures, `told-${name}.png`), fullPage: true })
        seen++
      }
  }
  await browser.close()
  await box.close()
  await engine.end()
  say(
    'mails in Chromium at 360, 640 and 1,280 px in both themes',
    wrong.length === 0 && fetched.length === 0 && mails.length >= 12 && seen === mails.length * 6,
    `${mails.length} mails, ${seen} looks, ${wrong.length} faults, ${fetched.length} requests${[...wrong, ...fetched]
      .slice(0, 5)
      .map((w) => `\n     ${w}`)
      .join('')}`,
  )
}

async function faults(page: Page): Promise<string[]> {
  const wide = await overflow(page)
  const small = await page.evaluate((least) => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    const found: string[] = []
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const text = node.textContent?.trim() ?? ''
      const box = node.parentElement!
      if (text !== '' && box.offsetParent !== null && parseFloat(getComputedStyle(box).fontSize) < least)
        found.push(text)
    }
    return found
  }, LETTERS)
  return [
    ...(wide > 0 ? [`${wide} px too wide`] : []),
    ...small.map((text) => `letters too small: ${text.slice(0, 40)}`),
    ...(await violations(page)),
  ]
}

const rules = (port: number) => `
channels:
  mail: { kind: mail, host: 127.0.0.1, port: ${port}, tls: optional, from: 'Plumbline <drift@plumbline.example>' }
recipients:
  finance-ops: { channel: mail, address: finance@example.com, timezone: Europe/Zurich }
  anna: { channel: mail, address: anna@example.com, language: de, timezone: Europe/Zurich }
alerts:
  own: { tell: [finance-ops, anna] }
  routes: [{ name: Finance critical, tell: [finance-ops, anna], escalate: [{ after: 30m, tell: [finance-ops] }] }]
`

/** New, worse and resolved; several of one cause; a storm; the monitor itself; a budget that burns. */
async function alerts(engine: FactsWorld, box: Mailbox): Promise<void> {
  const stores = controlWorld()
  const world = alertWorld(await engine.open('looks_alerts'), stores.control, rules(box.port), AT)
  world.ctx.checks = loadChecks([shippedChecks()], { checks: { folders: [], disable: [], override: {} } })
  const courier = createCourier(world.ctx)
  const told = async (ms = MINUTE) => {
    await world.look()
    await world.pass(ms)
    await courier.drainAll()
  }
  await single(world, told)
  // Two of one cause, then a storm of another.
  const few = [2, 3].map((number) => ({
    number,
    cause: 'rounding' as const,
    check: 'matching/paid-invoice',
    title: 'An invoice is paid and the money does not cover it',
  }))
  await world.put(...few)
  await told()
  await world.put(
    ...Array.from({ length: 25 }, (_, i) => ({
      number: 10 + i,
      cause: 'unmapped_code' as const,
      check: 'customer-master/profile',
      kind: 'customer',
      field: 'segment',
      title: 'Segment differs in Stripe',
    })),
  )
  await told()
  await noticeBurns(world.ctx, [
    {
      kind: 'customer',
      part: 'state',
      owner: 'crm',
      follower: 'bill',
      burns: [{ name: 'fast', long: '1h', short: '5m', changes: 120, bad: 22, rate: 18.3, alarm: true }],
    },
  ])
  stores.control.commitCheck({
    check: 'matching/paid-invoice',
    version: '',
    through: null,
    lastRunAt: null,
    lastFullAt: null,
    lastError: { code: 'sql', message: 'The query needed more memory than it may take.', at: 0 },
  })
  await told()
  courier.close()
  stores.end()
}

async function single(world: AlertWorld, told: (ms?: number) => Promise<void>): Promise<void> {
  const issue = {
    number: 1,
    severity: 'critical' as const,
    customers: 3,
    findings_open: 17,
    findings_total: 17,
    amounts: { EUR: '18420', CHF: '3200.50' },
    amounts_estimated: { CHF: '3200.50' },
    amount_reporting: '21500',
    title: 'A cancelled subscription was billed after it ended',
  }
  await world.put(issue)
  await world.findings(
    ...[
      'Acme AG',
      'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft mbH',
      '株式会社テスト',
    ].map((record_id, i) => ({
      id: `f${i}`,
      issue: 'I-1',
      subject: [{ platform: 'bill', kind: 'subscription', record_id }],
      amount_at_risk: ['9200', '6140', '3080'][i]!,
      expected: { crm: 'cancelled' },
      actual: {
        bill: 'active',
        erp: i === 1 ? 'billing since 2026-11-01 with a very long explanation of why it is so' : 'billing',
      },
    })),
  )
  await told()
  await world.put({ ...issue, amounts: { EUR: '120000' }, amount_reporting: '120000', findings_open: 140 })
  await told(31 * MINUTE)
  await world.put({ ...issue, ...over })
  await told(16 * MINUTE)
}

/** The week of operations, of finance in German, and of the board. */
async function reports(engine: FactsWorld, box: Mailbox): Promise<void> {
  const stores = controlWorld()
  const mail = `{ kind: mail, host: 127.0.0.1, port: ${box.port}, tls: optional, from: 'Plumbline <drift@plumbline.example>' }`
  const world = await reportWeek(await engine.open('looks_reports'), stores.control, mail)
  for (const name of ['weekly', 'wochenbericht', 'board']) await world.reports.sendNow(name, 'proof')
  const courier = createCourier(world.ctx)
  await courier.drainAll()
  courier.close()
  stores.end()
}
