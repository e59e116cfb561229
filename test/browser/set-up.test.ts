/** The guided set-up in a browser: from no configuration at all to the first differences, over CSV files. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keepRunning, type Kept } from '../../server/again.ts'
import { firstRound } from '../../server/commands/start.ts'
import { loadConfig } from '../../server/config/load.ts'
import { createLog } from '../../server/log.ts'
import { systemClock } from '../../server/clock.ts'
import { onlyChecks } from '../world/company.ts'
import { buildDashboard, launch, open, overflow, violations } from './browser.ts'
import { pictured } from './visits.ts'

const folder = mkdtempSync(join(tmpdir(), 'plumbline-set-up-'))
const file = join(folder, 'plumbline.yaml')
const PASSWORD = 'a sentence only Ada would write'
let kept: Kept
let browser: Browser
let page: Page
let complaints: string[]

const CRM = `record_id,name,legal_name,bill_to.country,payment_terms,state,refs.erp,changed_at
S1,Nordwind,Nordwind Logistik GmbH,DE,net_30,customer,N1,2026-01-01T08:00:00Z
S2,Talwerk,Talwerk AG,CH,net_30,customer,N2,2026-01-01T08:00:00Z
`
const ERP = `record_id,name,legal_name,bill_to.country,payment_terms,state,changed_at
N1,Nordwind,Nordwind Logistik GmbH,DE,net_30,customer,2026-01-01T08:05:00Z
N2,Talwerk,Talwerk AG,CH,net_45,customer,2026-01-01T08:05:00Z
`

beforeAll(async () => {
  await buildDashboard()
  for (const [name, text] of [
    ['crm', CRM],
    ['erp', ERP],
  ] as const) {
    mkdirSync(join(folder, name))
    writeFileSync(join(folder, name, 'customers.csv'), text)
  }
  kept = await keepRunning({
    ...{ configFile: file, data: join(folder, 'data'), env: { STRIPE_KEY: 'rk_test_1' }, port: 0, setUp: true },
    log: createLog({ clock: systemClock, level: 'error' }),
    begun: (running, first) => void (first || firstRound(running)),
  })
  browser = await launch()
  ;({ page, complaints } = await open(browser))
})
afterAll(async () => {
  await browser?.close()
  await kept?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const posted = (path: string, body: unknown, method = 'POST') =>
  page.evaluate(
    async ([to, text, how]) => {
      const headers = { 'content-type': 'application/json', 'x-requested-by': 'plumbline' }
      const reply = await fetch(to!, { method: how!, headers, body: text! })
      return { status: reply.status, body: (await reply.json()) as Record<string, unknown> }
    },
    [path, JSON.stringify(body), method],
  )
const platform = (connector: string, config: object) => ({ name: 'our-billing', connector, role: 'billing', config })
const fits = async (name: string) => {
  expect([name, await violations(page)]).toEqual([name, []])
  await pictured(page, `set-up-${name}`)
  await page.setViewportSize({ width: 360, height: 780 })
  expect([name, await overflow(page)]).toEqual([name, 0])
  await page.setViewportSize({ width: 1440, height: 900 })
}

describe('the first run', () => {
  it('is open to nobody before the first administrator came by the printed link', async () => {
    expect((await fetch(`${kept.running.url}/v1/set-up`)).status).toBe(401)
    await page.goto(kept.running.signInLink!)
    await page.getByLabel('Your name').fill('Ada Kranich')
    await page.getByLabel('Mail address').fill('ada@kranich.example')
    await page.getByLabel(/^Password/).fill(PASSWORD)
    await page.getByRole('button', { name: 'Make the account and sign in' }).click()
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
    await page.getByRole('link', { name: 'Set it up, step by step' }).click()
    await page.getByRole('heading', { level: 1, name: 'Set-up' }).waitFor()
  })

  it('asks who owns what in each stage before it asks for any platform', async () => {
    await page.getByLabel('Name of your company').fill('Kranich Systeme')
    await page.getByLabel('Orders from the booking on').selectOption('crm')
    await fits('stages')
    await page.getByRole('button', { name: 'Go on to the platforms' }).click()
    await page.getByText('No platform yet').waitFor()
  })

  it('connects platforms by the form of their connector, and names what a look at them finds wrong', async () => {
    for (const [role, title] of [
      ['CRM', 'Salesforce'],
      ['ERP', 'NetSuite'],
    ] as const) {
      await page.getByRole('button', { name: `Add the ${role}` }).click()
      await page.getByLabel('Name for people').fill(title)
      const card = page.getByRole('region', { name: new RegExp(`Platform our-${role.toLowerCase()}`) })
      await card.getByLabel(/^folder/).fill(`./nowhere`)
      await card.getByRole('button', { name: 'Try it' }).click()
      await card.locator('.late').waitFor()
      await card.getByLabel(/^folder/).fill(`./${role.toLowerCase()}`)
      await card.getByRole('button', { name: 'Try it' }).click()
      await card.getByText('It keeps customer.').waitFor()
    }
    await fits('platforms')
    await page.getByRole('button', { name: 'Go on to the owners' }).click()
    await page.getByRole('columnheader', { name: 'Must follow' }).waitFor()
  })

  it('goes on where somebody left it', async () => {
    await page.goto(`${kept.running.url}/set-up`)
    await page.getByRole('columnheader', { name: 'Must follow' }).waitFor()
    const terms = page.getByRole('row', { name: /payment_terms/ })
    expect(await terms.getByRole('combobox').inputValue()).toBe('our-erp')
    await fits('owners')
    expect(existsSync(file)).toBe(false)
    // Somebody begins the file by hand meanwhile; of the checks one is enough here.
    writeFileSync(file, `# ours\n${onlyChecks('customer-master/legal-profile')}`)
    await page.getByRole('button', { name: 'Go on to the file' }).click()
  })

  it('shows what it will write, writes it, starts over it, reads, and shows the first differences', async () => {
    const diff = page.getByRole('region', { name: 'What changes in the file' })
    await diff.getByText('company: Kranich Systeme').waitFor()
    expect(readFileSync(file, 'utf8')).not.toContain('Kranich')
    await fits('review')
    await page.getByRole('button', { name: 'Write it and begin to read' }).click()
    await page.getByRole('heading', { name: 'The first differences' }).waitFor({ timeout: 20_000 })
    const text = readFileSync(file, 'utf8')
    expect(text).toMatch(/^# ours\nchecks:/)
    const loaded = loadConfig(file, { env: {}, connectors: kept.running.runtime.ctx.connectors })
    expect(loaded.problems).toEqual([])
    expect(loaded.config!.platforms['our-crm']).toMatchObject({ connector: 'files', role: 'crm', title: 'Salesforce' })
    expect(loaded.config!.ownership['order']).toEqual(['crm'])
    await page.getByText(/difference is open|differences are open/).waitFor({ timeout: 30_000 })
    await fits('differences')
    await page.getByRole('link', { name: /See \d+ difference/ }).click()
    await page.getByRole('link', { name: /Payment terms: Salesforce differs from NetSuite/ }).waitFor()
    expect(complaints.filter((c) => !/ERR_CONNECTION|ERR_INCOMPLETE|ERR_EMPTY|Failed to load/.test(c))).toEqual([])
  })
})

describe('what the set-up refuses and keeps', () => {
  it('keeps a pasted secret in a file of its own, and refuses one in plain text and references where no secret is asked for', async () => {
    const draft = (config: object) => ({ platforms: [platform('stripe', config)] })
    const plain = await posted('/v1/set-up/draft', draft({ key: 'rk_live_abc' }), 'PUT')
    expect([plain.status, plain.body['title']]).toEqual([400, 'our-billing.key is a secret in plain text.'])
    const elsewhere = await posted(
      '/v1/set-up/draft',
      draft({ base_url: 'https://x.example/${ENV:STRIPE_KEY}' }),
      'PUT',
    )
    expect(elsewhere.body['title']).toBe('our-billing.base_url is no secret and takes no reference.')
    const { body } = await posted('/v1/set-up/secrets', { platform: 'our-billing', place: 'key', value: 'rk_live_abc' })
    const at = /^\$\{file:(.+)\}$/.exec(String(body['reference']))![1]!
    expect([readFileSync(at, 'utf8'), statSync(at).mode & 0o777]).toEqual(['rk_live_abc', 0o600])
    const good = await posted('/v1/set-up/preview', draft({ key: body['reference'] }))
    expect(good.body['problems']).toEqual([])
    const other = await posted('/v1/set-up/preview', draft({ key: '${file:/etc/hostname}' }))
    expect(JSON.stringify(other.body['problems'])).toContain('lies neither in')
  })

  it('keeps comments of a file that is there, and refuses to write over what somebody else changed', async () => {
    writeFileSync(file, `${readFileSync(file, 'utf8')}# the end\n`)
    const draft = { platforms: [platform('stripe', { key: '${ENV:STRIPE_KEY}' })] }
    const { body } = await posted('/v1/set-up/preview', draft)
    expect(String(body['text'])).toMatch(/^# ours\n[\s\S]*our-billing:[\s\S]*# the end/)
    expect((body['lines'] as { is: string }[]).filter((l) => l.is === 'removed')).toEqual([])
    const late = await posted('/v1/set-up/write', { draft, hash: '0'.repeat(64) })
    expect(late.status).toBe(409)
    expect(readFileSync(file, 'utf8')).not.toContain('our-billing')
  })

  it('makes a form of every connector’s settings', async () => {
    const { connectors } = kept.running.runtime.ctx
    for (const name of connectors.keys()) {
      const form = await page.evaluate((n) => fetch(`/v1/set-up/connectors/${n}`).then((r) => r.json()), name)
      const { fields } = form as { fields: { path: string[]; type: string; about: string }[] }
      expect([name, fields.filter((f) => f.about === '').map((f) => f.path.join('.'))]).toEqual([name, []])
    }
    const hubspot = await page.evaluate(() => fetch('/v1/set-up/connectors/hubspot').then((r) => r.json()))
    const auth = (
      hubspot as { fields: { path: string[]; variants?: { value: string; fields: { type: string }[] }[] }[] }
    ).fields
    expect(auth[0]).toMatchObject({ path: ['auth'], by: 'flow', required: true })
    expect(auth[0]!.variants!.map((v) => [v.value, v.fields.map((f) => f.type)])).toEqual([
      ['private_app', ['secret']],
      ['refresh_token', ['text', 'secret', 'secret']],
    ])
  })
})
