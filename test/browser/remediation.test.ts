/** From a finding to its proof on the dashboard: previewed by one person, approved by another, applied, read back; in both themes. */
import { createAdaptorServer } from '@hono/node-server'
import { randomUUID } from 'node:crypto'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { digest } from '../../server/api/passwords.ts'
import { createApp } from '../../server/app.ts'
import { createRuntime, type Runtime } from '../../server/runtime.ts'
import { PACKAGE_ROOT } from '../../server/version.ts'
import { checkFile } from '../world/check-files.ts'
import { handClock } from '../world/clock.ts'
import { desk, remedyWorld, type RemedyWorld } from '../world/remedy-world.ts'
import { startWritePlatform, type WritePlatform } from '../world/write-platform.ts'
import { buildDashboard, launch, open, overflow, violations, type Watched } from './browser.ts'
import { unreadable } from './visits.ts'

const clock = handClock('2026-11-27T09:00:00.000Z')
const HOUR = 3_600_000
const CHECK = 'customer-master/profile'
let platform: WritePlatform
let world: RemedyWorld
let runtime: Runtime
let server: Server
let url: string
let browser: Browser
let olga: Watched
let anna: Watched

/** Somebody who has just proven who they are, in a browser of their own. */
async function somebody(name: string, role: 'operator' | 'approver'): Promise<Watched> {
  const watched = await open(browser)
  const token = randomUUID().repeat(2)
  const now = clock.now()
  const { user } = world.person(name, role)
  world.ctx.control.addSession({
    ...{ id: digest(token), userId: user.id, createdAt: now, lastSeenAt: now },
    ...{ absoluteUntil: now + 24 * HOUR, provenAt: now },
  })
  await watched.page.context().addCookies([{ name: 'plumbline', value: token, url }])
  return watched
}

beforeAll(async () => {
  await buildDashboard()
  platform = await startWritePlatform(() => clock.now())
  world = await remedyWorld({
    clock,
    checks: [checkFile(CHECK, 'kind: agree\nof: customer\nfields: [segment]')],
    platforms: { crm: desk(platform.url, 'crm', 'crm'), support: desk(platform.url, 'support', 'support') },
    remedy: { windows: { evening: { from: '22:00', until: '23:00', why: 'Nobody is at work then.' } } },
  })
  runtime = createRuntime(world.ctx)
  const app = createApp({
    ...{ runtime, telemetry: null, origin: 'http://127.0.0.1', version: '0', localToken: null },
    dashboardFolder: join(PACKAGE_ROOT, 'dist', 'ui'),
  })
  server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false }) as Server
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  platform.put('crm', 'S-1', { name: 'Nordwind', domain: 'nordwind.example', segment: 'enterprise', state: 'customer' })
  platform.put('support', 'Z-1', { name: 'Nordwind', domain: 'nordwind.example', segment: 'smb', state: 'customer' })
  await clock.turn(48 * HOUR)
  await world.read()
  await runtime.check({ checks: [CHECK], full: true })
  browser = await launch()
  olga = await somebody('olga', 'operator')
  anna = await somebody('anna', 'approver')
})
afterAll(async () => {
  expect([...olga.complaints, ...anna.complaints]).toEqual([])
  await browser.close()
  server.closeAllConnections()
  await new Promise<void>((closed) => server.close(() => closed()))
  await world.end()
  await platform.stop()
})

const main = (w: Watched) => w.page.locator('main')

