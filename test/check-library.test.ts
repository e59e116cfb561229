/** The shipped checks as a whole: every owned field is compared once, and the page about them is up to date. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { GERMAN_FIELDS, GERMAN_KINDS } from '../model/german.ts'
import { KINDS } from '../model/kinds.ts'
import { runbookSteps } from '../model/runbook.ts'
import { checksPage } from '../server/check/document-page.ts'
import { compared } from '../server/check/kinds/agree.ts'
import { CHECK_KINDS } from '../server/check/kinds.ts'
import { loadChecks, readChecks, shippedChecks } from '../server/check/read.ts'

const checks = loadChecks([shippedChecks()], { checks: { folders: [], disable: [], override: {} } })
const agreeing = checks.filter((c) => c.kind === 'agree')

/** Fields that say something about the record on its own platform and are not meant to be equal anywhere else. */
const NOT_COMPARED = new Set(['customer.role', 'line.state'])

describe('the shipped checks', () => {
  it('compare every owned field in exactly one agree check', () => {
    const covered = new Map<string, string[]>()
    for (const check of agreeing) {
      const params = check.params as { of: string; fields: string[]; except: string[] }
      for (const field of compared(params))
        covered.set(`${params.of}.${field.name}`, [...(covered.get(`${params.of}.${field.name}`) ?? []), check.id])
    }
    const twice = [...covered].filter(([, ids]) => ids.length > 1)
    expect(twice).toEqual([])
    const all = KINDS.flatMap((kind) => kind.fields.map((f) => `${kind.name}.${f.name}`))
    expect(all.filter((name) => !covered.has(name) && !NOT_COMPARED.has(name))).toEqual([])
  })

  it('are at least 25, with an owner team and a runbook each', () => {
    expect(checks.length).toBeGreaterThanOrEqual(25)
    for (const check of checks) expect(check.owner !== '' && check.fix.startsWith('1.'), check.id).toBe(true)
  })

  it('bear titles of which no two are the same', () => {
    expect(new Set(checks.map((c) => c.title)).size).toBe(checks.length)
  })

  it('have a German title each, of which no two are the same', () => {
    expect(checks.filter((c) => !c.titles?.de).map((c) => c.id)).toEqual([])
    expect(new Set(checks.map((c) => c.titles!.de)).size).toBe(checks.length)
    expect(checks.filter((c) => c.titles!.de === c.title).map((c) => c.id)).toEqual([])
  })

  it('say why and what to do in German too, step for step', () => {
    // Names the file that lacks them: a check without German words works, and is read in English.
    const fileOf = (id: string) =>
      `checks/${id.slice(0, id.lastIndexOf('/'))}/runbooks.de.yaml: ${id.split('/').at(-1)}`
    expect(checks.filter((c) => !c.guidance?.de).map((c) => fileOf(c.id))).toEqual([])
    const code = (text: string) => [...text.matchAll(/`[^`]+`/g)].map(String)
    for (const { id, why, fix, guidance } of checks) {
      const german = guidance!.de!
      const [ours, theirs] = [runbookSteps(fix), runbookSteps(german.fix)]
      expect(theirs.length, id).toBe(ours.length)
      expect(
        theirs.filter((step, i) => step.says === ours[i]!.says || /^\d/.test(step.says)),
        id,
      ).toEqual([])
      expect(german.why, id).not.toBe(why)
      // What is typed is typed the same.
      expect(code(`${german.why} ${german.fix}`), id).toEqual(code(`${why} ${fix}`))
    }
  })

  it('compare kinds and fields that have a German name each', () => {
    const labels = new Set(KINDS.flatMap((k) => k.fields.map((f) => f.label)))
    expect([...labels].filter((label) => !GERMAN_FIELDS[label])).toEqual([])
    expect(KINDS.filter((k) => !GERMAN_KINDS[k.name]).map((k) => k.name)).toEqual([])
    // None for what is there no more.
    expect(Object.keys(GERMAN_FIELDS).filter((label) => !labels.has(label))).toEqual([])
  })

  it('say where a title is of no check, with the one that was meant', () => {
    const folder = mkdtempSync(join(tmpdir(), 'plumbline-titles-'))
    writeFileSync(join(folder, 'titles.de.yaml'), 'renewal/renewall: Eine Verlängerung weicht ab\n')
    const { problems } = readChecks([shippedChecks(), folder], { checks: { folders: [], disable: [], override: {} } })
    expect(problems).toMatchObject([
      { line: 1, message: 'there is no check "renewal/renewall"', suggestion: 'renewal/renewal' },
    ])
    rmSync(folder, { recursive: true })
  })

  it('are described by docs/checks.md as they are', () => {
    const file = new URL('../docs/checks.md', import.meta.url)
    const page = checksPage(checks, CHECK_KINDS)
    if (process.env['UPDATE_DOCS']) writeFileSync(file, page)
    expect(readFileSync(file, 'utf8')).toBe(page)
  })
})
