/** What is left: everything that prove-retention's world holds, by name, and what was written down about what went. */
import type { Context } from '../server/context.ts'
import { tableOf } from '../server/store/facts/ident.ts'

export interface Left {
  /** One line a thing, its name first. */
  things: string[]
  /** Audit trail, list of removals, and since when silence proves something. Sizes on disk are estimates and left out. */
  told: string[]
  /** First entry of the trail that does not hold; null: it is whole. */
  broken: number | null
}

/** Table, and the line that tells of one of its rows. */
const LINES = [
  ['versions_customer', `name || ' version'`, ''],
  ['versions_order', `assumeNotNull(number) || ' order'`, ''],
  ['findings', `id || ' finding of ' || toString(issue) || ' ' || toString(state)`, 'final'],
  ['finding_events', `id || ' transition ' || toString(transition)`, 'final'],
  ['events', `id || ' event'`, 'final'],
  ['spans', `operation || ' span'`, 'final'],
  ['quarantine', `record_id || ' unreadable, ' || toString(state)`, 'final'],
] as const

export async function left({ facts, control }: Context): Promise<Left> {
  const things: string[] = []
  for (const [table, line, final] of LINES) {
    const rows = await facts.query<{ line: string }>(
      `select ${line} as line from ${tableOf(facts, table)} ${final} order by line`,
    )
    things.push(...rows.map((r) => r.line))
  }
  const silence = await facts.query<{ line: string }>(
    `select concat('reports since ', toString(min(since)), ' through ', toString(max(through))) as line
     from ${tableOf(facts, 'event_spans')} group by from_platform, to_platform, kind, reported_by order by line`,
  )
  for (const x of control.exceptions({ limit: 1_000 })) if (x.payload !== null) things.push(`${x.entityId} payload`)
  for (const { dedupe, message } of control.outbox({ limit: 1_000 })) {
    if (message.lines.length > 0) things.push(`${dedupe} message`)
    for (const file of message.mail?.attachments ?? []) if (control.attachment(file.hash)) things.push(`${dedupe} file`)
  }
  for (const { id, report, content } of control.reports.archived({ limit: 1_000 }))
    if (!control.reports.removal(id)) things.push(`${report} report: ${control.reports.paper(content)}`)
  const trail = control.auditEntries(0, 100_000)
  things.push(...trail.filter((e) => e.action === 'did').map((e) => `${e.object} entry ${e.seq}`))
  return {
    things: things.sort(),
    told: [
      ...silence.map((r) => r.line),
      ...trail.map(({ hash: _, previous: __, detail: { bytes: ___, ...detail }, ...e }) =>
        JSON.stringify({ ...e, detail }),
      ),
      ...control.removals({ limit: 1_000 }).map(({ bytes: _, ...r }) => JSON.stringify(r)),
    ],
    broken: control.verifyAudit().broken,
  }
}
