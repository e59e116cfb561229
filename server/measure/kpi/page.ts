/** The page about the key figures (docs/kpis.md), made from their table so that it is never out of date. */
import type { Kpi } from './kpi.ts'
import { FAMILIES } from './table.ts'

const INTRODUCTION = `# Key figures

Every figure is worked out from what is stored: records, versions, findings, events and runs. Each look measures them (at
most every 15 minutes) and keeps one row a figure, scope and hour, so that a trend shows what was said at the time.

- Read them with \`GET /v1/kpis\` and \`GET /v1/kpis/<id>\`, or as the gauge \`plumbline_kpi{kpi,scope}\` of \`/metrics\`.
- Each has a total and is split by platform, by edge (owner → follower) or by legal entity. Shares and means of the total
  are made from all things counted, never from the shares and means of the parts.
- What is not known is empty and says why; it is never 0.
- R-numbers are those of the list of requirements.

This page is made from the table of figures; a test fails when it is not up to date.
`

const BETTER = { higher: 'higher is better', lower: 'lower is better', neither: 'neither is better' } as const
const SPLIT = { platform: 'platform', edge: 'edge', legal_entity: 'legal entity' } as const

/** The whole page in Markdown. */
export function kpisPage(): string {
  return `${INTRODUCTION}\n${FAMILIES.map((f) => `## ${f.title}\n\n${f.kpis.map(entry).join('\n')}`).join('\n')}`
}

function entry(kpi: Kpi): string {
  const facts = [
    `\`${kpi.id}\``,
    kpi.answers.map((n) => `R${n}`).join(', '),
    kpi.unit,
    kpi.period,
    `by ${SPLIT[kpi.split]}`,
    BETTER[kpi.better],
    `for ${kpi.reader}`,
  ]
  return `### ${kpi.title}\n\n${facts.join(' · ')}\n\n${kpi.definition}\n`
}
