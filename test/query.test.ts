/** The query language: what it reads, how it says what it does not understand, and what its terms find in the control store. */
import { afterAll, describe, expect, it } from 'vitest'
import { readQuery, type Part } from '../model/query.ts'
import { LISTS, VOCABULARIES } from '../model/vocabularies.ts'
import { exceptionTerms } from '../server/api/lists/exceptions.ts'
import { amountsText, type ListTable } from '../server/api/lists/list.ts'
import { listCsv, listMarkdown } from '../server/api/lists/write.ts'
import { partsOf } from '../server/api/search.ts'
import { PlumblineError } from '../server/errors.ts'
import { openControl } from '../server/store/control/sqlite.ts'

const NOW = Date.parse('2026-11-20T12:00:00Z')
const parts = (q: string): Part[] => {
  const read = readQuery(q, VOCABULARIES.issues)
  if ('misread' in read) throw new Error(read.misread.shown)
  return read.parts
}
const said = (q: string, list: (typeof LISTS)[number] = 'issues'): string => {
  try {
    partsOf(q, VOCABULARIES[list])
  } catch (thrown) {
    return thrown instanceof PlumblineError ? `${thrown.message} ${thrown.remedy}` : String(thrown)
  }
  return 'understood'
}

describe('the query language', () => {
  it('reads values, alternatives, negation, bounds, ranges, spans, quotes and words', () => {
    expect(parts('is:open -sev:low,medium money:100..2500.50 age:>7d pair:"crm>net suite" "acme ag" bank')).toEqual([
      { in: 'is', word: 'open', not: false },
      { in: 'value', key: 'severity', values: ['low', 'medium'], not: true },
      { in: 'number', key: 'money', bound: { op: '..', from: '100', to: '2500.50' }, not: false },
      { in: 'span', key: 'age', bound: { op: '>', than: '7d' }, not: false },
      { in: 'value', key: 'pair', values: ['crm>net suite'], not: false },
      { in: 'words', words: ['acme ag', 'bank'] },
    ])
  })
  it.each([
    ['sevv:high', '"sevv:" is not understood. Did you mean "sev"?'],
    ['is:opne', '"is:opne" is not understood. Did you mean "open"?'],
    ['sev:hihg', '"sev:hihg" is not understood. Did you mean "high"?'],
    ['money:lots', '"money:lots" is not understood. Write money:>1000, money:<500 or money:100..500: at risk'],
    ['age:>week', '"age:>week" is not understood. Write age:>7d, age:<12h or age:1d..7d'],
  ])('says of %s what is wrong and what to write', (q, words) => {
    expect(said(q)).toContain(words)
  })
  it('is the same language for every list, with words of its own', () => {
    for (const list of LISTS) expect(said('colour:red', list)).toMatch(/^"colour:" is not understood\. Known: is, /)
    expect(said('class:auth conn:billing is:waiting', 'exceptions')).toBe('understood')
    expect(said('class:auth', 'issues')).toContain('is not understood')
    expect(said('platforms:<2 -platform:erp', 'customers')).toBe('understood')
    expect(said('is:for-me records:>10', 'remediations')).toBe('understood')
  })
})

describe('exceptions by a search', () => {
  const control = openControl(':memory:')
  afterAll(() => control.close())
  const put = (n: number, more: object, at = NOW) =>
    control.putExceptions(
      [
        {
          ...{ source: 'dead_letter', sourceKey: `k${n}`, class: 'timeout', business: false, fingerprint: `f${n % 2}` },
          ...{ platform: 'crm', target: 'billing', kind: 'customer', recordId: `R${n}`, entityId: null, eventId: null },
          ...{
            correlationId: null,
            eventAt: null,
            reason: 'took too long',
            payload: null,
            exchange: null,
            money: null,
          },
          ...{
            currency: null,
            priority: 'low',
            ownerTeam: null,
            nextAt: null,
            replayUntil: null,
            via: null,
            run: null,
          },
          ...more,
        },
      ] as Parameters<typeof control.putExceptions>[0],
      at,
    )
  put(1, { money: '900', currency: 'EUR' }, NOW - 8 * 86_400_000)
  put(2, { class: 'auth', reason: 'key was rejected', ownerTeam: 'ops', money: '1500.5', currency: 'EUR' })
  put(3, { target: 'erp', business: true, priority: 'high' })
  control.workException(3, { state: 'resolved' })
  const found = (q: string) =>
    control
      .exceptions({ terms: exceptionTerms(q, { me: 'ada@kranich.example', now: NOW }), limit: 10 })
      .map((e) => e.sourceKey)
      .sort()

  it.each([
    ['', ['k1', 'k2', 'k3']],
    ['is:waiting', ['k1', 'k2']],
    ['-is:waiting', ['k3']],
    ['is:business', ['k3']],
    ['class:auth', ['k2']],
    ['-class:auth is:waiting', ['k1']],
    ['target:billing,erp money:>1000', ['k2']],
    ['money:100..900', ['k1']],
    ['-money:>1000', ['k1', 'k3']],
    ['age:>7d', ['k1']],
    ['age:<1d', ['k2', 'k3']],
    ['is:unassigned', ['k1', 'k3']],
    ['REJECTED key', ['k2']],
    ['record:R1', ['k1']],
    ["record:x'or'1", []],
  ])('finds by %j', (q, keys) => {
    expect(found(q)).toEqual(keys)
    expect(control.exceptionsThat(exceptionTerms(q, { me: 'x', now: NOW }))).toBe(keys.length)
  })
  it('groups what the search lets through', () => {
    const groups = control.exceptionGroups(10, exceptionTerms('is:waiting', { me: 'x', now: NOW }))
    expect(groups.map((g) => [g.fingerprint, g.n])).toEqual([
      ['f0', 1],
      ['f1', 1],
    ])
    expect(control.exceptionGroups(10)).toEqual(groups)
  })
})

describe('a list written down', () => {
  const table: ListTable = {
    ...{ list: 'issues', title: 'Issues', query: 'is:open', as_of: '2026-11-20T12:00:00.000Z', total: 3 },
    columns: ['Issue', 'What'],
    rows: [
      { href: '/issues/I-1', cells: ['I-1', '=HYPERLINK("x") a|b'] },
      { href: '/issues/I-2', cells: ['I-2', null] },
    ],
  }
  it('goes into a ticket with links, its scope and nothing that breaks the table', () => {
    expect(listMarkdown(table, 'https://p.example')).toBe(
      '**Issues** `is:open`: 2 of 3, as of 2026-11-20T12:00:00.000Z\n\n| Issue | What |\n| --- | --- |\n' +
        '| [I-1](https://p.example/issues/I-1) | =HYPERLINK("x") a\\|b |\n| [I-2](https://p.example/issues/I-2) |  |\n',
    )
  })
  it('goes into a spreadsheet with guarded cells', () => {
    expect(listCsv(table, 'https://p.example')).toBe(
      '\ufeff"Issue","What","Link"\r\n"I-1","\'=HYPERLINK(""x"") a|b","https://p.example/issues/I-1"\r\n"I-2",,"https://p.example/issues/I-2"\r\n',
    )
  })
  it('keeps currencies apart', () => {
    expect(amountsText({ EUR: '12.5', CHF: '3' })).toBe('CHF 3 + EUR 12.5')
    expect(amountsText({})).toBeNull()
  })
})
