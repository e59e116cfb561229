import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cluster, type Clustering, type Node } from '../server/identify/cluster.ts'

const RULES = { kind: 'customer', keyNames: ['tax_id', 'registration_number', 'domain', 'email'], strong: [0, 1] }

function node(
  platform: string,
  record_id: string,
  more: Partial<Omit<Node, 'keys'>> & { tax?: string; reg?: string; domain?: string; email?: string } = {},
): Node {
  const { tax = null, reg = null, domain = null, email = null, ...rest } = more
  return {
    platform,
    record_id,
    entity: null,
    refs: {},
    mergedInto: null,
    keys: [tax, reg, domain, email],
    country: null,
    customer: '0',
    worth: null,
    parent: null,
    ...rest,
  }
}

/** Groups of names, sorted: what belongs together. */
function groups({ assignments }: Clustering): string[][] {
  const by = new Map<string, string[]>()
  for (const a of assignments)
    by.set(a.entity, [...(by.get(a.entity) ?? []), `${a.node.platform}:${a.node.record_id}`].sort())
  return [...by.values()].sort((a, b) => (a[0]! < b[0]! ? -1 : 1))
}

describe('clustering of records', () => {
  it('unites records by reference, whichever side states it', () => {
    const result = cluster(
      [
        node('crm', 'S1'),
        node('erp', 'N1', { refs: { crm: 'S1' } }),
        node('billing', 'B1'),
        node('support', 'Z1', { refs: { billing: 'B1', crm: 'S1' } }),
      ],
      RULES,
    )
    expect(groups(result)).toEqual([['billing:B1', 'crm:S1', 'erp:N1', 'support:Z1']])
    expect(result.conflicts).toEqual([])
  })

  it('keeps differing tax ids together when references are mutual: that is a mismatch, not two customers', () => {
    const result = cluster(
      [node('crm', 'S1', { refs: { erp: 'N1' }, tax: 'DE1' }), node('erp', 'N1', { refs: { crm: 'S1' }, tax: 'DE2' })],
      RULES,
    )
    expect(groups(result)).toEqual([['crm:S1', 'erp:N1']])
  })

  it('leaves contradicting references to a person and guesses nothing', () => {
    const nodes = [
      node('crm', 'S1', { refs: { billing: 'B' } }),
      node('billing', 'B', { refs: { crm: 'S1' } }),
      node('erp', 'N1', { refs: { billing: 'A', crm: 'S1' } }),
      node('billing', 'A'),
    ]
    const result = cluster(nodes, RULES)
    expect(groups(result)).toEqual([
      ['billing:A', 'erp:N1'],
      ['billing:B', 'crm:S1'],
    ])
    expect(result.conflicts.length).toBeGreaterThan(0)
    expect(result.conflicts[0]!.reason).toContain('billing is said to be')
  })

  it('keeps two records of one platform in one entity: they are duplicates', () => {
    const result = cluster(
      [
        node('crm', 'S1', { tax: 'DE1', refs: { erp: 'N1' } }),
        node('crm', 'S2', { tax: 'DE1' }),
        node('erp', 'N1', { tax: 'DE1' }),
      ],
      RULES,
    )
    expect(groups(result)).toEqual([['crm:S1', 'crm:S2', 'erp:N1']])
  })

  it('takes a domain as a key only while no stronger key disagrees', () => {
    expect(
      groups(
        cluster(
          [
            node('crm', 'S1', { domain: 'acme.test', tax: 'DE1' }),
            node('erp', 'N1', { domain: 'acme.test', tax: 'DE2' }),
          ],
          RULES,
        ),
      ),
    ).toHaveLength(2)
    expect(
      groups(
        cluster(
          [node('crm', 'S1', { domain: 'acme.test', tax: 'DE1' }), node('erp', 'N1', { domain: 'acme.test' })],
          RULES,
        ),
      ),
    ).toHaveLength(1)
  })

  it('does not take a parent and its child for one because they share a domain', () => {
    expect(
      groups(
        cluster(
          [node('crm', 'S1', { domain: 'acme.test' }), node('crm', 'S2', { domain: 'acme.test', parent: 'crm:S1' })],
          RULES,
        ),
      ),
    ).toHaveLength(2)
  })

  it('follows a merged record to its survivor, and references to it as well', () => {
    const result = cluster(
      [
        node('crm', 'S1', { refs: { erp: 'N1' } }),
        node('crm', 'S2', { mergedInto: 'S1', refs: { erp: 'N1' } }),
        node('erp', 'N1', { refs: { crm: 'S2' } }),
        node('billing', 'B', { refs: { crm: 'S1' } }),
      ],
      RULES,
    )
    expect(groups(result)).toEqual([['billing:B', 'crm:S1', 'crm:S2', 'erp:N1']])
    expect(result.conflicts).toEqual([])
  })

  it('tells equal numbers of two customers apart, unless they are worth the same to the digit', () => {
    const rules = { kind: 'order', keyNames: ['number'], strong: [0] }
    const order = (platform: string, id: string, customer: string, worth: string): Node => ({
      ...node(platform, id, { customer, worth }),
      keys: ['1001'],
    })
    expect(groups(cluster([order('crm', 'O1', '7', '10'), order('erp', 'E1', '8', '20')], rules))).toHaveLength(2)
    expect(groups(cluster([order('crm', 'O1', '7', '10'), order('erp', 'E1', '8', '10')], rules))).toHaveLength(1)
    expect(groups(cluster([order('crm', 'O1', '7', '10'), order('erp', 'E1', '0', '20')], rules))).toHaveLength(1)
  })

  it('keeps entity ids through growth, merge and split', () => {
    const first = cluster([node('crm', 'S1', { tax: 'DE1' }), node('erp', 'N1', { tax: 'DE1' })], RULES)
    const id = first.assignments[0]!.entity
    const grown = cluster(
      [node('billing', 'A0', { tax: 'DE1' }), ...first.assignments.map((a) => ({ ...a.node, entity: a.entity }))],
      RULES,
    )
    expect(new Set(grown.assignments.map((a) => a.entity))).toEqual(new Set([id]))
    const split = cluster(
      grown.assignments.map((a) => ({
        ...a.node,
        entity: a.entity,
        keys: a.node.platform === 'erp' ? ['DE9', null, null, null] : a.node.keys,
      })),
      RULES,
    )
    const kept = split.assignments.filter((a) => a.entity === id).map((a) => a.node.platform)
    expect(kept.sort()).toEqual(['billing', 'crm'])
    expect(split.assignments.find((a) => a.node.platform === 'erp')!.entity).not.toBe(id)
  })

  it('gives the same answer in whatever order records come', () => {
    const value = fc.constantFrom(null, 'a', 'b', 'c')
    const arbitrary = fc.array(
      fc.record({
        platform: fc.constantFrom('crm', 'erp', 'billing'),
        id: fc.integer({ min: 1, max: 5 }),
        tax: value,
        domain: value,
        ref: fc.option(fc.tuple(fc.constantFrom('crm', 'erp'), fc.integer({ min: 1, max: 5 }))),
      }),
      { maxLength: 12 },
    )
    fc.assert(
      fc.property(arbitrary, fc.infiniteStream(fc.nat()), (rows, order) => {
        const unique = new Map(rows.map((r) => [`${r.platform}${r.id}`, r]))
        const nodes = [...unique.values()].map((r) =>
          node(r.platform, `${r.id}`, {
            ...(r.tax && { tax: r.tax }),
            ...(r.domain && { domain: r.domain }),
            refs: r.ref ? { [r.ref[0]]: `${r.ref[1]}` } : {},
          }),
        )
        const shuffled = nodes
          .map((n) => ({ n, k: order.next().value as number }))
          .sort((a, b) => a.k - b.k)
          .map((x) => x.n)
        expect(groups(cluster(shuffled, RULES))).toEqual(groups(cluster(nodes, RULES)))
        const again = cluster(
          cluster(nodes, RULES).assignments.map((a) => ({ ...a.node, entity: a.entity })),
          RULES,
        )
        expect(groups(again)).toEqual(groups(cluster(nodes, RULES)))
      }),
      { numRuns: 300 },
    )
  })
})
