/** The page about the shipped checks (docs/checks.md), made from the checks themselves so that it is never out of date. */
import type { AnyKind, Check } from './contract.ts'

const FAMILIES: Record<string, string> = {
  collecting: 'Collecting',
  'control-totals': 'Control totals',
  'customer-master': 'Customer master',
  'data-quality': 'Data quality',
  deadlines: 'Deadlines',
  duplicates: 'Duplicates',
  entitlement: 'Entitlement and service',
  existence: 'Existence',
  'invoice-payment': 'Invoice and payment',
  matching: 'Matching',
  'order-to-cash': 'Order to cash',
  renewal: 'Contract and renewal',
  structure: 'Structure',
}

const INTRODUCTION = `# Checks

What Plumbline looks for as it is shipped. Each check is one file below \`checks/\`; its id is its path. A configuration
switches checks off, changes their severity, owner, window, tolerance or who must have a record, and adds folders with checks of its own:

\`\`\`yaml
checks:
  disable: [order-to-cash/shipment]
  override:
    deadlines/booked-order-invoiced: { window: 14d }
    existence/customer: { on: [salesforce, hubspot, erp] } # of two CRMs each must have it, not one of them
  folders: [./our-checks]
\`\`\`

This page is made from the checks; a test fails when it is not up to date.

## One difference, one check

- Every field has one \`agree\` check, whatever the number of platforms that hold it. The window of that comparison is
  the deadline of its propagation: that a paid invoice shows as paid in the CRM within 15 minutes is part of
  \`invoice-payment/invoice-status\`, and has no second check.
- That every active subscription has an active entitlement and an active tenant is checked by \`deadlines/\` alone:
  *deadline* while the record never came, *missing* when it is there and has ended. A credit hold rightly suspends both.
- A won deal is watched by \`deadlines/won-customer-in-erp\` until the CRM calls its account a customer; from then on a
  customer that the ERP lacks is found by \`existence/customer\`.
- Codes without an entry in their reference map are told by the \`agree\` check of the field, values that cannot be read
  by \`collecting/unreadable\`.
- Control totals are findings of their own by design: they show what many small differences add up to.
`

/** The whole page in Markdown. */
export function checksPage(checks: readonly Check[], kinds: ReadonlyMap<string, AnyKind>): string {
  const families = new Map<string, Check[]>()
  for (const check of checks) {
    const family = check.id.includes('/') ? check.id.slice(0, check.id.indexOf('/')) : check.id
    families.set(family, [...(families.get(family) ?? []), check])
  }
  const parts = [...families].map(
    ([family, members]) => `## ${FAMILIES[family] ?? family}\n\n${members.map(entry).join('\n')}`,
  )
  const table = [...kinds.values()].map((k) => `| \`${k.name}\` | ${k.about} |`).join('\n')
  return `${INTRODUCTION}\n## Kinds of check\n\n| kind | finds |\n|---|---|\n${table}\n\n${parts.join('\n')}`
}

function entry(check: Check): string {
  const examples = check.examples
    .map((e) => `- ${e.name}${e.findings.length === 0 ? ': nothing is found' : ''}`)
    .join('\n')
  const window = check.windowMs === null ? '' : ` · window ${words(check.windowMs)}`
  return `### ${check.title}

\`${check.id}\` · ${check.kind} · ${check.severity} · ${check.owner}${window}

${check.why.trim()}

${check.fix.trim()}

Examples:

${examples}
`
}

function words(ms: number): string {
  for (const [unit, size] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
  ] as const)
    if (ms % size === 0) return `${ms / size}${unit}`
  return `${ms}ms`
}
