/** Journeys of every role over the laboratory: from "what should I work on" to its end, without leaving the dashboard. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifyCertificateCommand } from '../../server/commands/verify-certificate.ts'
import { HOMES } from '../../ui/show/homes.ts'
import { buildDashboard, launch, open } from './browser.ts'
import { card, h1, issueOf, linkIn, planNumber, step, tabTo } from './role-pages.ts'
import { rolesCompany, type RolesCompany } from './roles-company.ts'

/** Plans look at four platforms over the network; a busy machine takes its time. */
const PATIENCE_MS = 30_000
let company: RolesCompany
let browser: Browser
const complaints: string[] = []
/** Ada sets rules and works; Anna and Bert approve. */
let [ada, anna, bert] = [] as unknown as [Page, Page, Page]

async function signedIn(link: string): Promise<Page> {
  const { page } = await open(browser, {}, complaints)
  page.setDefaultTimeout(PATIENCE_MS)
  await page.goto(link)
  await h1(page, 'Overview')
  return page
}
beforeAll(async () => {
  await buildDashboard()
  company = await rolesCompany()
  browser = await launch()
  const { signInLink, approverLinks } = company.running
  ;[ada, anna, bert] = (await Promise.all([signInLink!, ...approverLinks].map(signedIn))) as [Page, Page, Page]
})
afterAll(async () => {
  await browser?.close()
  await company?.end()
  expect(complaints).toEqual([])
})

async function home(page: Page, as: string): Promise<void> {
  await page.goto(`${company.running.url}/home?as=${as}`)
  await h1(page, HOMES.find((h) => h.as === as)!.title)
}
/** Previewed by Ada; each approver finds it on their own home, and says yes until nobody else is asked for. */
async function approved(id: string): Promise<void> {
  const asked = await ada.evaluate((p) => fetch(`/v1/plans/${p}`).then((r) => r.json()), id)
  const wanted = (asked as { needs: { approvers: number }[] }).needs.reduce((n, x) => Math.max(n, x.approvers), 0)
  expect(wanted).toBeGreaterThan(0)
  for (const page of [anna, bert].slice(0, wanted)) {
    await home(page, 'finance')
    await linkIn(page, 'Waiting for approval', new RegExp(`^${id} `)).click()
    await h1(page, /./)
    await step(page, 'Approve', 'The owner is right.')
  }
}
/** Applied by Ada on the page of the plan, which says by itself that it holds; then the issue is closed on evidence. */
async function provenOn(page: Page, id: string, issue: string): Promise<void> {
  await page.locator('main').getByText('approved, not applied').waitFor()
  await step(page, 'Apply', 'Now.')
  await page.locator('main').getByText('done and verified').waitFor({ timeout: 30_000 })
  await page.getByText('✓ holds').first().waitFor()
  await page.locator('main').getByRole('link', { name: issue }).first().click()
  await page.getByText(/resolved .* on evidence/).waitFor()
  const plan = await page.evaluate((p) => fetch(`/v1/plans/${p}`).then((r) => r.json()), id)
  expect(plan).toMatchObject({ state: 'done' })
}
const held = (platform: string, kind: string, id: string) => company.landscape.states.get(platform)!.record(kind, id)!

describe('integration operations, by keyboard alone', () => {
  it('goes from what breaks its promise next to fixed and proven', async () => {
    const [customer] = company.planted.terms
    const id = customer!.on.get('salesforce')!.id
    await home(ada, 'operations')
    const list = card(ada, 'Next to break its promise')
    const link = list.getByRole('link', { name: /Payment terms: Salesforce differs from NetSuite/ }).first()
    await tabTo(ada, link)
    await ada.keyboard.press('Enter')
    await ada.getByRole('heading', { level: 2, name: 'Why we think so' }).waitFor()
    const issue = issueOf(ada)
    await ada.keyboard.press('p')
    await tabTo(ada, ada.getByLabel('Why it should be fixed'))
    await ada.keyboard.type('NetSuite owns the terms.')
    await tabTo(ada, ada.getByRole('button', { name: 'Preview fix', exact: true }))
    await ada.keyboard.press('Enter')
    await h1(ada, `Fix issue ${issue}`)
    const plan = planNumber(ada)
    await approved(plan)
    await tabTo(ada, ada.getByRole('button', { name: 'Apply', exact: true }))
    await ada.keyboard.press('Enter')
    await tabTo(ada, ada.locator('dialog[open]').getByLabel('Why'))
    await ada.keyboard.type('Now.')
    await tabTo(ada, ada.locator('dialog[open]').getByRole('button', { name: 'Apply', exact: true }))
    await ada.keyboard.press('Enter')
    await ada.locator('main').getByText('done and verified').waitFor({ timeout: 30_000 })
    await tabTo(ada, ada.locator('main').getByRole('link', { name: issue }).first())
    await ada.keyboard.press('Enter')
    await ada.getByText(/resolved .* on evidence/).waitFor()
    expect(held('salesforce', 'customer', id).fields['payment_terms']).toBe(customer!.values['payment_terms'])
  })
})

