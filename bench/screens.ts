/**
 * Pictures of every screen and state of the dashboard, for people to look at one by one, and what a machine can say of each:
 * script errors, faults of accessibility, and width that a phone does not have.
 *
 *   npm run screens -- [--out FOLDER] [--only issues,kpis] [--customers 60] [--widths 360,1024,1440] [--themes light,dark]
 */
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { buildDashboard, launch, open, overflow, violations } from '../test/browser/browser.ts'
import { emptyFaces, screens, staleFaces, troubledFaces, type Shot } from './screens-list.ts'
import { atWork, empty, stale, type Shown } from './screens-worlds.ts'

/** Time for what a screen asks for after it has shown itself. */
const SETTLED_MS = 15_000
/** Skeletons are shown after 150 ms; whoever waits for them waits a little longer. */
const SKELETON_MS = 600
/** Nothing new is asked for any more after so long without a skeleton. */
const QUIET_MS = 400
/** A list of a hundred rows is the same further down. */
const HEIGHT_MAX = 3_000

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: join(tmpdir(), 'plumbline-screens') },
    only: { type: 'string' },
    customers: { type: 'string', default: '60' },
    widths: { type: 'string', default: '360,1024,1440' },
    themes: { type: 'string', default: 'light,dark' },
  },
})
const out = resolve(values.out)
const only = values.only?.split(',')
const widths = values.widths.split(',').map(Number)
const themes = values.themes.split(',') as ('light' | 'dark')[]
mkdirSync(out, { recursive: true })
const say = (text: string) => void process.stdout.write(`${text}\n`)

let faults = 0
const told = new Set<string>()
/** Said at once: whatever ends the run early, what was found so far is known. */
function fault(text: string): void {
  faults++
  if (!told.has(text)) say(text)
  told.add(text)
}
const complaints: string[] = []

/** What the requests of a screen meet; those of the shell that say who is here are left alone. */
async function meeting(page: Page, meets: Shot['meets'], work: () => Promise<void>): Promise<void> {
  if (!meets) return await work()
  const ends: (() => void)[] = []
  await page.route(/\/v1\/(?!session|live)/, async (route) => {
    if (meets === 'silence') await new Promise<void>((end) => ends.push(end))
    await route.abort().catch(() => undefined)
  })
  try {
    await work()
  } finally {
    for (const end of ends) end()
    await page.unrouteAll({ behavior: 'ignoreErrors' })
  }
}

/** Everything that the screen asked for has come: no skeleton, now and a moment later. */
async function settled(page: Page): Promise<void> {
  await page.waitForTimeout(QUIET_MS)
  await page.waitForFunction(() => !document.querySelector('.skeleton, [aria-busy=true]'), null, {
    timeout: SETTLED_MS,
  })
}

async function taken(page: Page, url: string, shot: Shot, file: string): Promise<void> {
  await page.goto(url + shot.path, { waitUntil: 'domcontentloaded' })
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  if (shot.meets === 'silence') await page.waitForTimeout(SKELETON_MS)
  else await settled(page)
  await shot.then?.(page)
  const height = await page.evaluate(() => document.documentElement.scrollHeight)
  const clip = { x: 0, y: 0, width: page.viewportSize()!.width, height: Math.min(height, HEIGHT_MAX) }
  await page.screenshot({ path: join(out, file), fullPage: true, clip })
}

async function pictures(browser: Browser, shown: Shown, shots: readonly Shot[]): Promise<void> {
  const all = shots.filter((s) => !only || only.some((o) => s.name.startsWith(o)))
  if (all.length === 0) return
  for (const width of widths)
    for (const colorScheme of themes) {
      const { page } = await open(browser, { viewport: { width, height: 900 }, colorScheme }, complaints)
      await page.context().addCookies([shown.cookie])
      for (const shot of all) {
        const file = `${shot.name}-${width}-${colorScheme}.png`
        try {
          await meeting(page, shot.meets, async () => {
            await taken(page, shown.url, shot, file)
            const wide = await overflow(page)
            if (wide > 0) fault(`${file}: ${wide} px wider than its window`)
            // A width between the others has no rules of its own.
            if (width !== 1024) for (const v of await violations(page)) fault(`${file}: ${v}`)
          })
        } catch (thrown) {
          fault(`${file}: ${(thrown as Error).message.split('\n')[0]}`)
        }
      }
      say(`${width} px, ${colorScheme}: ${all.length} pictures`)
      await page.context().close()
    }
}

/** Requests that a picture keeps from the server are told by the browser as errors; they are the point of it. */
const provoked = (text: string) => /net::ERR_FAILED|Failed to fetch/.test(text)

/** A browser for each company: hundreds of pages in one take more memory than a small machine has. */
async function each(world: Promise<Shown>, shots: (page: Page) => Promise<Shot[]> | Shot[]) {
  const shown = await world
  const browser = await launch()
  try {
    const { page } = await open(browser)
    await page.context().addCookies([shown.cookie])
    await page.goto(`${shown.url}/overview`)
    const list = await shots(page)
    await page.context().close()
    await pictures(browser, shown, list)
  } finally {
    await browser.close()
    await shown.end()
  }
}

const wants = (prefix: string) => !only || only.some((o) => o.startsWith(prefix))
const wantsMore = !only || only.some((o) => !o.startsWith('empty') && !o.startsWith('stale'))
await buildDashboard()
if (wantsMore)
  await each(atWork(Number(values.customers)), async (page) => [...(await screens(page)), ...troubledFaces()])
if (wants('empty')) await each(empty(), emptyFaces)
if (wants('stale')) await each(stale(), staleFaces)
const errors = complaints.filter((c) => !provoked(c))
for (const line of new Set(errors)) say(line)
say(`Pictures are in ${out}. ${faults} faults, ${errors.length} script errors.`)
process.exitCode = faults + errors.length > 0 ? 1 : 0
