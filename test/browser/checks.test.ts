/** Checks on the dashboard: what is compared and what is not, a check written as form and YAML, tried, run as a shadow, back-tested, published. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Running } from '../../server/main.ts'
import { handClock } from '../world/clock.ts'
import { company, type Company } from '../world/company.ts'
import { buildDashboard, overflow, violations } from './browser.ts'
import { CONFIG, fill, NOON } from './four-platforms.ts'
import { onePage, pictured, type OnePage } from './visits.ts'

const clock = handClock(NOON)
let world: Company
let running: Running
let dashboard: OnePage
let page: Page

beforeAll(async () => {
  await buildDashboard()
  world = company()
  fill(world)
  world.write('checks/own/first.yaml', CHECK.replaceAll('payment_terms', 'credit_hold'), '2026-11-20T11:00:00Z')
  world.configure(CONFIG.replace('checks: {', 'checks: { folders: [./checks],'))
  running = await world.start({ clock })
  await running.runtime.collect({})
  clock.set(NOON + 60_000)
  await running.runtime.check({})
  dashboard = await onePage(running)
  page = dashboard.page
})
afterAll(async () => {
  await dashboard?.end()
  await running?.stop()
  world?.end()
  expect(dashboard.complaints).toEqual([])
})

const CHECK = `# kept: a comment of the author
title: Terms differ
why: Late payment.
fix: Bring them in line.
kind: agree
of: customer
fields: [payment_terms]
severity: medium
owner: finance-ops
examples:
  - name: nothing
    at: 2026-11-20T12:00:00Z
    platforms: { crm: { role: crm }, erp: { role: erp } }
    records: []
    findings: []
  - name: something
    at: 2026-11-20T12:00:00Z
    platforms: { crm: { role: crm }, erp: { role: erp } }
    records:
      - { platform: crm, kind: customer, record_id: A, payment_terms: net_30 }
    findings:
      - { kind: customer }
`
const ask = <T>(path: string): Promise<T> =>
  page.evaluate((p) => fetch(p).then((r) => r.json()), path) as unknown as Promise<T>
const yaml = () => page.getByRole('textbox', { name: 'The check as YAML' })
const readable = () => page.getByText('✓ It can be read.')

describe('coverage', () => {
  it('tells what is compared by what, shows gaps, and leads from a gap to a check', async () => {
    await dashboard.visit('/checks', 'Checks')
    await page.getByRole('link', { name: 'Coverage' }).click()
    await page.getByRole('heading', { name: 'Largest gaps' }).waitFor()
    const kinds =
      await ask<{ kind: string; facts: { field: string | null; checks: string[] }[] }[]>('/v1/checks/coverage')
    const customer = kinds.find((k) => k.kind === 'customer')!
    const terms = customer.facts.find((f) => f.field === 'payment_terms')!
    expect(terms.checks).toEqual(expect.arrayContaining(['customer-master/legal-profile']))
    expect(customer.facts.find((f) => f.field === 'credit_hold')!.checks).toContain('own/first')
    expect(kinds.flatMap((k) => k.facts).some((f) => f.checks.length === 0)).toBe(true)
    await page.getByLabel('Kind').selectOption('customer')
    await page.getByLabel('Only gaps').uncheck()
    const row = page.locator('table.coverage tbody tr', { hasText: 'Payment terms' })
    expect(await row.innerText()).toMatch(/● \d[\s\S]*customer-master\/legal-profile/)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      expect(await violations(page)).toEqual([])
      await pictured(page, `coverage-1440-${colorScheme}`)
    }
    await page.emulateMedia({ colorScheme: 'light' })
    await page.setViewportSize({ width: 360, height: 780 })
    expect(await overflow(page)).toBe(0)
    await pictured(page, 'coverage-360')
    await page.setViewportSize({ width: 1440, height: 900 })
  })
})

describe('the editor', () => {
  it('keeps form and YAML one document, comments too, and names what is wrong with its line', async () => {
    await dashboard.visit('/checks/own/terms?tab=editor', 'own/terms')
    await yaml().fill(CHECK)
    await readable().waitFor()
    await expect.poll(() => page.getByLabel('Owner team').inputValue()).toBe('finance-ops')
    await page.getByLabel('Severity').selectOption('high')
    await expect.poll(() => yaml().inputValue()).toContain('severity: high')
    expect(await yaml().inputValue()).toContain('# kept: a comment of the author')
    await yaml().fill((await yaml().inputValue()).replace('payment_terms]', 'payment_trems]'))
    await page.getByText(/Line 7, fields/).waitFor()
    expect(await page.getByRole('button', { name: 'Run as shadow' }).isDisabled()).toBe(true)
    await yaml().fill((await yaml().inputValue()).replace('payment_trems]', 'payment_terms]'))
    await readable().waitFor()
    expect(await violations(page)).toEqual([])
  })

  it('does not run a SELECT from a text box', async () => {
    const sql = CHECK.replace('kind: agree', 'kind: sql').replace(
      'fields: [payment_terms]',
      'full: true\nselect: select entity_id, customer_entity_id, toString(platform) as platform, record_id from {db}.current_customer',
    )
    const reply = await page.evaluate(async (text) => {
      const headers = { 'content-type': 'application/json', 'x-requested-by': 'plumbline' }
      const body = JSON.stringify({ id: 'own/select', yaml: text })
      return (await fetch('/v1/checks/drafts/preview', { method: 'POST', headers, body })).json() as Promise<unknown>
    }, sql)
    expect(reply).toMatchObject({
      code: 'forbidden',
      title: 'A check of kind sql is not tried or published from here.',
    })
  })

  it('previews real records, runs as a shadow that nobody is told of, and is published only after a back-test', async () => {
    await page.getByRole('button', { name: 'Preview on real records' }).click()
    const preview = page.locator('section[aria-labelledby=preview]')
    await preview.waitFor({ timeout: 30_000 })
    expect(await preview.innerText()).toMatch(/[1-9]\d* would be drift/)
    expect(await preview.innerText()).toContain('net_45')
    await pictured(page, 'editor-preview')
    await page.getByRole('button', { name: 'Run as shadow' }).click()
    await page.getByText('It looks first in the next round.').waitFor()
    const issues = await ask<{ total: number }>('/v1/issues?q=check:own/terms')
    clock.set(NOON + 120_000)
    await running.runtime.check({})
    const { shadow } = await ask<{ shadow: { open: number; added: number; error: string | null }[] }>(
      '/v1/checks/drafts/own/terms',
    )
    expect(shadow[0]).toMatchObject({ error: null })
    expect(shadow[0]!.open).toBeGreaterThan(0)
    expect(shadow[0]!.added).toBe(shadow[0]!.open)
    expect((await ask<{ total: number }>('/v1/issues?q=check:own/terms')).total).toBe(issues.total)
    expect(issues.total).toBe(0)
    await dashboard.visit('/checks/own/terms?tab=editor', 'own/terms')
    await page.getByRole('button', { name: 'Publish' }).click()
    await page.getByText('This version was not back-tested.').waitFor()
    await page.getByRole('button', { name: 'Run back-test' }).click()
    await page.getByText('✓ Done').waitFor({ timeout: 60_000 })
    await page.getByRole('button', { name: 'Publish' }).click()
    await page.getByText('own/terms is live from the next round on.').waitFor()
    const file = join(world.folder, 'checks', 'own', 'terms.yaml')
    expect(existsSync(file) && readFileSync(file, 'utf8')).toContain('# kept: a comment of the author')
    await running.runtime.check({ checks: ['own/terms'], full: true })
    expect((await ask<{ total: number }>('/v1/issues?q=check:own/terms')).total).toBeGreaterThan(0)
    const { entries } = await ask<{ entries: { action: string }[] }>('/v1/audit?q=own/terms')
    expect(entries.map((e) => e.action)).toEqual(
      expect.arrayContaining(['check.published', 'check.shadowed', 'back-tested']),
    )
  })
})

describe('the map', () => {
  it('draws every way of authority with its health, and says the same as a table', async () => {
    await dashboard.visit('/flows?tab=map', /Flows/)
    await page.locator('svg.map').waitFor()
    const ways = await page.locator('svg.map .way').count()
    expect(ways).toBeGreaterThan(3)
    expect(await page.locator('section[aria-labelledby=ways] tbody tr').count()).toBe(ways)
    expect(await page.locator('svg.map title').textContent()).toMatch(/^\d+ platforms, \d+ ways of authority: [1-9]/)
    const row = page.locator('section[aria-labelledby=ways] tbody tr', { hasText: '◆ wrong' }).first()
    await row.locator('a').click()
    await page.getByRole('heading', { level: 1, name: /Issues/ }).waitFor()
    expect(new URL(page.url()).searchParams.get('q')).toMatch(/^is:open pair:/)
    await page.goBack()
    await page.locator('svg.map').waitFor()
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      expect(await violations(page)).toEqual([])
      await pictured(page, `map-1440-${colorScheme}`)
    }
    await page.setViewportSize({ width: 360, height: 780 })
    expect(await overflow(page)).toBe(0)
    await pictured(page, 'map-360')
    await page.setViewportSize({ width: 1440, height: 900 })
  })
})