describe('the desk', () => {
  it('previews a fix from the issue by key, and writes nothing', async () => {
    await olga.page.goto(`${url}/issues/I-1`)
    await olga.page.getByRole('heading', { level: 2, name: 'Runbook' }).waitFor()
    await olga.page.keyboard.press('p')
    await olga.page.getByLabel('Why it should be fixed').fill('Support shows the wrong segment.')
    await olga.page.getByRole('button', { name: 'Preview fix', exact: true }).click()
    await olga.page.getByRole('heading', { level: 1, name: 'Fix issue I-1' }).waitFor()
    const row = main(olga).locator('table tbody tr')
    await row.waitFor()
    expect(await row.innerText()).toMatch(/Z-1[\s\S]*support[\s\S]*Segment: smb → enterprise[\s\S]*not tried yet/)
    expect(await main(olga).innerText()).toMatch(/1 would vanish, 0 would appear[\s\S]*no amount hangs on these fields/)
    expect(await main(olga).innerText()).toContain('Whoever asked for it cannot approve it')
    expect(await olga.page.getByRole('button', { name: 'Approve' }).count()).toBe(0)
    expect(platform.ledger).toEqual([])
  })

  it.each([1440, 360])('is readable in both themes at a width of %s, for everybody', async (width) => {
    for (const path of ['/remediations', '/remediations/P-1', '/remediations/by-itself', '/exceptions']) {
      const found = await unreadable(olga.page, `desk${path.replaceAll('/', '-')}`, width, async () => {
        await olga.page.goto(url + path)
        await main(olga).locator(':is(table, .empty, #rates)').first().waitFor()
      })
      expect(found).toEqual([])
    }
    await olga.page.setViewportSize({ width: 1440, height: 900 })
  })

  it('is approved by somebody else with a reason, applied, read back, and closes its finding', async () => {
    await anna.page.goto(`${url}/remediations`)
    const waiting = main(anna).locator('table tbody tr')
    await waiting.waitFor()
    expect(await waiting.innerText()).toMatch(/P-1[\s\S]*waits for approval[\s\S]*support \(1\)[\s\S]*Approve/)
    await anna.page.getByRole('link', { name: /P-1/ }).click()
    await anna.page.getByRole('button', { name: 'Approve' }).click()
    const dialog = anna.page.locator('dialog[open]')
    await dialog.getByLabel('Why').fill('The CRM is right.')
    await dialog.getByRole('button', { name: 'Approve' }).click()
    await main(anna).getByText('approved, not applied').waitFor()
    expect(platform.ledger).toEqual([])
    await anna.page.getByRole('button', { name: 'Apply', exact: true }).click()
    await dialog.getByLabel('Why').fill('Now.')
    await dialog.getByRole('button', { name: 'Apply', exact: true }).click()
    await dialog.waitFor({ state: 'detached' })
    await runtime.desk.worked(world.ctx.control.plan(1)!.id)
    await anna.page.reload()
    await main(anna).getByText('done and verified').waitFor()
    await main(anna).getByText('✓ holds').first().waitFor()
    expect(platform.records.get('support')!.get('Z-1')!.fields['segment']).toBe('enterprise')
    await anna.page.goto(`${url}/remediations?queue=over`)
    await main(anna).getByRole('link', { name: /P-1/ }).waitFor()
    await anna.page.goto(`${url}/issues/I-1`)
    await main(anna)
      .getByText(/resolved .* on evidence/)
      .waitFor()
  })

  it('ticks a step of the runbook for everybody, and shows what held', async () => {
    await olga.page.goto(`${url}/issues/I-1`)
    const step = olga.page.locator('section[aria-labelledby=runbook] [type=checkbox]').first()
    await step.check()
    await olga.page.locator('section[aria-labelledby=runbook]').getByText('olga@kranich.example').waitFor()
    await anna.page.goto(`${url}/issues/I-1`)
    const book = anna.page.locator('section[aria-labelledby=runbook]')
    await book.getByText('olga@kranich.example').waitFor()
    await book.getByText('write fields: held 1 of 1 times').waitFor()
    await anna.page.goto(`${url}/remediations/by-itself`)
    await main(anna).getByText('write fields: held 1 of 1 times').waitFor()
  })

  it('drafts by hand what Plumbline keeps itself', async () => {
    await olga.page.goto(`${url}/remediations`)
    await olga.page.getByRole('button', { name: 'New plan' }).click()
    const dialog = olga.page.locator('dialog[open]')
    await dialog.getByLabel('What should be done').selectOption('unlink')
    await dialog.getByLabel('Records as platform:id').fill('crm:S-1\nsupport:Z-1')
    await dialog.getByLabel('Why').fill('Two companies of one domain.')
    await dialog.getByRole('button', { name: 'Draft the plan' }).click()
    const row = main(olga).locator('table tbody tr')
    await row.waitFor()
    expect(await row.innerText()).toMatch(/keep apart[\s\S]*true → false/)
  })

  /** Presses a step of the plan that is shown, gives the reason, and confirms. */
  async function step(who: Watched, name: string, reason: string): Promise<void> {
    await who.page.getByRole('button', { name, exact: true }).click()
    const dialog = who.page.locator('dialog[open]')
    await dialog.getByLabel('Why', { exact: true }).fill(reason)
    const confirm = dialog.getByRole('button', { name, exact: true })
    await confirm.click()
    await dialog.waitFor({ state: 'detached' })
  }

  it('is given back for a change, changed by its requester, and waits for its window', async () => {
    await anna.page.goto(`${url}/remediations/P-2`)
    await step(anna, 'Ask for a change', 'Say which customer stays.')
    await main(anna).getByText('given back for a change').waitFor()
    await olga.page.goto(`${url}/remediations?q=is%3Areturned`)
    await main(olga).getByRole('link', { name: /P-2/ }).click()
    await olga.page.getByRole('button', { name: 'Change it' }).click()
    const dialog = olga.page.locator('dialog[open]')
    await dialog.getByText('Say which customer stays.').waitFor()
    expect(await violations(olga.page)).toEqual([])
    await dialog.getByLabel('Why it is changed').fill('Nordwind stays.')
    await dialog.getByRole('button', { name: 'Draft the changed plan' }).click()
    await main(olga).getByText('It takes the place of').waitFor()
    await anna.page.goto(`${url}/remediations/P-3`)
    await step(anna, 'Approve', 'That is clear.')
    await olga.page.reload()
    await step(olga, 'Apply in a window', 'When nobody is at work.')
    await main(olga).getByText('waits for its window').waitFor()
    expect(await main(olga).innerText()).toMatch(
      /Applies itself between [\s\S]*\(evening\)[\s\S]*olga@kranich\.example said so/,
    )
    for (const width of [1440, 360]) {
      await olga.page.setViewportSize({ width, height: 900 })
      expect(await overflow(olga.page)).toBeLessThanOrEqual(0)
    }
    expect(await violations(olga.page)).toEqual([])
    await olga.page.setViewportSize({ width: 1440, height: 900 })
    await step(olga, 'Take out of its window', 'It is one company.')
    await step(olga, 'Cancel', 'It is one company.')
    await main(olga).getByText('cancelled').first().waitFor()
  })

  it('says when nothing waits', async () => {
    await anna.page.goto(`${url}/remediations`)
    await anna.page.getByText('No plan waits for approval.').waitFor()
    await anna.page.goto(`${url}/exceptions`)
    await anna.page.getByText('0 waiting.').waitFor()
  })
})
