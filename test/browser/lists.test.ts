/** Every list by one search: saved and shared views, living and frozen links, Markdown and CSV of what is shown, by keyboard and on a phone. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { find } from '../../server/commands/find.ts'
import { overflow, violations } from './browser.ts'
import { fourPlatforms, type FourPlatforms } from './four-platforms.ts'
import { pictured } from './visits.ts'

let four: FourPlatforms
let { world, running, dashboard, page } = {} as FourPlatforms

beforeAll(async () => {
  four = await fourPlatforms()
  ;({ world, running, dashboard, page } = four)
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
})
afterAll(() => four?.end())

const send = <T>(method: string, path: string, body?: unknown): Promise<T> =>
  page.evaluate(
    async ([m, p, b]) => {
      const headers = { 'content-type': 'application/json', 'x-requested-by': 'plumbline' }
      const reply = await fetch(p!, { method: m!, headers, ...(b && { body: b }) })
      const text = await reply.text()
      return text.startsWith('{') || text.startsWith('[') ? (JSON.parse(text) as unknown) : text
    },
    [method, path, body === undefined ? '' : JSON.stringify(body)],
  ) as Promise<T>
const clipboard = () => page.evaluate(() => navigator.clipboard.readText())
const tabs = () => page.getByRole('navigation', { name: 'Views' })
const search = async (label: string, q: string) => {
  await page.getByRole('combobox', { name: label }).fill(q)
  await page.keyboard.press('Enter')
  await expect.poll(() => new URL(page.url()).searchParams.get('q')).toBe(q)
}
const total = async (list: string, q: string) =>
  (await send<{ total: number }>('GET', `/v1/lists/${list}?q=${encodeURIComponent(q)}`)).total

describe('a view', () => {
  it('is saved by key for everybody, has a count and a number, and is removed with undo', async () => {
    await dashboard.visit('/issues?sort=risk', /Issues/)
    await search('Search issues', 'is:open sev:critical,high')
    await page.getByRole('heading', { level: 1 }).click()
    await page.keyboard.press('v')
    const dialog = page.getByRole('dialog', { name: 'Save view' })
    await dialog.getByLabel('Name').fill('Urgent <i>')
    await dialog.getByLabel('For everybody').check()
    expect(await violations(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Save view' }).click()
    const tab = tabs().getByRole('link', { name: /Urgent <i>/ })
    await tab.waitFor()
    expect(await tab.getAttribute('aria-current')).toBe('page')
    await expect.poll(() => tab.textContent()).toContain(String(await total('issues', 'is:open sev:critical,high')))
    await tabs()
      .getByRole('link', { name: /^Resolved/ })
      .click()
    await tab.click()
    expect(new URL(page.url()).search).toContain('sort=risk')
    await page.getByRole('button', { name: 'Remove view' }).click()
    await tab.waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Undo' }).click()
    await tab.waitFor()
  })

  it('is refused when nobody could read it, when it is another’s, and to a viewer who would share it', async () => {
    const bad = await send<{ title: string; remedy: string }>('POST', '/v1/views', {
      ...{ list: 'issues', name: 'Odd', search: 'q=sevv%3Ahigh' },
    })
    expect(bad).toMatchObject({ title: '"sevv:" is not understood.', remedy: 'Did you mean "sev"?' })
    expect(await send('DELETE', '/v1/views/999')).toMatchObject({ code: 'not_found' })
    const made = await send<{ secret: string }>('POST', '/v1/tokens', { name: 'look', role: 'viewer', days: 1 })
    const reply = await fetch(`${running.url}/v1/views`, {
      method: 'POST',
      headers: { authorization: `Bearer ${made.secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ list: 'issues', name: 'All', search: 'q=is%3Aopen', shared: true }),
    })
    expect(reply.status).toBe(403)
  })
})

describe('what is shown', () => {
  it('is copied as a living link, as Markdown, and exported under the same filter', async () => {
    await dashboard.visit('/issues?q=is:open+category:missing&peek=I-1', /Issues/)
    await page.locator('table.issues tbody tr').first().waitFor()
    await page.getByRole('button', { name: 'Copy link' }).click()
    await page.getByText('Link to the living list copied.').waitFor()
    expect(await clipboard()).toBe(`${running.url}/issues?q=is%3Aopen+category%3Amissing`)
    await page.getByRole('button', { name: 'Copy as Markdown' }).click()
    await page.getByText('Markdown copied.').waitFor()
    const missing = await total('issues', 'is:open category:missing')
    const lines = (await clipboard()).trim().split('\n')
    expect(lines[0]).toMatch(`**Issues** \`is:open category:missing\`: ${missing}, as of 2026-11-20T12:01`)
    expect(lines.length).toBe(4 + missing)
    const link = page.getByRole('link', { name: 'Export what is shown' })
    const csv = await send<string>('GET', (await link.getAttribute('href'))!)
    expect(csv.trim().split('\r\n').length).toBe(1 + missing)
  })

  it('is frozen by key: the link shows the same after the world has changed, and leads to the living list', async () => {
    await dashboard.visit('/issues?q=is:unassigned', /Issues/)
    await page.locator('table.issues tbody tr').first().waitFor()
    const before = await total('issues', 'is:unassigned')
    await page.keyboard.press('Shift+Y')
    await page.getByText('Link to the list as it is now copied.').waitFor()
    const address = await clipboard()
    const first = (await page.locator('table.issues tbody [data-row]').first().getAttribute('data-row'))!
    await send('POST', `/v1/issues/${first}/assign`, { person: 'ada@kranich.example' })
    expect(await total('issues', 'is:unassigned')).toBe(before - 1)
    await page.goto(address)
    await page.getByRole('heading', { level: 1, name: new RegExp(`${before} of ${before}, frozen`) }).waitFor()
    expect(await page.locator('main tbody tr').count()).toBe(before)
    await page.locator('main').getByText('Ada Kranich').waitFor()
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      expect(await violations(page)).toEqual([])
    }
    await page.setViewportSize({ width: 360, height: 780 })
    expect(await overflow(page)).toBe(0)
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.getByRole('link', { name: 'the living list' }).click()
    await page.getByRole('heading', { level: 1, name: /^Issues/ }).waitFor()
    expect(new URL(page.url()).searchParams.get('q')).toBe('is:unassigned')
    await page.emulateMedia({ colorScheme: 'light' })
  })
})

describe('one search', () => {
  it('finds customers by who knows them and by what is wrong with them', async () => {
    const names = async (q: string) =>
      (
        await send<{ rows: { cells: (string | null)[] }[] }>('GET', `/v1/lists/customers?q=${encodeURIComponent(q)}`)
      ).rows
        .map((r) => r.cells[0])
        .sort()
    const all = await names('')
    const lonely = await names('platforms:<2')
    expect(lonely.length).toBeGreaterThan(0)
    expect(await names('-platforms:<2 is:fine')).not.toEqual(expect.arrayContaining(lonely))
    expect((await names('-platform:erp')).length).toBeGreaterThan(0)
    expect(await names('platform:erp -platform:erp')).toEqual([])
    for (const name of await names('sev:critical')) expect(all).toContain(name)
    expect(await names('S2')).toHaveLength(1)
    await dashboard.visit('/customers', 'Customers')
    await search('Search customers', 'platforms:<2')
    await expect.poll(() => page.locator('main tbody tr').count()).toBe(lonely.length)
    await search('Search customers', 'platfrom:erp')
    await page.getByText('Did you mean "platform"?').waitFor()
    await page.getByTitle('Remove it from the search').click()
    await page.locator('main tbody tr').first().waitFor()
  })

  it('is the same on the command line, with the same errors and exit codes', async () => {
    let out = ''
    const globals = {
      ...{ config: join(world.folder, 'plumbline.yaml'), configGiven: true, data: join(world.folder, 'data') },
      ...{ json: false, env: {}, out: (text: string) => void (out += text), err: () => undefined },
    }
    expect(await find.run(globals, {}, ['issues', 'is:open category:missing'])).toBe(1)
    const missing = await total('issues', 'is:open category:missing')
    expect(out).toContain(`${missing} of ${missing} issues for "is:open category:missing"`)
    out = ''
    expect(await find.run({ ...globals, json: true }, {}, ['exceptions', 'age:>900d'])).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ list: 'exceptions', total: 0, rows: [] })
    await expect(find.run(globals, {}, ['customers', 'platfrom:erp'])).rejects.toMatchObject({
      ...{ message: '"platfrom:" is not understood.', remedy: 'Did you mean "platform"?' },
    })
    await expect(find.run(globals, {}, ['isues'])).rejects.toMatchObject({ remedy: 'Did you mean "issues"?' })
    out = ''
    await find.run(globals, { keys: true }, ['remediations'])
    expect(out).toContain('for-me')
  })

  it('finds exceptions, with completion of what is there, and plans and causes', async () => {
    await send('POST', '/v1/exceptions', [
      { id: 'd1', reason: 'key was rejected', status: 401, platform: 'crm', target: 'billing' },
      { id: 'd2', reason: 'took too long', status: 504, platform: 'erp', target: 'support' },
    ])
    await dashboard.visit('/exceptions', 'Exceptions')
    await page.locator('main tbody tr').nth(1).waitFor()
    const box = page.getByRole('combobox', { name: 'Search exceptions' })
    await box.fill('target:b')
    await page.getByRole('option', { name: 'target:billing' }).waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.locator('main tbody tr').count()).toBe(1)
    expect(await page.locator('main tbody tr').textContent()).toContain('key was rejected')
    await search('Search exceptions', 'age:>9d')
    await page.getByText('Nothing matches').waitFor()
    await page.getByRole('button', { name: 'Show what waits' }).click()
    await page.locator('main tbody tr').nth(1).waitFor()
    await dashboard.visit('/remediations', 'Remediations')
    await search('Search plans', 'sate:done')
    await page.getByText('Did you mean "state"?').waitFor()
    await search('Search plans', 'is:over')
    await page.getByText('No plan is over yet.').waitFor()
    await dashboard.visit('/causes', 'Causes')
    await search('Search causes', 'is:open money:>1')
    expect(await total('causes', 'is:open money:>1')).toBeLessThan(await total('causes', 'is:open'))
  })

  it('is readable on every list in both themes, and on a phone', async () => {
    for (const [path, heading] of [
      ['/issues', /Issues/],
      ['/customers', 'Customers'],
      ['/exceptions', 'Exceptions'],
      ['/causes', 'Causes'],
      ['/remediations', 'Remediations'],
    ] as const) {
      await dashboard.visit(path, heading)
      await page.locator('main :is(table, .empty)').first().waitFor()
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        expect([path, colorScheme, await violations(page)]).toEqual([path, colorScheme, []])
        await pictured(page, `lists${path.replaceAll(/\W+/g, '-')}-1440-${colorScheme}`)
      }
      await page.setViewportSize({ width: 360, height: 780 })
      expect([path, await overflow(page)]).toEqual([path, 0])
      await pictured(page, `lists${path.replaceAll(/\W+/g, '-')}-360`)
      await page.setViewportSize({ width: 1440, height: 900 })
    }
  })
})
