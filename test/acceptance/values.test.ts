/** Values: every rule by which a follower's spelling equals its owner's, and what is no value at all. */
import { afterAll, describe, expect, it } from 'vitest'
import { closeAll, found } from './scenario.ts'
import { SPELLINGS, type Spelling } from './spellings.ts'

afterAll(closeAll)

const quote = (cell: string) => `"${cell.replaceAll('"', '""')}"`

/** The files of one kind: a pair of records, owner's and follower's, for each spelling. */
function filesOf(kind: string, pairs: readonly Spelling[]): Record<string, string> {
  const fields = [...new Set(pairs.flatMap((p) => [p.field, ...Object.keys(p.beside ?? {})]))]
  const platforms = [...new Set(pairs.flatMap((p) => [p.owner, p.follower]))]
  // A customer of the CRM has to be in the ERP as well.
  const bare = (p: Spelling, platform: string) => kind === 'customer' && platform === 'erp' && p.follower === 'success'
  const table = (platform: string) => {
    const rows = pairs.flatMap((p) => {
      if (p.owner !== platform && p.follower !== platform && !bare(p, platform)) return []
      const other = p.owner === platform ? p.follower : p.owner
      const cells = fields.map((f) =>
        bare(p, platform) ? '' : f === p.field ? (p.owner === platform ? p.says : p.writes) : (p.beside?.[f] ?? ''),
      )
      const refs = platforms.map((name) => (name === other ? `${name}-${p.id}` : ''))
      return [[`${platform}-${p.id}`, ...refs, ...cells].map(quote).join(',')]
    })
    return [['record_id', ...platforms.map((p) => `refs.${p}`), ...fields].join(','), ...rows].join('\n')
  }
  return Object.fromEntries(
    platforms.map((p) => [`${p}/${kind === 'opportunity' ? 'opportunities' : `${kind}s`}`, table(p)]),
  )
}

describe('values of an owner and its follower', () => {
  it('agree by the rule of their type, and differ by nothing else', async () => {
    const kinds = [...new Set(SPELLINGS.map((s) => s.kind))]
    const files = Object.assign(
      {},
      ...kinds.map((k) =>
        filesOf(
          k,
          SPELLINGS.filter((s) => s.kind === k),
        ),
      ),
    ) as Record<string, string>
    const lines = await found({
      files,
      platforms: { crm: 'role: crm, timezone: Europe/Zurich', erp: 'role: erp, timezone: America/New_York' },
      config:
        'checks: { disable: [control-totals/invoices, deadlines/subscription-invoiced, data-quality/contract-fields, lifecycle/contract-past-its-end, lifecycle/deal-moves] }',
    })
    const expected = SPELLINGS.flatMap((s) => (s.found ?? []).map((f) => f.replaceAll('#', String(s.id))))
    expect(lines).toEqual(expected.sort())
  }, 240_000)

  it('a column that is not there is never compared; empty at the follower differs; empty at the owner lets the next speak', async () => {
    expect(
      await found({
        files: {
          'erp/customers': `record_id,payment_terms,legal_name,currency
            N1,net_30,Alpha AG,EUR
            N2,,Beta AG,EUR
            N3,net_30,,EUR
            N4,,,EUR`,
          'mdm/customers': `record_id,refs.erp,payment_terms
            M1,N1,net_30
            M2,N2,net_60
            M3,N3,
            M4,N4,`,
          'crm/customers': `record_id,refs.erp,payment_terms,legal_name,credit_limit,currency
            S1,N1,,Alpha AG,twelve,EUR
            S2,N2,net_30,Beta AG,5,EUR
            S3,N3,Sometimes,Gamma AG,5,EUR
            S4,N4,net_30,Delta AG,5,EUR`,
        },
      }),
    ).toEqual(
      [
        'mismatch customer.payment_terms erp>crm crm:S1 erp:N1 drift open',
        'mismatch customer.payment_terms erp>mdm erp:N3 mdm:M3 drift open',
        'mismatch customer.payment_terms erp>crm crm:S3 erp:N3 unmapped open',
        'mismatch customer.payment_terms mdm>crm crm:S2 mdm:M2 drift open',
        'quality customer.credit_limit ->crm crm:S1 drift open',
      ].sort(),
    )
  }, 240_000)
})
