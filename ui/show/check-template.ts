/** The text that a new check begins with: everything that is asked of it, with two examples to make its own. */

export function templateOf(id: string, of: string | null, fields: string | null): string {
  const kind = of ?? 'customer'
  const compared = fields ?? 'payment_terms'
  const exists = of !== null && fields === null
  return `# ${id}: what it compares, why, and what to do about it.
title: ${exists ? `A ${kind} is missing` : `${compared} differs`}
why: Say what it costs whom.
fix: |
  1. Look at both records.
  2. Bring the follower in line with its owner.
kind: ${exists ? 'exist' : 'agree'}
of: ${kind}
${exists ? 'on: [erp]' : `fields: [${compared}]`}
severity: medium
owner: data-stewards
examples:
  - name: nothing to find
    at: 2026-11-20T12:00:00Z
    platforms:
      crm: { role: crm }
      erp: { role: erp }
    records: []
    findings: []
  - name: what it finds
    at: 2026-11-20T12:00:00Z
    platforms:
      crm: { role: crm }
      erp: { role: erp }
    records:
      - { platform: crm, kind: ${kind}, record_id: A }
      - { platform: erp, kind: ${kind}, record_id: B }
    findings:
      - { kind: ${kind} }
`
}
