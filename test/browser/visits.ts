/** The dashboard of a running product in a browser: one page that signed in by the printed link, or a page of its own for each visit. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import type { Running } from '../../server/main.ts'
import { launch, open, overflow, violations } from './browser.ts'

export interface Visits {
  /** A signed-in page of its own at an address, once its heading is there. */
  visit(path: string, heading: string | RegExp, options?: BrowserContextOptions): Promise<Page>
  /** What the pages complained about so far: on their way to the heading and after it. */
  complaints: string[]
  end(): Promise<void>
}

/** @param cookie name and value of the session’s cookie */
export async function visits(url: string, cookie: string, timeoutMs?: number): Promise<Visits> {
  const browser = await launch()
  const complaints: string[] = []
  const [name = '', value = ''] = cookie.split('=')
  return {
    async visit(path, heading, options) {
      const { page } = await open(browser, options, complaints)
      if (timeoutMs !== undefined) page.setDefaultTimeout(timeoutMs)
      await page.context().addCookies([{ name, value, url }])
      await page.goto(url + path)
      await headed(page, heading)
      return page
    },
    complaints,
    end: () => browser.close(),
  }
}

export interface OnePage {
  browser: Browser
  page: Page
  /** The same page at another address, once its heading is there. */
  visit(path: string, heading: string | RegExp): Promise<void>
  complaints: string[]
  end(): Promise<void>
}

/** Signs in as the first administrator and waits for the overview. */
export async function onePage(running: Running): Promise<OnePage> {
  const browser = await launch()
  const { page, complaints } = await open(browser)
  await page.goto(running.signInLink!)
  await headed(page, 'Overview')
  return {
    browser,
    page,
    async visit(path, heading) {
      await page.goto(running.url + path)
      await headed(page, heading)
    },
    complaints,
    end: () => browser.close(),
  }
}

const headed = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor()

/** A picture for people to look at, where SCREENS names a folder for them. */
export async function pictured(page: Page, name: string): Promise<void> {
  const folder = process.env['SCREENS']
  if (folder) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true })
}

const NARROW = 600

/**
 * What somebody cannot read of a page by day or by night, in words. It is loaded once, by day on a wide screen and by night on
 * a narrow one, and changes its theme where it stands: loading it takes longer than looking at it.
 * @param name of its pictures
 * @param arrive loads it and waits until it stands
 */
export async function unreadable(
  page: Page,
  name: string,
  width: number,
  arrive: () => Promise<void>,
): Promise<string[]> {
  const themes = width > NARROW ? (['light', 'dark'] as const) : (['dark', 'light'] as const)
  await page.setViewportSize({ width, height: 900 })
  await page.emulateMedia({ colorScheme: themes[0] })
  await arrive()
  const found: string[] = []
  for (const colorScheme of themes) {
    await page.emulateMedia({ colorScheme })
    const past = await overflow(page)
    if (past > 0) found.push(`${name} at ${width}, ${colorScheme}: ${past} pixels do not fit`)
    found.push(...(await violations(page)).map((v) => `${name} at ${width}, ${colorScheme}: ${v}`))
    await pictured(page, `${name}-${width}-${colorScheme}`)
  }
  return found
}
