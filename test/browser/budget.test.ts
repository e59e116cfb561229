import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { PACKAGE_ROOT } from '../../server/version.ts'
import { buildDashboard } from './browser.ts'

const KB = 1024
const folder = join(PACKAGE_ROOT, 'dist', 'ui')
let index = ''
const weights = new Map<string, number>()
const ofKind = (end: string) => [...weights].filter(([name]) => name.endsWith(end))

beforeAll(async () => {
  await buildDashboard()
  index = readFileSync(join(folder, 'index.html'), 'utf8')
  for (const name of readdirSync(join(folder, 'assets')))
    weights.set(name, gzipSync(readFileSync(join(folder, 'assets', name))).length)
})

describe('the weight of the dashboard', () => {
  it('loads at most 60 KB of script for the shell and the overview', () => {
    const first = ofKind('.js').filter(([name]) => index.includes(name))
    expect(first.length).toBeGreaterThan(0)
    expect(first.reduce((sum, [, bytes]) => sum + bytes, 0)).toBeLessThanOrEqual(60 * KB)
  })

  it('loads at most 20 KB for each further chunk', () => {
    const heavy = ofKind('.js').filter(([name, bytes]) => !index.includes(name) && bytes > 20 * KB)
    expect(heavy).toEqual([])
  })

  it('has at most 12 KB of style sheets and no font', () => {
    expect(ofKind('.css').reduce((sum, [, bytes]) => sum + bytes, 0)).toBeLessThanOrEqual(12 * KB)
    expect(ofKind('.woff2')).toEqual([])
  })

  it('carries neither the server’s schemas nor anything that its content policy forbids', () => {
    for (const [name] of ofKind('.js'))
      expect(readFileSync(join(folder, 'assets', name), 'utf8')).not.toMatch(/ZodError|\$ZodType|new Function\(/)
    expect(index).not.toMatch(/<script(?![^>]*src=)|<style|\son\w+=|style="/)
    expect(existsSync(join(folder, 'theme.js'))).toBe(true)
  })
})
