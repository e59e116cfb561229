/** What the journeys of the roles do on a page: find a card, walk by Tab, take a step of a plan. */
import type { Locator, Page } from 'playwright-core'

export const h1 = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor()
export const card = (page: Page, title: string | RegExp) =>
  page.locator('main section').filter({ has: page.getByRole('heading', { level: 2, name: title }) })
export const linkIn = (page: Page, title: string, name: RegExp) => card(page, title).getByRole('link', { name }).first()
/** Presses Tab until the element has the focus. */
export async function tabTo(page: Page, wanted: Locator): Promise<void> {
  await wanted.waitFor()
  for (let n = 0; n < 150; n++) {
    if (await wanted.evaluate((node) => node === document.activeElement)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab never came to ${String(wanted)}.`)
}
export const issueOf = (page: Page) => /I-\d+/.exec(page.url())![0]
export const planNumber = (page: Page) => /P-\d+/.exec(page.url())![0]

/** What a step of a plan asks for: its reason, and the password where the last proof is too old. */
export async function step(page: Page, name: string, reason: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).click()
  const dialog = page.locator('dialog[open]')
  await dialog.getByLabel('Why').fill(reason)
  await dialog.getByRole('button', { name, exact: true }).click()
  await dialog.waitFor({ state: 'detached' })
}
