/** What people write into the dashboard: searches, runbooks, and the Markdown that goes out to tickets. */
import { describe, expect, it } from 'vitest'
import { LISTS, VOCABULARIES } from '../model/vocabularies.ts'
import { partsOf } from '../server/api/search.ts'
import { completionsOf, culprit, toggled, without } from '../ui/show/grammar.ts'
import { blocksOf, spansOf } from '../ui/show/markdown.ts'
import { VIEWS } from '../ui/show/views.ts'

const ISSUES = VOCABULARIES.issues

describe('the search box', () => {
  it('offers views that every list understands', () => {
    for (const list of LISTS) for (const v of VIEWS[list]) expect(partsOf(v.q, VOCABULARIES[list])).not.toEqual([])
  })
  it('completes the word at the cursor and keeps the rest', () => {
    expect(completionsOf('se', 2, ISSUES)).toEqual([
      { text: 'sev:', query: 'sev:' },
      { text: 'severity:', query: 'severity:' },
    ])
    expect(completionsOf('age:>', 5, ISSUES).map((c) => c.text)).toContain('age:>7d')
    expect(completionsOf('sev:c', 5, ISSUES)).toEqual([{ text: 'sev:critical', query: 'sev:critical ' }])
    expect(completionsOf('is:reg bank', 6, ISSUES)).toEqual([{ text: 'is:regressed', query: 'is:regressed bank' }])
    expect(completionsOf('-team:fi', 8, ISSUES, { team: ['finance ops'] })).toEqual([
      { text: '-team:"finance ops"', query: '-team:"finance ops" ' },
    ])
    expect(completionsOf('', 0, ISSUES)).toEqual([])
  })
  it('adds and takes away a value of a facet', () => {
    expect(toggled('is:open', 'sev', 'high')).toBe('is:open sev:high')
    expect(toggled('is:open sev:high', 'sev', 'critical')).toBe('is:open sev:high,critical')
    expect(toggled('is:open sev:high', 'sev', 'high')).toBe('is:open')
    expect(toggled('', 'team', 'finance ops')).toBe('team:"finance ops"')
  })
  it('finds the part that the server did not understand', () => {
    expect(culprit('is:open sevv:high', '"sevv:" is not understood.')).toBe('sevv:high')
    expect(culprit('money:lots', '"money:lots" is not understood.')).toBe('money:lots')
    expect(without('is:open sevv:high bank', 'sevv:high')).toBe('is:open bank')
  })
})

describe('Markdown of a runbook', () => {
  it('reads headings, paragraphs, lists and code', () => {
    expect(
      blocksOf('# A\n\nOne\ntwo.\n\n1. First\n   goes on\n2. Second\n\n- x\n\n```\nselect 1\n```').map((b) => b.is),
    ).toEqual(['heading', 'paragraph', 'list', 'list', 'code'])
    const list = blocksOf('1. First\n   goes on\n2. Second')[0]
    expect(list).toMatchObject({ ordered: true, items: [[{ text: 'First goes on' }], [{ text: 'Second' }]] })
  })
  it('makes links of ordinary addresses only', () => {
    expect(spansOf('[a](https://example.com/x)')).toEqual([{ is: 'link', text: 'a', href: 'https://example.com/x' }])
    for (const href of ['javascript:alert`1`', 'data:text/html,x', '//evil.example', 'vbscript:x'])
      expect(spansOf(`[a](${href})`)).toEqual([{ is: 'text', text: 'a' }])
  })
  it('keeps markup of any other kind as plain text', () => {
    expect(spansOf('<img src=x onerror=alert(1)> **b** `c` *d* snake_case 2*3*4')).toEqual([
      { is: 'text', text: '<img src=x onerror=alert(1)> ' },
      { is: 'strong', text: 'b' },
      { is: 'text', text: ' ' },
      { is: 'code', text: 'c' },
      { is: 'text', text: ' ' },
      { is: 'em', text: 'd' },
      { is: 'text', text: ' snake_case 2*3*4' },
    ])
  })
})