describe('finance', () => {
  it('sees an invoice that differs, what it costs, has it fixed by four eyes and finds it closed', async () => {
    await home(ada, 'finance')
    await card(ada, 'Money at risk').getByText('At risk now').waitFor()
    await card(ada, 'Month-end').getByRole('link', { name: 'All periods' }).waitFor()
    await linkIn(ada, 'Invoices, payments and credits that differ', /Salesforce differs/).click()
    await ada.getByRole('heading', { level: 2, name: 'Runbook' }).waitFor()
    const issue = issueOf(ada)
    await ada.getByText('The customer would notice:').waitFor()
    await ada.getByRole('button', { name: /^Preview fix/ }).click()
    await ada.getByLabel('Why it should be fixed').fill('It is not paid.')
    await ada.locator('dialog[open]').getByRole('button', { name: 'Preview fix', exact: true }).click()
    await h1(ada, `Fix issue ${issue}`)
    const plan = planNumber(ada)
    await approved(plan)
    await provenOn(ada, plan, issue)
    const { invoice } = company.planted
    expect(held('salesforce', 'invoice', invoice.on.get('salesforce')!.id).state).toBe(invoice.state)
  })
})

describe('data stewards', () => {
  it('find a code that means nothing, have its entry approved, and see the issue close', async () => {
    await home(ada, 'stewards')
    await linkIn(ada, 'Codes that mean nothing', /terms/i).click()
    await ada.getByText('Add the code to the reference map').waitFor()
    const issue = issueOf(ada)
    await ada.getByRole('link', { name: 'Say what the code means' }).click()
    await h1(ada, 'Data quality')
    const { customer, word } = company.planted.code
    const entry = ada.locator('details.code', { hasText: word })
    await entry.locator('summary').first().click()
    await entry.getByLabel('It means').fill(String(customer.values['payment_terms']))
    await entry.getByLabel('Why').fill('The sales team says so.')
    await entry.getByRole('button', { name: 'Preview the entry' }).click()
    await h1(ada, /reference map/i)
    const plan = planNumber(ada)
    await approved(plan)
    await ada.locator('main').getByText('approved, not applied').waitFor()
    await step(ada, 'Apply', 'Now.')
    await ada.locator('main').getByText('done and verified').waitFor({ timeout: 30_000 })
    await ada.goto(`${company.running.url}/issues/${issue}`)
    await ada.getByRole('button', { name: /Check again/ }).click()
    await ada.getByText(/is resolved: the check looked again/).waitFor({ timeout: 30_000 })
    await ada.getByText(/resolved .* on evidence/).waitFor()
  })
})

describe('sales operations', () => {
  it('mark the accounts that are wrong, ask for tickets about both at once, see what comes of each and take it back', async () => {
    await home(ada, 'sales')
    await card(ada, 'Wrong owner, segment or profile')
      .getByRole('link', { name: /issues?$/ })
      .click()
    await h1(ada, /Issues/)
    const rows = ada.locator('table.issues tbody tr')
    await rows.first().waitFor()
    await ada.getByRole('checkbox', { name: /Select all/ }).check()
    const marked = await rows.count()
    await ada.getByRole('button', { name: `Tickets for ${marked} shown` }).click()
    const dialog = ada.locator('dialog[open]')
    await dialog.getByLabel('What whoever takes it should know').fill('Please correct the segment.')
    await dialog.getByRole('button', { name: 'Draft the tickets' }).click()
    const lines = dialog.locator('tbody tr')
    await lines.first().waitFor()
    expect(await lines.count()).toBe(marked)
    for (const line of await lines.allInnerTexts()) expect(line).toMatch(/I-\d+[\s\S]*\t1\t1\t/)
    await dialog.getByRole('button', { name: 'Take the plan back' }).click()
    await ada.getByText(/is taken back\. Nothing was written\./).waitFor()
  })

  it('have both accounts fixed by one plan, and one question tells that nothing of it is left', async () => {
    await ada.getByRole('button', { name: /^Fix \d+ shown$/ }).click()
    const dialog = ada.locator('dialog[open]')
    await dialog.getByLabel('Why it should be fixed').fill('The CRM owns the segment.')
    await dialog.getByRole('button', { name: 'Preview the fix' }).click()
    await dialog.locator('tbody tr').first().waitFor()
    await dialog.getByRole('button', { name: /^Look at P-/ }).click()
    await h1(ada, /^Fix/)
    await ada.locator('main table tbody tr').first().waitFor()
    expect(await ada.locator('main table tbody tr').count()).toBe(company.planted.segments.length)
  })
})

