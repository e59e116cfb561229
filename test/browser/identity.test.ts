/** Identity in the browser: proposals with their waterfall, joined and kept apart by key and button, taken back, and an entity that explains itself. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { identityOf } from '../../server/identity.ts'
import type { Running } from '../../server/main.ts'
import { handClock } from '../world/clock.ts'
import { company, signIn, type Company } from '../world/company.ts'
import { buildDashboard, overflow, violations } from './browser.ts'
import { visits, type Visits } from './visits.ts'

const READ = '2026-11-20T11:50:00.000Z'
let world: Company
let running: Running
let dashboard: Visits
const visit: Visits['visit'] = (...where) => dashboard.visit(...where)

const HEAD = 'record_id,name,tax_id,phone,bill_to.line1,bill_to.city,bill_to.postal_code,bill_to.country,state\n'
const CRM = `${HEAD}S1,Kranich Systeme GmbH,,+49 30 1234567,Hafenweg 12,Berlin,10115,DE,customer
S2,Falke Optik GmbH,DE136695976,+49 40 5550001,Ring 1,Hamburg,20095,DE,customer
S3,Zander Verlag,,+49 89 777888,Am Tor 3,München,80331,DE,customer
`
const ERP = `${HEAD}N1,Kranich Systeme,,030 1234567,Hafenweg 12,Berlin,10115,DE,customer
N2,Falke Optik,DE136695976,040 5550001,Ring 1,Hamburg,20095,DE,customer
N3,Zander Verlag KG,,089 777888,Am Tor 3,München,80331,DE,customer
`

beforeAll(async () => {
  await buildDashboard()
  world = company()
  world.write('crm/customers.csv', CRM, READ)
  world.write('erp/customers.csv', ERP, READ)
  running = await world.start({ clock: handClock('2026-11-20T12:00:00.000Z') })
  await running.runtime.collect({})
  await running.runtime.check({ checks: ['existence/customer'] })
  await identityOf(running.runtime.ctx).propose(['customer'])
  dashboard = await visits(running.url, await signIn(running))
})
afterAll(async () => {
  await dashboard?.end()
  await running?.stop()
  world?.end()
})

describe('identity', () => {
  it.each(['light', 'dark'] as const)(
    'shows why two records may be one, without a barrier, in the %s theme',
    async (colorScheme) => {
      const page = await visit('/identity', 'Identity', { colorScheme })
      await page.getByRole('heading', { name: '2 to review' }).waitFor()
      await page.getByRole('heading', { level: 2, name: /Kranich|Zander/ }).waitFor()
      await page.getByText('Together').waitFor()
      expect(await violations(page)).toEqual([])
      await page.context().close()
    },
  )

  it('joins by key, takes back by key, and keeps apart by button', async () => {
    const page = await visit('/identity', 'Identity')
    // A decision is identified before it is answered.
    page.setDefaultTimeout(60_000)
    await page.getByText('Together').waitFor()
    await page.keyboard.press('y')
    await page.getByText('Joined: they are one.').waitFor()
    await page.keyboard.press('z')
    await page.getByText('Undone.').waitFor()
    await page.getByRole('heading', { name: '2 to review' }).waitFor()
    await page.getByRole('button', { name: 'Keep apart' }).click()
    await page.getByText('Kept apart: they are two.').waitFor()
    await page.getByRole('heading', { name: '1 to review' }).waitFor()
    expect(running.runtime.ctx.control.identityDecisions().map((d) => [d.action, d.undoneAt !== null])).toEqual([
      ['confirm', true],
      ['reject', false],
    ])
    await page.context().close()
  })

  it('explains an entity on a phone', async () => {
    const [link] = await running.runtime.ctx.facts.query<{ entity_id: string }>(
      `select entity_id from ${running.runtime.ctx.facts.database}.links final where record_id = 'N2'`,
    )
    const page = await visit(`/identity/customer/${link!.entity_id}`, /Why these are one/, {
      viewport: { width: 390, height: 800 },
    })
    await page.getByText('the same tax id').first().waitFor()
    await page.getByRole('button', { name: 'Cut off… crm:S2' }).waitFor()
    expect(await violations(page)).toEqual([])
    expect(await overflow(page)).toBe(0)
    await page.context().close()
  })

  it('hears no complaint of the browser', () => {
    expect(dashboard.complaints).toEqual([])
  })
})
