/** Mistakes in the configuration: all of them at once, each with its place and the nearest name. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadConfig, loadText, required } from '../server/config/load.ts'
import { nearest } from '../server/config/nearest.ts'
import { formatProblems } from '../server/config/problem.ts'
import { validate } from '../server/config/validate.ts'
import { PlumblineError } from '../server/errors.ts'
import { PAPER_CONNECTORS } from './world/paper-connectors.ts'

const folder = fileURLToPath(new URL('configs', import.meta.url))
const SECRET = 'hunter-two'
const options = {
  env: { ERP_TOKEN: SECRET, EMPTY: '' },
  connectors: PAPER_CONNECTORS,
  checks: ['customer-master/credit-hold'],
}

/** What the file itself says after `# Expected:`. */
function expected(file: string): string[] {
  const [, after = ''] = readFileSync(file, 'utf8').split('\n# Expected:\n')
  return after
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/^# /, ''))
}

describe('a configuration with a mistake', () => {
  it.each(readdirSync(folder).filter((f) => f.endsWith('.yaml')))('%s is told as the file says', (name) => {
    const { problems } = loadConfig(join(folder, name), options)
    const told = formatProblems(problems)
      .replaceAll(folder + '/', '')
      .split('\n')
    expect(told).toEqual(expected(join(folder, name)))
    expect(problems.length).toBeGreaterThan(0)
  })

  it('is no configuration: there is nothing to go on with', () => {
    const loaded = loadConfig(join(folder, 'unknown-role.yaml'), options)
    expect(loaded).toMatchObject({ config: null, landscape: null })
    expect(() => required(loaded)).toThrow(PlumblineError)
  })

  it('never repeats a secret, whatever else is wrong', () => {
    for (const name of readdirSync(folder).filter((f) => f.endsWith('.yaml')))
      expect(formatProblems(loadConfig(join(folder, name), options).problems)).not.toContain(SECRET)
  })

  it('that does not exist says what to do', () => {
    const { problems } = loadConfig(join(folder, 'none.yaml'), options)
    expect(formatProblems(problems)).toBe(
      `${join(folder, 'none.yaml')}:1:1 does not exist; copy plumbline.example.yaml or name another file with --config`,
    )
  })

  it('tells an empty variable apart from a missing one', () => {
    const { problems } = loadText('p.yaml', 'company: ${ENV:EMPTY}\n', options)
    expect(formatProblems(problems)).toBe('p.yaml:1:10 company: the environment variable EMPTY is empty')
  })

  it('names CLICKHOUSE_URL when that is what is wrong', () => {
    const { problems } = loadText('p.yaml', '', { ...options, clickhouseUrl: 'not an address' })
    expect(formatProblems(problems)).toContain('CLICKHOUSE_URL is no address')
  })

  it('is refused as a whole when it is no file of text', () => {
    const { problems } = loadConfig(folder, options)
    expect(formatProblems(problems)).toContain('cannot be read')
  })
})

describe('validate', () => {
  it('exits with 2 and counts what must be corrected', () => {
    const { code, text } = validate(join(folder, 'unknown-key.yaml'), options)
    expect(code).toBe(2)
    expect(text.split('\n').at(-1)).toBe(`${join(folder, 'unknown-key.yaml')}: 2 problems`)
  })

  it('exits with 0 on warnings alone', () => {
    const { code, text } = validate(join(folder, 'overlapping-scopes.yaml'), options)
    expect(code).toBe(0)
    expect(text.split('\n').at(-1)).toContain('good: 5 platforms, 2 warnings')
  })

  it('counts what others found in files that belong to it', () => {
    const other = {
      level: 'error',
      file: 'checks/a.yaml',
      line: 3,
      column: 1,
      path: 'kind',
      message: 'is missing',
    } as const
    const { code, text } = validate(join(folder, 'overlapping-scopes.yaml'), options, [other])
    expect(code).toBe(2)
    expect(text).toContain('checks/a.yaml:3:1 kind: is missing')
  })
})

describe('any text at all', () => {
  it('is read or refused, never a crash, and every problem has a place in it', () => {
    const sample = readFileSync(join(dirname(folder), '../plumbline.example.yaml'), 'utf8')
    const damaged = fc
      .tuple(
        fc.nat(sample.length),
        fc.nat(40),
        fc.constantFrom('', '\n', '\t', ': ', '- ', '[', '}', '"', '*x', '&x ', 'null', '{a: 1}', '? ', '!!set '),
      )
      .map(([at, cut, put]) => sample.slice(0, at) + put + sample.slice(at + cut))
    fc.assert(
      fc.property(fc.oneof({ weight: 4, arbitrary: damaged }, fc.string()), (text) => {
        const { config, problems } = loadText('p.yaml', text, options)
        expect(config !== null).toBe(!problems.some((p) => p.level === 'error'))
        for (const p of problems) {
          expect(p.line).toBeGreaterThanOrEqual(1)
          expect(p.line).toBeLessThanOrEqual(text.split('\n').length + 1)
          expect(p.message).not.toMatch(/undefined|\[object/)
        }
      }),
      { numRuns: 150 },
    )
  }, 60_000)
})

describe('the nearest name', () => {
  it.each([
    ['conector', 'connector'],
    ['epr', 'erp'],
    ['Credit-Hold', 'credit_hold'],
    ['taxid', 'tax_id'],
    ['xyz', undefined],
    ['', undefined],
  ])('of %j is %j', (written, name) => {
    expect(nearest(written, ['connector', 'erp', 'credit_hold', 'tax_id', 'billing'])).toBe(name)
  })
})
