/** The docs: pages made from tables are current, and what prose names exists. */
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import { describe, expect, it } from 'vitest'
import { KINDS } from '../model/kinds.ts'
import { modelPage } from '../model/page.ts'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')

async function isCurrent(file: string, made: string): Promise<void> {
  const path = join(ROOT, file)
  const text = await format(made, { ...(await resolveConfig(path)), filepath: path })
  if (process.env.UPDATE_DOCS) writeFileSync(path, text)
  expect(read(file)).toBe(text)
}

describe('the docs', () => {
  it('describe the model as it is', async () => {
    await isCurrent('docs/model.md', modelPage())
    expect(KINDS.every((k) => modelPage().includes(`## ${k.name}`))).toBe(true)
  })

  it('link only to files that exist, and name only scripts that exist', () => {
    const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts)
    const pages = [
      'README.md',
      'CONTRIBUTING.md',
      ...readdirSync(join(ROOT, 'docs'))
        .filter((f) => f.endsWith('.md'))
        .map((f) => `docs/${f}`),
    ]
    for (const page of pages) {
      const text = read(page)
      for (const [, target] of text.matchAll(/\]\((?!https?:|#)([^)#]+)/g))
        expect(existsSync(join(ROOT, dirname(page), target!)), `${page} → ${target}`).toBe(true)
      for (const [, script] of text.matchAll(/npm run (?:--silent )?([\w:]+)/g))
        expect(scripts, `${page} names npm run ${script}`).toContain(script)
    }
  })

  it('give every shipped connector a README with its limits and what is unverified', () => {
    for (const name of readdirSync(join(ROOT, 'connectors'), { withFileTypes: true })
      .filter((d) => d.isDirectory())
      .map((d) => d.name)) {
      const text = read(`connectors/${name}/README.md`)
      for (const word of [/limit/i, /unverified|not verified/i])
        expect(text, `connectors/${name}/README.md`).toMatch(word)
    }
  })

  it('name no package registry, no path of a machine', () => {
    const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'docs/decisions.md', 'package.json']
    for (const page of pages) expect(read(page)).not.toMatch(/registry\.|\/home\/|\/root\/|\/work\//)
  })
})
