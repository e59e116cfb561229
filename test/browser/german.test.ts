/** The dashboard in German: chosen by the browser or the person, whole on every main screen, and undisturbed by hostile names. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Running } from '../../server/main.ts'
import { handClock } from '../world/clock.ts'
import { company, CONFIG, onlyChecks, signIn, type Company } from '../world/company.ts'
import { buildDashboard, launch, open, overflow, violations, type Watched } from './browser.ts'

const CHECKS = ['customer-master/legal-profile', 'existence/customer', 'collecting/streams']
/** Turns what follows around, holds a bell, and looks like markup. */
const HOSTILE = 'Acme \u202Egnp.exe\u0007 <b>שלום</b>'
/** Screens with their heading. */
const SCREENS = [
  ['/overview', 'Übersicht'],
  ['/home?as=finance', 'Finanzen'],
  ['/issues', /^Vorgänge/],
  ['/customers', /^Kunden/],
  ['/checks', 'Prüfungen'],
  ['/alerts', 'Benachrichtigungen'],
  ['/settings/people', 'Einstellungen'],
] as const

let world: Company
let running: Running
let german: Watched
let page: Page

beforeAll(async () => {
  await buildDashboard()
  world = company()
  world.configure(`${CONFIG}
${onlyChecks(...CHECKS)}`)
  world.write(
    'crm/customers.csv',
    `record_id,name,legal_name,bill_to.country,payment_terms,state,refs.erp,changed_at
S1,"${HOSTILE}","${HOSTILE} GmbH",DE,net_30,customer,N1,2026-11-01T08:00:00Z
S2,Talwerk,Talwerk AG,CH,net_30,customer,N2,2026-11-01T08:00:00Z
`,
    '2026-11-20T11:50:00.000Z',
  )
  running = await world.start({ clock: handClock('2026-11-20T12:00:00.000Z') })
  await running.runtime.collect({})
  await running.runtime.check({})
  const [name = '', value = ''] = (await signIn(running)).split('=')
  german = await open(await launch(), { locale: 'de-DE' })
  page = german.page
  await page.context().addCookies([{ name, value, url: running.url }])
})
afterAll(async () => {
  await page?.context().browser()!.close()
  await running?.stop()
  world?.end()
  expect(german.complaints).toEqual([])
})

async function visit(path: string, heading: string | RegExp): Promise<void> {
  await page.goto(running.url + path)
  await page.getByRole('heading', { level: 1, name: heading }).waitFor()
  await page.waitForFunction(() => document.querySelectorAll('main [aria-busy=true], main .skeleton').length === 0)
}

/** What people read and hear of the page: text, titles, labels; not what is typed, and not what a customer is called. */
const read = () =>
  page.evaluate(() => {
    const texts: string[] = []
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node; node = walker.nextNode())
      if (!node.parentElement!.closest('bdi, code, pre, kbd, script, noscript, textarea, .mono'))
        texts.push(node.textContent ?? '')
    for (const el of document.querySelectorAll('[title], [aria-label], [placeholder]'))
      for (const name of ['title', 'aria-label', 'placeholder'])
        if (el.hasAttribute(name) && !el.querySelector('bdi')) texts.push(el.getAttribute(name) ?? '')
    return [...new Set(texts.map((text) => text.trim()))].filter((text) => /[a-zA-Z]{2}/.test(text))
  })

/** Words that only English sentences have. */
const ENGLISH = /\b(the|of|and|are|were|not|with|from|this|that|has|have|been|which|nothing|nobody|yet)\b/i

