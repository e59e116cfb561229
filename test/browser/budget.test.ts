import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { PACKAGE_ROOT } from '../../server/version.ts'
import { languages } from '../../ui/words/catalogue.ts'
import { buildDashboard } from './browser.ts'

const KB = 1024
const folder = join(PACKAGE_ROOT, 'dist', 'ui')
/** The page of each language: every language is a build of its own. */
const pages = new Map<string, string>()
const weights = new Map<string, number>()
const ofKind = (end: string) => [...weights].filter(([name]) => name.endsWith(end))

beforeAll(async () => {
  await buildDashboard()
  for (const language of ['en', ...languages()])
    pages.set(language, readFileSync(join(folder, language === 'en' ? 'index.html' : `index.${language}.html`), 'utf8'))
  for (const name of readdirSync(join(folder, 'assets')))
    weights.set(name, gzipSync(readFileSync(join(folder, 'assets', name))).length)
})

describe('the weight of the dashboard', () => {
  it('loads at most 60 KB of script for the shell and the overview', () => {
    expect(pages.size).toBeGreaterThan(1)
    for (const [language, page] of pages) {
      const first = ofKind('.js').filter(([name]) => page.includes(name))
      expect(first.length).toBeGreaterThan(0)
      expect(
        first.reduce((sum, [, bytes]) => sum + bytes, 0),
        language,
      ).toBeLessThanOrEqual(60 * KB)
    }
  })

  it('loads at most 20 KB for each further chunk', () => {
    const first = [...pages.values()].join()
    const heavy = ofKind('.js').filter(([name, bytes]) => !first.includes(name) && bytes > 20 * KB)
    expect(heavy).toEqual([])
  })

  it('has at most 12 KB of style sheets and no font', () => {
    expect(ofKind('.css').reduce((sum, [, bytes]) => sum + bytes, 0)).toBeLessThanOrEqual(12 * KB)
    expect(ofKind('.woff2')).toEqual([])
  })

  it('carries neither the server’s schemas nor anything that its content policy forbids', () => {
    for (const [name] of ofKind('.js'))
      expect(readFileSync(join(folder, 'assets', name), 'utf8')).not.toMatch(/ZodError|\$ZodType|new Function\(/)
    for (const page of pages.values()) expect(page).not.toMatch(/<script(?![^>]*src=)|<style|\son\w+=|style="/)
    expect(existsSync(join(folder, 'theme.js'))).toBe(true)
  })
})
