/** Flows & SLA in the browser: what the API measured is on the screen, as a chart and as a table, wide and narrow. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { movingCompany, type MovingCompany } from '../world/moving-company.ts'
import { buildDashboard, overflow, violations } from './browser.ts'
import { visits, type Visits } from './visits.ts'

let world: MovingCompany
let dashboard: Visits
const visit: Visits['visit'] = (...where) => dashboard.visit(...where)

const EDGE = '/flows/erp/crm/customer/legal?range=24h'

beforeAll(async () => {
  await buildDashboard()
  world = await movingCompany()
  dashboard = await visits(world.running.url, world.cookie())
})
afterAll(async () => {
  await dashboard?.end()
  await world?.end()
})

describe('flows and SLA', () => {
  it('say before the first round that nothing was measured, and where to look', async () => {
    const page = await visit('/flows', 'Flows & SLA')
    await page.getByText('Not measured yet.').waitFor()
    expect(await violations(page)).toEqual([])
    await page.context().close()
  })

  it('list the edges with what needs attention first', async () => {
    await world.live()
    const page = await visit('/flows', 'Flows & SLA')
    const row = page.locator('table.edges tbody tr').first()
    await row.waitFor()
    const text = (await row.textContent())!
    expect(text).toContain('NetSuite to Salesforce')
    expect(text).toMatch(/burning|still wrong/)
    expect(await violations(page)).toEqual([])
    await row.getByRole('link').click()
    await page.getByRole('heading', { level: 1, name: 'NetSuite → Salesforce' }).waitFor()
    await page.context().close()
  })

  it.each(['light', 'dark'] as const)(
    'show one edge in the %s theme, its charts also as tables',
    async (colorScheme) => {
      const page = await visit(EDGE, 'NetSuite → Salesforce', { colorScheme })
      await page.locator('svg.chart').first().waitFor()
      expect(await violations(page)).toEqual([])
      await page.getByText('2 still wrong').first().waitFor()
      await page.getByText(/Not counted from .*: Data centre move/).waitFor()
      const latency = page.locator('section[aria-labelledby=latency]')
      await latency.getByRole('button', { name: 'Show as table' }).click()
      expect(await latency.locator('tbody tr').count()).toBeGreaterThan(0)
      expect(await page.locator('section[aria-labelledby=found] a').count()).toBe(2)
      expect(await violations(page)).toEqual([])
      await page.context().close()
    },
  )

  it('can be read on a telephone', async () => {
    const viewport = { width: 360, height: 740 }
    for (const [path, heading] of [
      ['/flows', 'Flows & SLA'],
      [EDGE, 'NetSuite → Salesforce'],
      ['/flows?tab=lifecycle', 'Flows & SLA'],
    ] as const) {
      const page = await visit(path, heading, { viewport })
      await page.locator('section.card, .empty').first().waitFor()
      expect(await overflow(page)).toBe(0)
      expect(await violations(page)).toEqual([])
      await page.context().close()
    }
  })

  it('say what is wrong with an address of an edge that nothing travels on', async () => {
    const page = await visit('/flows/crm/erp/customer/legal', 'crm → erp')
    await page.getByText('No change of customer legal has travelled').waitFor()
    await page.context().close()
  })

  it('are silent on the console', () => {
    expect(dashboard.complaints).toEqual([])
  })
})