describe('the dashboard in German', () => {
  it('is chosen by the browser, and holds no English on its main screens', async () => {
    const left: string[] = []
    for (const [path, heading] of SCREENS) {
      await visit(path, heading)
      if (path === '/overview') {
        expect(await page.locator('html').getAttribute('lang')).toBe('de')
        await page.getByText(/Daten vollständig bis/).waitFor()
        await page.getByText('20. Nov.').first().waitFor()
      }
      const texts = await read()
      expect(texts.length, path).toBeGreaterThan(40)
      left.push(...texts.filter((text) => ENGLISH.test(text)).map((text) => `${path}: ${text}`))
    }
    expect(left).toEqual([])
  })

  it('says an issue, its next step and its values in German, readable by everybody', async () => {
    await visit('/issues', /^Vorgänge/)
    await page.getByText('Salesforce an NetSuite angleichen').first().waitFor({ state: 'attached' })
    await page.getByText('Firma: Salesforce weicht von NetSuite ab').first().waitFor()
    expect(await violations(page)).toEqual([])
    await page.goto(`${running.url}/issues/I-1`)
    await page.getByRole('button', { name: /^Als richtig hinnehmen/ }).waitFor()
    expect(await violations(page)).toEqual([])
    await page.setViewportSize({ width: 360, height: 740 })
    await visit('/overview', 'Übersicht')
    expect(await overflow(page)).toBeLessThanOrEqual(0)
    await page.setViewportSize({ width: 1440, height: 900 })
  })

  it('says why a check looks and what to do, on the issue and on the check', async () => {
    const english = async (section: string) => {
      const text = await page.locator(`section[aria-labelledby=${section}]`).innerText()
      expect(text.length, section).toBeGreaterThan(80)
      return text.split('\n').filter((line) => ENGLISH.test(line))
    }
    await page.goto(`${running.url}/issues/I-1`)
    const first = page.locator('section[aria-labelledby=runbook] .steps li').first()
    await first.waitFor()
    expect(await first.innerText()).toContain('auf der Plattform mit dem Fehler')
    await page.getByText('Warum das geprüft wird').click()
    expect(await english('runbook')).toEqual([])
    await page.goto(`${running.url}/checks/customer-master/legal-profile`)
    await page.getByText('Eine falsche Steuernummer oder Zahlungsbedingung').waitFor()
    expect(await english('why')).toEqual([])
    expect(await english('fix')).toEqual([])
  })

  it('keeps a name that turns its surroundings around inside itself', async () => {
    await visit('/customers', /^Kunden/)
    const name = page.locator('main bdi', { hasText: 'gnp.exe' }).first()
    await name.waitFor()
    // What was written is shown as text, isolated, without its markup taking effect.
    expect(await name.evaluate((el) => [getComputedStyle(el).unicodeBidi, el.querySelectorAll('b').length])).toEqual([
      'isolate',
      0,
    ])
    const bare = async () => {
      // What is still being asked for may hold the name as well.
      await page.waitForLoadState('networkidle', { timeout: 3_000 }).catch(() => undefined)
      await page.waitForFunction(() => document.querySelector('main [aria-busy=true], main .skeleton') === null)
      return await page.evaluate(() => {
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
        const found: string[] = []
        for (let node = walker.nextNode(); node; node = walker.nextNode())
          if (/[\u202a-\u202e]/.test(node.textContent ?? '') && !node.parentElement!.closest('bdi, [dir=auto]'))
            found.push(node.parentElement!.outerHTML.slice(0, 120))
        return found
      })
    }
    expect(await bare()).toEqual([])
    await page
      .getByRole('link', { name: /gnp\.exe/ })
      .first()
      .click()
    await page.getByRole('heading', { level: 1, name: /gnp\.exe/ }).waitFor()
    // A tooltip takes text alone: it holds the name without what would turn it.
    await page.locator('main svg title', { hasText: 'gnp.exe' }).first().waitFor({ state: 'attached' })
    expect(await bare()).toEqual([])
    await page.goto(`${running.url}/issues/I-1`)
    await page.getByRole('button', { name: /^Als richtig hinnehmen/ }).waitFor()
    expect(await bare()).toEqual([])
  })

  it('follows the person once it is chosen, at the same address and in any browser', async () => {
    await visit('/checks', 'Prüfungen')
    await page.getByLabel('Sprache').selectOption('en')
    await page.getByRole('heading', { level: 1, name: 'Checks' }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/checks')
    expect(await page.locator('html').getAttribute('lang')).toBe('en')
    await page.context().clearCookies({ name: 'plumbline-language' })
    await page.reload()
    await page.getByRole('heading', { level: 1, name: 'Checks' }).waitFor()
  })
})
