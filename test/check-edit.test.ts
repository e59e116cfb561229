/** A check edited as a form: the text changes where the form does, and nowhere else. */
import { describe, expect, it } from 'vitest'
import { edited } from '../server/check/edit.ts'

const TEXT = `# first: a comment
title: Terms differ # why not
why: Late payment.
fix: |
  1. Look.

  2. Act.
kind: agree
of: customer
fields: [payment_terms]
severity: medium
owner: finance-ops
examples: []
`
const after = (set: Parameters<typeof edited>[2], text = TEXT) => edited('own/terms', text, set).yaml

describe('editing a check', () => {
  it('changes one value and keeps every other byte', () => {
    expect(after({ severity: 'high' })).toBe(TEXT.replace('severity: medium', 'severity: high'))
    expect(after({ title: 'A: b' })).toBe(TEXT.replace('title: Terms differ', 'title: "A: b"'))
  })
  it('writes several lines as a block, and one line in its place again', () => {
    expect(after({ fix: 'a\n\nb' })).toBe(TEXT.replace('  1. Look.\n\n  2. Act.\n', '  a\n\n  b\n'))
    expect(after({ fix: 'Just do it.' })).toBe(TEXT.replace('|\n  1. Look.\n\n  2. Act.\n', 'Just do it.\n'))
    expect(edited('own/terms', after({ why: 'x\ny' })).form.why).toBe('x\ny\n')
  })
  it('adds a key before the examples and takes one out', () => {
    expect(after({ window: '4h' })).toBe(TEXT.replace('examples:', 'window: 4h\nexamples:'))
    expect(after({ owner: '' })).toBe(TEXT.replace('owner: finance-ops\n', ''))
    expect(after({ fix: '' })).toBe(TEXT.replace('fix: |\n  1. Look.\n\n  2. Act.\n', ''))
    expect(after({ window: '' })).toBe(TEXT)
  })
  it('shows the form of what is written, and what is wrong with its place', () => {
    const { form, problems } = edited('own/terms', TEXT)
    expect(form).toMatchObject({ title: 'Terms differ', severity: 'medium', window: '', fix: '1. Look.\n\n2. Act.\n' })
    expect(problems.map((p) => [p.line, p.path])).toContainEqual([13, 'examples'])
  })
  it('leaves a text alone that is no YAML', () => {
    expect(after({ title: 'x' }, 'a: [1')).toBe('a: [1')
    expect(edited('own/terms', 'a: [1').problems.length).toBeGreaterThan(0)
  })
})
