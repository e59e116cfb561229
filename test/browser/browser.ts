/** A real Chromium for the tests of the dashboard, which hears everything that the page complains about. */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import { PACKAGE_ROOT } from '../../server/version.ts'

const PLACES = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

/** @throws if there is no Chromium: browser tests are never skipped silently */
export function chromiumPath(): string {
  const found = PLACES.find((path) => path && existsSync(path))
  if (!found) throw new Error('No Chromium was found. Install it, or name it in CHROMIUM_PATH.')
  return found
}

export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: chromiumPath(),
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  })

export interface Watched {
  page: Page
  /** Errors of the console and of scripts, breaches of the content policy, answers of 500: in words. */
  complaints: string[]
}

/** A page of its own, with its own cookies. @param complaints where what it complains about is kept */
export async function open(
  browser: Browser,
  options: BrowserContextOptions = {},
  complaints: string[] = [],
): Promise<Watched> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    timezoneId: 'UTC',
    colorScheme: 'light',
    ...options,
  })
  context.setDefaultTimeout(10_000)
  const page = await context.newPage()
  page.on('pageerror', (error) => complaints.push(`page: ${error.message}`))
  page.on('console', (message) => {
    // A refused request is written to the console by the browser itself; tests that provoke one look at the page.
    if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) complaints.push(message.text())
  })
  page.on('response', (reply) => reply.status() >= 500 && complaints.push(`${reply.status()} ${reply.url()}`))
  return { page, complaints }
}

/**
 * What axe finds wrong, one line each. The content policy forbids script tags, so its source is evaluated: once a document,
 * and without a value, since half a megabyte that goes over and axe itself that comes back cost as much as its look.
 */
export async function violations(page: Page): Promise<string[]> {
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(`(() => { ${AXE} })()`)
  return page.evaluate(async (rules) => {
    interface Axe {
      run(
        where: Document,
        options: unknown,
      ): Promise<{ violations: { id: string; nodes: { target: unknown[]; failureSummary?: string }[] }[] }>
    }
    const { axe } = window as unknown as { axe: Axe }
    const found = await axe.run(document, { runOnly: rules, resultTypes: ['violations'] })
    return found.violations.flatMap((v) =>
      v.nodes.map((n) => `${v.id} at ${String(n.target[0])}: ${n.failureSummary ?? ''}`),
    )
  }, RULES)
}

/** How far the page is wider than its window, in pixels. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

/** Builds the dashboard where nobody has yet. */
export async function buildDashboard(): Promise<void> {
  if (existsSync(join(PACKAGE_ROOT, 'dist', 'ui', 'index.html'))) return
  const { build } = await import('vite')
  await build({ root: join(PACKAGE_ROOT, 'ui'), configFile: join(PACKAGE_ROOT, 'vite.config.ts'), logLevel: 'warn' })
}
