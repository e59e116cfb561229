/** Settings in the dashboard: ownership in force, maps, people, tokens and the audit trail; by role, narrow, in both themes. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Running } from '../../server/main.ts'
import { handClock } from '../world/clock.ts'
import { company, onlyChecks, type Company } from '../world/company.ts'
import { buildDashboard, violations } from './browser.ts'
import { onePage, pictured, unreadable, type OnePage } from './visits.ts'

const CONFIG = `company: Kranich Systeme
platforms:
  crm: { connector: files, role: crm, title: Salesforce, config: { folder: ./crm }, maps: { customer.payment_terms: terms } }
  erp: { connector: files, role: erp, title: NetSuite, config: { folder: ./erp } }
ownership:
  customer.payment_terms: [crm]
  customer.segment: [success]
reference_maps:
  terms: { owner: finance-ops, entries: { crm: { Z030: net_30 } } }
schedules: { collect: manual, sweep: manual, check: manual, full: manual }
retention: { versions: 200d }
${onlyChecks('customer-master/legal-profile', 'customer-master/profile', 'existence/customer')}`
let world: Company
let running: Running
let dashboard: OnePage
let page: Page

beforeAll(async () => {
  await buildDashboard()
  world = company()
  world.configure(CONFIG)
  running = await world.start({ clock: handClock('2026-11-20T12:00:00.000Z') })
  await running.runtime.collect({})
  dashboard = await onePage(running)
  page = dashboard.page
})
afterAll(async () => {
  await dashboard.end()
  await running.stop()
  world.end()
  expect(dashboard.complaints).toEqual([])
})

const visit = (tab: string) => dashboard.visit(`/settings/${tab}`, 'Settings')
const row = (text: string | RegExp) => page.locator('table tbody tr', { hasText: text })

describe('settings', () => {
  it('says who speaks, who must follow and how soon, who said so, and which lines need somebody', async () => {
    await page.keyboard.press('g')
    await page.keyboard.press('s')
    await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor()
    await page.getByLabel('Kind').selectOption('customer')
    expect(await row('Payment terms').innerText()).toMatch(
      /Customer[\s\S]*Salesforce[\s\S]*NetSuite\s+within 1 h[\s\S]*plumbline\.yaml/,
    )
    expect(await row('Tax id').innerText()).toMatch(
      /NetSuite[\s\S]*Salesforce\s+within 1 h[\s\S]*shipped[\s\S]*invoices are answered for/,
    )
    expect(await row('that it exists').innerText()).toContain('Salesforce')
    expect(await row('State').first().innerText()).toMatch(/while lead: Salesforce/i)
    await page.getByLabel(/Only lines that need somebody/).check()
    expect(await row('Segment').innerText()).toContain('Nobody owns it')
    expect(await row('Tax id').count()).toBe(0)
    expect(new URL(page.url()).search).toContain('only=trouble')
  })

  it('tells what would change with another owner, on the records as they are, and writes nothing', async () => {
    await running.runtime.check({})
    await visit('ownership?kind=customer')
    const open = () =>
      page.evaluate(() => fetch('/v1/issues?q=is:open').then((r) => r.json())) as Promise<{ total: number }>
    const before = await open()
    await row('Payment terms')
      .getByRole('button', { name: /What would change/ })
      .click()
    const dialog = page.getByRole('dialog', { name: 'What would change' })
    await dialog.getByLabel('owned by').selectOption('erp')
    await dialog.getByRole('button', { name: 'Try it' }).click()
    await dialog
      .getByText(/would open/)
      .first()
      .waitFor({ timeout: 30_000 })
    expect(await dialog.innerText()).toMatch(/[1-9]\d*\s+would open,\s+[1-9]\d*\s+would close/)
    expect(await dialog.innerText()).toMatch(/customer\.payment_terms:[\s\S]*- erp[\s\S]*- crm/)
    expect(await violations(page)).toEqual([])
    expect(await open()).toEqual(before)
    await pictured(page, 'settings-what-would-change')
    await page.keyboard.press('Escape')
  })

  it('says which personal fields never leave, and what is kept', async () => {
    await visit('privacy')
    await page.getByText(/Every field that holds a mail address/).waitFor()
    expect(await row('*.tax_id').innerText()).toContain('Customer: Tax id')
    expect(await row('versions_customer').innerText()).toMatch(/\d/)
  })

  it('tells what a term would remove before it does, and removes it with a reason', async () => {
    const { facts } = running.runtime.ctx
    const versions = `${facts.database}.versions_customer`
    // Two earlier values of one customer about whom nothing is open: the older was replaced 300 days ago, the newer is
    // what is told of that time.
    const quiet = `select platform, record_id from ${facts.database}.current_customer final where eid not in (
      select customer_eid from ${facts.database}.findings final where state != 'resolved')`
    for (const [seq, ago] of [
      [0, 400],
      [1, 300],
    ])
      // prettier-ignore
      await facts.command(
        `insert into ${versions} select * replace (toUInt64(${seq}) as seq, observed_at - interval ${ago} day as observed_at) from (select * from ${versions} where seq > 1 and (platform, record_id) in (${quiet}) order by seq desc limit 1)`,
      )
    await visit('privacy')
    const term = row('Earlier values of records').first()
    await term.getByRole('button', { name: 'Preview' }).click()
    await term.getByText('1 row', { exact: true }).waitFor()
    expect(await term.innerText()).toMatch(/200d[\s\S]*retention\.versions/)
    await page.getByLabel('Days to try for Earlier values of records').fill('500')
    await term.getByRole('button', { name: 'Preview' }).click()
    await term.getByText('Nothing is older than 500d.').waitFor()
    await page.getByLabel('Days to try for Earlier values of records').fill('')
    await term.getByRole('button', { name: 'Preview' }).click()
    await term.getByRole('button', { name: 'Remove now' }).click()
    const dialog = page.getByRole('dialog', { name: 'Remove what has had its time' })
    await dialog.getByLabel('Why').fill('Asked for by the data protection officer.')
    expect(await violations(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Remove it' }).click()
    await page.getByText('1 row removed.').waitFor()
    expect(await row('data protection officer').innerText()).toMatch(/Earlier values[\s\S]*ada@kranich\.example/)
  })

  it('puts a customer under legal hold where it is shown, and lifts the hold with a reason', async () => {
    const { customers } = (await page.evaluate(() => fetch('/v1/customers').then((r) => r.json()))) as {
      customers: { entity_id: string; name: string }[]
    }
    const { entity_id: entity, name } = customers[0]!
    await dashboard.visit(`/customers/${encodeURIComponent(entity)}`, name)
    await page.getByRole('button', { name: 'Place under legal hold…' }).click()
    await page.getByRole('dialog').getByLabel('Why').fill('A lawsuit is pending.')
    await page.getByRole('dialog').getByRole('button', { name: 'Place the hold' }).click()
    await page
      .getByText(/Under legal hold[\s\S]*A lawsuit is pending\./)
      .first()
      .waitFor()
    expect(await page.getByRole('button', { name: 'Place under legal hold…' }).count()).toBe(0)
    expect(await violations(page)).toEqual([])
    await visit('privacy')
    await row('A lawsuit is pending.').getByRole('button', { name: /Lift/ }).click()
    await page.getByRole('dialog').getByLabel('Why').fill('It was settled.')
    await page.getByRole('dialog').getByRole('button', { name: 'Lift it' }).click()
    await row('It was settled.').waitFor()
    await visit('audit?q=legal hold')
    await expect.poll(() => page.locator('table tbody tr').count()).toBe(2)
  })

  it('shows what codes mean, who answers for them and where they are read', async () => {
    await visit('maps')
    await page.locator('details.code summary').click()
    const text = await page.locator('details.code').innerText()
    expect(text).toMatch(
      /terms[\s\S]*finance-ops[\s\S]*1 entry[\s\S]*1 field read through it[\s\S]*customer\.payment_terms[\s\S]*Z030[\s\S]*net_30/,
    )
  })

  it('invites, changes a role with undo, and keeps the last administrator', async () => {
    await visit('people')
    await page.getByRole('button', { name: 'Invite somebody' }).click()
    await page.getByLabel('Mail address').fill('bo@kranich.example')
    await page.getByLabel('Name').fill('Bo <b>Sturm</b>')
    await page.getByRole('radio', { name: /operator/ }).check()
    await page.getByRole('button', { name: 'Invite', exact: true }).click()
    expect(await page.locator('dialog code').innerText()).toMatch(/\/sign-in#[0-9a-f-]{36}\./)
    await page.keyboard.press('Escape')
    await row('Bo <b>Sturm</b>').waitFor()
    await page.getByLabel('Role of bo@kranich.example').selectOption('approver')
    await page.getByRole('button', { name: /Undo/ }).click()
    await expect.poll(() => page.getByLabel('Role of bo@kranich.example').inputValue()).toBe('operator')
    await page.getByLabel('Role of ada@kranich.example').selectOption('viewer')
    await page.getByText('This is the last administrator.').waitFor()
  })

  it('makes a token that works at once, is shown once, and ends when it is revoked', async () => {
    // Changing one’s own role ended the session above only if it succeeded: it did not.
    await visit('tokens')
    await page.getByText('No token yet.').waitFor()
    await page.getByRole('button', { name: 'Make a token' }).click()
    await page.getByLabel('What it is for').fill('nightly export')
    await page.getByRole('radio', { name: 'viewer' }).check()
    await page.getByRole('button', { name: 'Make the token' }).click()
    const secret = await page.locator('dialog code').innerText()
    const ask = (path: string, method = 'GET') =>
      fetch(running.url + path, {
        method,
        headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
        ...(method === 'POST' && { body: '{"name":"x","role":"viewer","days":1}' }),
      })
    expect((await ask('/v1/ownership')).status).toBe(200)
    expect((await ask('/v1/users')).status).toBe(403)
    expect((await ask('/v1/tokens', 'POST')).status).toBe(403)
    await page.keyboard.press('Escape')
    await page.reload()
    expect(await row('nightly export').innerText()).toMatch(/ada@kranich\.example[\s\S]*viewer/)
    expect(await page.content()).not.toContain(secret)
    await page.getByRole('button', { name: /Revoke/ }).click()
    await page.getByText('No token yet.').waitFor()
    expect((await ask('/v1/ownership')).status).toBe(401)
  })

  it('lists what was done, finds it by person and word, and says that the chain holds', async () => {
    await visit('audit')
    await page.getByText(/The chain of \d+ entries holds/).waitFor()
    expect(await page.locator('table tbody tr').first().innerText()).toMatch(/ada@kranich\.example[\s\S]*revoked token/)
    await page.getByLabel('Search the audit trail').fill('ada@ invited')
    await page.getByRole('button', { name: 'Search' }).click()
    await expect.poll(() => page.locator('table tbody tr').count()).toBe(1)
    expect(await page.locator('table tbody tr').innerText()).toContain('operator')
    await page.goto(`${running.url}/settings/audit?q=nobody-did-this`)
    await page.getByText('Nothing fits “nobody-did-this”.').waitFor()
  })

  it.each([1440, 360])('is readable in both themes at a width of %s, for everybody', async (width) => {
    for (const tab of ['ownership', 'maps', 'people', 'tokens', 'privacy', 'audit']) {
      const found = await unreadable(page, `settings-${tab}`, width, async () => {
        await visit(tab)
        await page.locator('main :is(table, details.code, .empty)').first().waitFor()
      })
      expect(found).toEqual([])
    }
  })
})
