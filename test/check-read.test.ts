/** Reading checks: what a check file may say, and what is told of one that is wrong. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { guidanceIn } from '../server/check/runbooks.ts'
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

describe('why and runbook in another language', () => {
  const STEPS = GOOD.replace('fix: Send it again.', 'fix: |\n  First:\n\n  1. Look at it\n     twice.\n  2. Send it.')
  const german = (words: string) => readChecks([folder({ 'a/names.yaml': STEPS, 'a/runbooks.de.yaml': words })], plain)

  it('stand beside the check, take the place of its steps alone, and leave the check as it is', () => {
    const { checks, problems } = german('names:\n  why: Briefe gehen fehl.\n  fix: [Ansehen., Senden.]\n')
    expect(problems).toEqual([])
    expect(guidanceIn('de', checks[0]!)).toEqual({
      why: 'Briefe gehen fehl.',
      fix: 'First:\n\n1. Ansehen.\n2. Senden.',
    })
    expect(guidanceIn('en', checks[0]!)).toMatchObject({ why: 'Letters go astray.' })
    expect(checks[0]!.version).toBe(german('').checks[0]!.version)
  })

  it('are not missed where nobody wrote them', () => {
    const { checks, problems } = german('# none yet')
    expect(problems).toEqual([])
    expect(guidanceIn('de', checks[0]!)).toEqual({ why: 'Letters go astray.', fix: checks[0]!.fix })
  })

  it('are refused with file and line where a step is missing, a check is not there, or something else is written', () => {
    const told = (words: string) => german(words).problems.map((p) => [p.line, p.path, p.message, p.suggestion])
    expect(told('names:\n  why: Darum.\n  fix:\n    - Alles auf einmal.\n')).toEqual([
      [4, 'names.fix', 'steps here: 1, in the check: 2; translate each by itself, in its order', undefined],
    ])
    expect(told('nams:\n  why: Darum.\n  fix: [Eins, Zwei]\n')).toEqual([
      [1, 'nams', 'there is no check "a/nams"', 'a/names'],
    ])
    expect(told('names: Darum.\n')).toEqual([
      [1, 'names', 'write `why` as a text and `fix` as a list of steps, nothing else', undefined],
    ])
  })

  it('are not taken over by a check that a later folder puts in the place of the one they are of', () => {
    const first = folder({ 'a/names.yaml': STEPS, 'a/runbooks.de.yaml': 'names: { why: Darum., fix: [Eins, Zwei] }' })
    const own = folder({ 'a/names.yaml': GOOD.replace('Letters go astray.', 'We say so.') })
    const [check] = loadChecks([first, own], plain)
    expect(guidanceIn('de', check!)).toEqual({ why: 'We say so.', fix: 'Send it again.' })
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
