/** Checks on the dashboard: what is compared and what is not, a check written as form and YAML, tried, run as a shadow, back-tested, published. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { hashPassword } from '../../server/api/passwords.ts'
import { edited } from '../../server/check/edit.ts'
import { backtestedKey } from '../../server/check/publish.ts'
import { checks } from '../../server/commands/checks.ts'
import { overflow, violations } from './browser.ts'
import { CONFIG, fourPlatforms, NOON, type FourPlatforms } from './four-platforms.ts'
import { pictured } from './visits.ts'

let four: FourPlatforms
let { clock, world, running, dashboard, page } = {} as FourPlatforms

beforeAll(async () => {
  four = await fourPlatforms((company) => {
    company.write('checks/own/first.yaml', CHECK.replaceAll('payment_terms', 'credit_hold'), '2026-11-20T11:00:00Z')
    company.configure(CONFIG.replace('checks: {', 'checks: { folders: [./checks],'))
  })
  ;({ clock, world, running, dashboard, page } = four)
})
afterAll(() => four?.end())

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
    const publish = async () => {
      await page.getByRole('button', { name: 'Publish…' }).click()
      const dialog = page.getByRole('dialog', { name: 'Publish own/terms' })
      await dialog.getByLabel('Why').fill('Terms have drifted for months.')
      await dialog.getByRole('button', { name: 'Publish' }).click()
    }
    await publish()
    await page.getByText('This version was not back-tested.').waitFor()
    await page.getByRole('button', { name: 'Run back-test' }).click()
    await page.getByText('✓ Done').waitFor({ timeout: 60_000 })
    await publish()
    await page.getByText('own/terms is live from the next round on.').waitFor()
    const file = join(world.folder, 'checks', 'own', 'terms.yaml')
    expect(existsSync(file) && readFileSync(file, 'utf8')).toContain('# kept: a comment of the author')
    await running.runtime.check({ checks: ['own/terms'], full: true })
    expect((await ask<{ total: number }>('/v1/issues?q=check:own/terms')).total).toBeGreaterThan(0)
    expect(await ask('/v1/checks/own/terms/versions')).toMatchObject([{ reason: 'Terms have drifted for months.' }])
    const { entries } = await ask<{ entries: { action: string; detail: object }[] }>('/v1/audit?q=own/terms')
    expect(entries.find((e) => e.action === 'check.published')?.detail).toMatchObject({
      reason: 'Terms have drifted for months.',
    })
    expect(entries.map((e) => e.action)).toEqual(
      expect.arrayContaining(['check.published', 'check.shadowed', 'back-tested']),
    )
  })
})

describe('an administrator', () => {
  interface Ruled {
    id: string
    off: { reason: string; until: string | null } | null
    last_run_at: string | null
    version: string
  }
  const check = () => ask<Ruled>('/v1/checks/own/first')

  it('switches a check off with a reason and an end: it looks at nothing, every list says so, and it is taken back', async () => {
    await dashboard.visit('/checks/own/first', 'Terms differ')
    const before = await check()
    await page.getByRole('button', { name: 'Switch off…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Switch off own/first' })
    await dialog.getByLabel('For').selectOption('1 day')
    await dialog.getByLabel('Why').fill('The ERP is being moved.')
    expect(await violations(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Switch off' }).click()
    await page.getByText('The ERP is being moved.').waitFor()
    clock.set(clock.now() + 60_000)
    await running.runtime.check({})
    const off = await check()
    expect(off.last_run_at).toBe(before.last_run_at)
    expect(off.off).toMatchObject({ reason: 'The ERP is being moved.' })
    await dashboard.visit('/checks', 'Checks')
    const row = page.locator('main tbody tr', { has: page.locator('a[href="/checks/own/first"]') })
    expect(await row.innerText()).toMatch(/off until[\s\S]*The ERP is being moved\./)
    const overview = await ask<{ checks: { total: number; off: number } }>('/v1/overview')
    expect(overview.checks).toMatchObject({ off: 1, total: (await ask<Ruled[]>('/v1/checks')).length - 1 })
    const asked = await page.evaluate(async () => {
      const headers = { 'content-type': 'application/json', 'x-requested-by': 'plumbline' }
      const body = JSON.stringify({ do: 'check', checks: ['own/first'] })
      return (await fetch('/v1/jobs', { method: 'POST', headers, body })).json() as Promise<unknown>
    })
    expect(asked).toMatchObject({
      code: 'conflict',
      title: expect.stringContaining('own/first is switched off since') as string,
    })
    // Its time is over: it looks again, and nobody had to remember.
    const until = new Date(clock.now() + 30 * 60_000).toISOString()
    await page.evaluate(
      async (body) => {
        const headers = { 'content-type': 'application/json', 'x-requested-by': 'plumbline' }
        await fetch('/v1/checks/own/first/off', { method: 'POST', headers, body })
      },
      JSON.stringify({ reason: 'The move takes a little longer.', until }),
    )
    expect(await check()).toMatchObject({ off: { until } })
    clock.set(clock.now() + 31 * 60_000)
    await running.runtime.check({})
    expect(await check()).toMatchObject({ off: null })
    expect((await check()).last_run_at).not.toBe(before.last_run_at)
  })

  it('switches it off and on at the command line, where a reason is asked for', async () => {
    let out = ''
    const globals = {
      ...{ config: join(world.folder, 'plumbline.yaml'), configGiven: true, data: join(world.folder, 'data') },
      ...{ json: false, env: {}, out: (text: string) => void (out += text), err: () => undefined },
    }
    await expect(checks.run(globals, {}, ['off', 'own/first'])).rejects.toMatchObject({ message: 'Why?' })
    const { control } = running.runtime.ctx
    const ada = { ...control.userByEmail('ada@kranich.example')!, id: 'cora', email: 'cora@kranich.example' }
    control.saveUser({ ...ada, passwordHash: await hashPassword('a lantern over quiet water') })
    const stdin = vi.spyOn(process, 'stdin', 'get')
    const typed = () => stdin.mockReturnValue(Readable.from(['a lantern over quiet water\n']) as never)
    typed()
    const as = { as: ada.email }
    expect(await checks.run(globals, { ...as, reason: 'It is noisy.' }, ['off', 'own/first'])).toBe(0)
    expect(await checks.run(globals, {}, [])).toBe(0)
    expect(out).toMatch(/own\/first +medium +off by .*: It is noisy\./)
    typed()
    expect(await checks.run(globals, { ...as, reason: 'It is mended.' }, ['on', 'own/first'])).toBe(0)
    stdin.mockRestore()
    expect((await check()).off).toBeNull()
    const { entries } = await ask<{ entries: { action: string }[] }>('/v1/audit?q=own/first')
    expect(entries.map((e) => e.action)).toEqual(expect.arrayContaining(['check.switched on', 'check.switched off']))
  })

  it('takes a check back to the text that was live before, and forward again', async () => {
    const first = await check()
    const changed = CHECK.replaceAll('payment_terms', 'credit_hold').replace('Late payment.', 'Another reason.')
    running.runtime.ctx.control.set(backtestedKey(edited('own/first', changed).check!.version), '1')
    await page.evaluate(async (yaml) => {
      const headers = { 'content-type': 'application/json', 'x-requested-by': 'plumbline' }
      const at = '/v1/checks/drafts/own/first'
      await fetch(at, { method: 'PUT', headers, body: JSON.stringify({ yaml }) })
      await fetch(`${at}/publish`, { method: 'POST', headers, body: '{"reason":"Holds matter more."}' })
    }, changed)
    expect((await check()).version).not.toBe(first.version)
    await dashboard.visit('/checks/own/first', 'Terms differ')
    await page.locator('main').getByText('Another reason.').first().waitFor()
    await page.getByRole('button', { name: 'Take back to 1' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Why').fill('It told the wrong people.')
    await dialog.getByRole('button', { name: 'Take back' }).click()
    await page.getByText('Late payment.').first().waitFor()
    expect((await check()).version).toBe(first.version)
    const table = page.locator('section[aria-labelledby=versions]')
    await table.getByText('It told the wrong people.').waitFor()
    expect(await table.locator('tbody tr').count()).toBe(3)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      expect(await violations(page)).toEqual([])
    }
    await page.emulateMedia({ colorScheme: 'light' })
    const { entries } = await ask<{ entries: { action: string }[] }>('/v1/audit?q=own/first')
    expect(entries.map((e) => e.action)).toContain('check.reverted')
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