describe('support, by keyboard alone', () => {
  it('pastes an id of any platform, and gets the customer with what differs in its entitlements', async () => {
    const { entitlement } = company.planted
    const customer = entitlement.customer!
    await home(ada, 'support')
    await linkIn(ada, 'Entitlements that differ', /entitlement/i).waitFor()
    await tabTo(ada, ada.getByRole('searchbox', { name: 'Find a customer' }))
    await ada.keyboard.insertText(customer.on.get('stripe')!.id)
    await ada.keyboard.press('Enter')
    await h1(ada, 'Customers')
    await tabTo(ada, ada.locator('main tbody th a').first())
    await ada.keyboard.press('Enter')
    await h1(ada, String(customer.values['name']))
    const issues = card(ada, /^Open issues/)
    await issues
      .getByText(/entitlement/i)
      .first()
      .waitFor()
    await card(ada, /^What the customer would notice/)
      .getByText('less or more service')
      .waitFor()
    expect(await card(ada, /^Who it is/).innerText()).toContain(customer.on.get('zendesk')!.id)
  })

  it('finds the same customer by a mail address', async () => {
    const { customer } = company.planted.entitlement
    await home(ada, 'support')
    await tabTo(ada, ada.getByRole('searchbox', { name: 'Find a customer' }))
    await ada.keyboard.insertText(String(customer!.values['email']))
    await ada.keyboard.press('Enter')
    await ada
      .locator('main tbody')
      .getByRole('link', { name: String(customer!.values['name']) })
      .first()
      .waitFor()
  })
})

describe('customer success', () => {
  it('sees which customers would notice, and in which words to speak with them', async () => {
    await home(ada, 'success')
    await card(ada, 'Renewals of the next 30 days').waitFor()
    await linkIn(ada, 'What customers notice', /entitlement/i).click()
    await ada.getByText('They may get less or more service than they pay for.').waitFor()
    await ada.getByRole('link', { name: 'Customer over time' }).click()
    await h1(ada, String(company.planted.entitlement.customer!.values['name']))
    await card(ada, /^What the customer would notice/).waitFor()
  })
})

describe('executives', () => {
  it('get four numbers, twelve weeks and sentences, without an id or a word of ours', async () => {
    await home(bert, 'executive')
    const stand = card(bert, 'Where we stand')
    await stand.getByRole('img', { name: /12 weeks/ }).waitFor()
    expect(await stand.locator('dl.outlook > div').count()).toBe(4)
    const overview = (await bert.evaluate(() => fetch('/v1/overview?range=12w').then((r) => r.json()))) as {
      drift: { customers: number }
      trend: unknown[]
    }
    expect(overview.drift.customers).toBeGreaterThan(0)
    expect(await stand.locator('dd.key').first().innerText()).toBe(String(overview.drift.customers))
    await card(bert, 'In short').locator('li').nth(2).waitFor()
    await card(bert, 'In time by team').locator('tbody tr, p').first().waitFor()
    const all = await bert.locator('main').innerText()
    expect(all).not.toMatch(/\bI-\d|\bP-\d|netsuite|salesforce/)
  })
})

describe('auditors', () => {
  it('see that the trail holds, take it with them, and verify a certificate offline', async () => {
    await ada.goto(`${company.running.url}/reports?tab=certificate`)
    await ada.getByRole('button', { name: 'Issue a certificate' }).click()
    await ada.getByRole('link', { name: /^Download/ }).waitFor()
    const { page: vera } = await open(browser, {}, complaints)
    await vera.goto(company.auditorLink())
    await h1(vera, 'Overview')
    await home(vera, 'audit')
    await card(vera, 'The trail')
      .getByText(/The chain of \d+ entries holds/)
      .waitFor()
    await vera.getByRole('link', { name: 'All of it' }).click()
    await h1(vera, /Settings|Audit/)
    const [saved] = await Promise.all([
      vera.waitForEvent('download'),
      vera.getByRole('button', { name: 'Save all as NDJSON' }).click(),
    ])
    const lines = readFileSync(await saved.path(), 'utf8')
      .trim()
      .split('\n')
      .map((l) => JSON.parse(l) as Record<'action' | 'actor', string>)
    const of = (action: string) => lines.filter((e) => e.action === action)
    expect(of('plan.approved').length).toBeGreaterThan(1)
    const asked = of('plan.asked to apply').map((e) => e.actor)
    for (const e of of('plan.approved')) expect(asked).not.toContain(e.actor)
    await home(vera, 'audit')
    await vera.getByRole('link', { name: 'Certificates of agreement' }).click()
    const [certificate] = await Promise.all([
      vera.waitForEvent('download'),
      vera.getByRole('link', { name: /^Download/ }).click(),
    ])
    const file = join(company.folder, 'certificate.json')
    writeFileSync(file, readFileSync(await certificate.path()))
    let out = ''
    const globals = { config: '', configGiven: false, data: undefined, json: false, env: {}, err: () => undefined }
    const run = () => verifyCertificateCommand.run({ ...globals, out: (t) => void (out += t) }, {}, [file])
    expect(await run()).toBe(0)
    expect(out).toContain('Genuine.')
    writeFileSync(file, readFileSync(file, 'utf8').replace(/"agree":\s*\d+/, '"agree": 9999'))
    expect(await run()).toBe(1)
  })
})
