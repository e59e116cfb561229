/** Reading checks: what a check file may say, and what is told of one that is wrong. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { loadChecks, readCheck, readChecks, shippedChecks, toleranceOf } from '../server/check/read.ts'

const folders: string[] = []
function folder(files: Record<string, string>): string {
  const path = mkdtempSync(join(tmpdir(), 'plumbline-checks-'))
  folders.push(path)
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true })
    writeFileSync(join(path, name), text)
  }
  return path
}
afterEach(() => folders.splice(0).forEach((f) => rmSync(f, { recursive: true, force: true })))

const plain = { checks: { folders: [], disable: [] as string[], override: {} } }

const GOOD = `title: Names differ
why: Letters go astray.
fix: Send it again.
kind: agree
severity: low
owner: sales
of: customer
fields: [name]
examples:
  - { name: same, at: 2026-11-20T12:00:00Z, platforms: { crm: { role: crm } }, records: [], findings: [] }
  - { name: other, at: 2026-11-20T12:00:00Z, platforms: { crm: { role: crm } }, records: [], findings: [{ field: name }] }
`

describe('a check file', () => {
  it('has its path as its id, below any depth of folders', () => {
    expect(loadChecks([folder({ 'a/b/names.yaml': GOOD })], plain).map((c) => c.id)).toEqual(['a/b/names'])
  })

  it('tells all its problems at once, with line and the nearest valid key', () => {
    const text = GOOD.replace('severity: low', 'severty: low').replace('fields: [name]', 'fields: [nmae, bill_to.*]')
    const { check, problems } = readCheck('names.yaml', 'names', text, undefined)
    expect(check).toBeNull()
    expect(problems.map((p) => [p.line, p.path, p.message, p.suggestion])).toEqual([
      [1, 'severity', 'this key is missing', undefined],
      [5, 'severty', 'unknown key', 'severity'],
    ])
    const fields = readCheck(
      'names.yaml',
      'names',
      GOOD.replace('fields: [name]', 'fields: [nmae, bill_to.*]'),
      undefined,
    ).problems
    expect(fields.map((p) => [p.line, p.path])).toEqual([[8, 'fields[0]']])
    expect(fields[0]!.message).toContain('did you mean "name"')
  })

  it('names the kinds there are when its own is unknown', () => {
    const [problem] = readCheck('x.yaml', 'x', GOOD.replace('kind: agree', 'kind: agreee'), undefined).problems
    expect(problem).toMatchObject({ path: 'kind', suggestion: 'agree' })
  })

  it('must show both an example that finds nothing and one that finds something', () => {
    const [problem] = readCheck('x.yaml', 'x', GOOD.replace('[{ field: name }]', '[]'), undefined).problems
    expect(problem!.message).toBe('give an example that finds something')
  })

  it('is replaced by one of the same path in a later folder', () => {
    const checks = loadChecks(
      [folder({ 'names.yaml': GOOD }), folder({ 'names.yaml': GOOD.replace('owner: sales', 'owner: data') })],
      plain,
    )
    expect(checks.map((c) => c.owner)).toEqual(['data'])
  })
})

describe('the configuration', () => {
  it('overrides severity, window, owner and tolerance, and gives the check another version', () => {
    const path = folder({ 'names.yaml': GOOD })
    const [before] = loadChecks([path], plain)
    const [after] = loadChecks([path], {
      checks: {
        folders: [],
        disable: [],
        override: { names: { severity: 'critical', window: '2h', owner: 'ops', tolerance: '1%' } },
      },
    })
    expect(after).toMatchObject({
      severity: 'critical',
      windowMs: 7_200_000,
      owner: 'ops',
      tolerance: { kind: 'percent', percent: '1' },
    })
    expect(after!.version).not.toBe(before!.version)
  })

  it('says who must have a record, of two of a role each, and refuses it where a check asks nobody', () => {
    const must = GOOD.replace('agree', 'exist')
      .replace('fields: [name]', 'on: [crm]')
      .replace('field: name', 'platform: crm')
    const read = (text: string) =>
      readChecks([folder({ 'names.yaml': text })], {
        checks: { folders: [], disable: [], override: { names: { on: ['east', 'west'] } } },
      })
    expect(read(must).checks[0]?.params).toMatchObject({ of: 'customer', on: ['east', 'west'] })
    expect(read(GOOD).problems.map((p) => p.message)).toContain('it has no `on` that the configuration could override')
  })

  it('switches a check off, and says so when it names one that does not exist', () => {
    const path = folder({ 'names.yaml': GOOD })
    expect(loadChecks([path], { checks: { folders: [], disable: ['names'], override: {} } })).toEqual([])
    const { problems } = readChecks([path], { checks: { folders: [], disable: ['name'], override: {} } })
    expect(problems).toMatchObject([{ path: 'checks.disable', suggestion: 'names' }])
  })

  it('throws one error that lists the problems of all files', () => {
    const path = folder({ 'a.yaml': 'title: x', 'b.yaml': ': :' })
    expect(() => loadChecks([path], plain)).toThrow(/a\.yaml:1[\s\S]*b\.yaml:1/)
  })
})

describe('the shipped checks', () => {
  it('can all be read', () => {
    expect(loadChecks([shippedChecks()], plain).length).toBeGreaterThan(5)
  })
})

describe('a tolerance', () => {
  it.each([
    ['0.01', { kind: 'absolute', amount: '0.01' }],
    ['2%', { kind: 'percent', percent: '2' }],
    ['1d', { kind: 'days', days: 1 }],
    ['one', null],
    ['1.5d', null],
  ])('%s', (text, expected) => expect(toleranceOf(text)).toEqual(expected))
})
