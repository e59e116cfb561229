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
  ['/causes', /^Ursachen/],
  ['/customers', /^Kunden/],
  ['/flows', 'Abläufe und SLA'],
  ['/matching', 'Zuordnung'],
  ['/identity', 'Identität'],
  ['/quality', 'Datenqualität'],
  ['/kpis', 'Kennzahlen'],
  ['/exceptions', 'Ausnahmen'],
  ['/remediations', 'Behebungen'],
  ['/connectors', 'Konnektoren'],
  ['/checks', 'Prüfungen'],
  ['/alerts', 'Benachrichtigungen'],
  ['/reports', 'Berichte'],
  ['/settings', 'Einstellungen'],
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
      if (!node.parentElement!.closest('bdi, code, pre, kbd, script, noscript, textarea, .mono')) texts.push(node.textContent ?? '')
    for (const el of document.querySelectorAll('[title], [aria-label], [placeholder]'))
      for (const name of ['title', 'aria-label', 'placeholder'])
        if (el.hasAttribute(name) && !el.querySelector('bdi')) texts.push(el.getAttribute(name) ?? '')
    return [...new Set(texts.map((text) => text.trim()))].filter((text) => /[a-zA-Z]{2}/.test(text))
  })

describe('the dashboard in German', () => {
  it('dump', async () => {
    const { appendFileSync } = await import('node:fs')
    for (const [path, heading] of SCREENS) {
      await visit(path, heading)
      appendFileSync('/tmp/dump.txt', `# ${path}\n${(await read()).join('\n')}\n`)
    }
    await page.goto(`${running.url}/issues`)
    await page.locator('table.issues a, .rows a').first().click()
    await page.waitForTimeout(800)
    appendFileSync('/tmp/dump.txt', `# issue ${page.url()}\n${(await read()).join('\n')}\n`)
  })
})
