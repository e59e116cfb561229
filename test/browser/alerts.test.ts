/** Alerts in the browser: the rules in words, the tester, a silence with its preview, the delivery log with a mail, in both themes and on a telephone. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { alertTick } from '../../server/alert/jobs.ts'
import type { Running } from '../../server/main.ts'
import { handClock } from '../world/clock.ts'
import { company, CONFIG, onlyChecks, signIn, type Company } from '../world/company.ts'
import { buildDashboard, overflow, violations } from './browser.ts'
import { visits, type Visits } from './visits.ts'

const ALERTS = `${CONFIG}
channels:
  mail: { kind: folder }
  hook: { kind: webhook, url: 'http://127.0.0.1:9/x', secrets: ['whsec_MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA='] }
recipients:
  ops: { title: Operations, channel: mail, address: ops@kranich.example, quiet: [{ hours: '11:00-13:00' }], wakes: [] }
  desk: { channel: mail, address: desk@kranich.example }
  far: { channel: hook }
alerts:
  own: { tell: [desk] }
  routes:
    - { name: Payment terms, match: { field: payment_terms }, tell: [desk] }
    - { name: Rest, tell: [ops] }
${onlyChecks('collecting/streams', 'customer-master/legal-profile', 'existence/customer')}`
const clock = handClock('2026-11-20T12:00:00.000Z')
let world: Company
let running: Running
let dashboard: Visits
const visit: Visits['visit'] = (...where) => dashboard.visit(...where)

beforeAll(async () => {
  await buildDashboard()
  world = company()
  world.configure(ALERTS)
  running = await world.start({ clock })
  await running.runtime.collect({})
  await running.runtime.check({})
  clock.set(clock.now() + 60_000)
  await alertTick(running.runtime.ctx)
  await running.runtime.courier.drainAll()
  dashboard = await visits(running.url, await signIn(running))
})
afterAll(async () => {
  await dashboard?.end()
  await running?.stop()
  world?.end()
})

describe('alerts', () => {
  it('sent a mail that a person can open, for what the rules take', () => {
    expect(readdirSync(join(world.folder, 'data', 'mail')).filter((f) => f.endsWith('.eml')).length).toBeGreaterThan(0)
  })

  it.each(['light', 'dark'] as const)(
    'shows rules, tester, recipients, silences, log and ourselves without an axe finding, in the %s theme',
    async (colorScheme) => {
      const page = await visit('/alerts/routes', 'Alerts', { colorScheme })
      for (const [tab, words] of [
        ['Routes', 'Payment terms'],
        ['Recipients and quiet hours', 'quiet now'],
        ['Silences', 'None. Everything that a route takes is told.'],
        ['Delivery log', '✓ sent'],
        ['The monitor itself', 'Every stream is fresh'],
      ] as const) {
        await page.getByRole('link', { name: tab, exact: true }).click()
        await page.getByText(words).first().waitFor()
        expect(await violations(page), tab).toEqual([])
      }
      await page.context().close()
    },
  )

  it('answers who would be told, and why not', async () => {
    const page = await visit('/overview', /.*/)
    await page.keyboard.press('g')
    await page.keyboard.press('a')
    await page.getByRole('heading', { level: 1, name: 'Alerts' }).waitFor()
    await page.getByLabel('Field').fill('payment_terms')
    await page.getByRole('button', { name: 'Ask' }).click()
    await page.getByText('route “Payment terms” takes it').waitFor()
    await page.getByText('is not asked any more').waitFor()
    await page.getByLabel('Field').fill('name')
    await page.getByRole('button', { name: 'Ask' }).click()
    await page.getByText('its field is name, not payment_terms').waitFor()
    await page.getByText('quiet hours until then').waitFor()
    await page.context().close()
  })

  it('silences from an issue, after showing what it would have muted, and ends it', async () => {
    const page = await visit('/issues', 'Issues')
    await page
      .getByRole('link', { name: /Payment terms/ })
      .first()
      .click()
    await page.getByRole('link', { name: 'Silence…' }).click()
    await page.getByText(/Would have muted [01] of \d+ messages? in 7 days/).waitFor()
    await page.getByLabel('Reason').fill('known, the migration runs')
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: 'Silence', exact: true }).click()
    await page.getByText('known, the migration runs').waitFor()
    await page.getByRole('button', { name: /^End now/ }).click()
    await page.getByText('ended').first().waitFor()
    await page.context().close()
  })

  it('opens a message with its attempts and text, sends it again, and tells why a channel fails', async () => {
    const page = await visit('/alerts/log', 'Alerts')
    await page.locator('tbody th a').first().click()
    await page.getByText('You get this because route').first().waitFor()
    expect(await violations(page)).toEqual([])
    const mail = await page
      .context()
      .request.get(
        `${running.url}${(await page.getByRole('link', { name: 'See it as a mail' }).getAttribute('href'))!}`,
      )
    expect(mail.headers()['content-security-policy']).toMatch(/sandbox$/)
    await page
      .getByRole('button', { name: /^Send again/ })
      .first()
      .click()
    await page.getByText('1 wait again.').waitFor()
    await page.getByRole('link', { name: 'Routes' }).click()
    await page.getByRole('button', { name: 'Test hook' }).click()
    await page
      .getByText(/hook did not take the test/)
      .first()
      .waitFor()
    await page.context().close()
  })

  it('can be read on a telephone', async () => {
    const page = await visit('/alerts/routes', 'Alerts', { viewport: { width: 360, height: 740 } })
    for (const tab of ['routes', 'recipients', 'silences', 'log', 'own']) {
      await page.goto(`${running.url}/alerts/${tab}`)
      await page.locator('section.card').first().waitFor()
      expect(await overflow(page), tab).toBe(0)
    }
    expect(await violations(page)).toEqual([])
    await page.context().close()
  })

  it('is silent on the console', () => {
    expect(dashboard.complaints).toEqual([])
  })
})
