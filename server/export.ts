/** Exports: records, findings and their transitions, issues, recorded events and runs as NDJSON, CSV or Parquet. Findings and records are public contracts, version 1. */
import { parquetWriteBuffer } from 'hyparquet-writer'
import { KINDS, hasKind } from '../model/kinds.ts'
import type { Finding } from '../model/verdict.ts'
import { iso } from './clock.ts'
import type { Context } from './context.ts'
import { PlumblineError } from './errors.ts'
import { sureOf } from '../model/cause.ts'
import { eventsExport } from './store/facts/events.ts'
import { findingEventsExport } from './store/facts/finding-events.ts'
import { findingsExport } from './store/facts/findings.ts'
import { issuesExport } from './store/facts/issues.ts'
import { recordsExport } from './store/facts/records-export.ts'

export const EXPORTS = ['records', 'findings', 'transitions', 'issues', 'events', 'runs', 'audit'] as const
export type ExportName = (typeof EXPORTS)[number]
export const FORMATS = ['ndjson', 'csv', 'parquet'] as const
export type ExportFormat = (typeof FORMATS)[number]

export interface ExportRequest {
  what: ExportName
  format: ExportFormat
  /** Canonical kind; needed for records. */
  kind?: string | undefined
  /** `field=value` conditions that must all hold. */
  where?: readonly string[] | undefined
}

export const CONTENT_TYPE: Record<ExportFormat, string> = {
  ndjson: 'application/x-ndjson',
  csv: 'text/csv; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
}

/** Runs read at a time. */
const RUNS_PAGE = 500

type Row = Record<string, unknown>

/** The export, in pieces. @throws PlumblineError('config') for a request that cannot be met. */
export async function* exported(ctx: Context, request: ExportRequest): AsyncIterable<string | Uint8Array> {
  const rows = filtered(source(ctx, request), request.where ?? [])
  if (request.format === 'ndjson') yield* ndjson(rows)
  else if (request.format === 'csv') yield* csv(rows)
  else yield await parquet(rows)
}

function source(ctx: Context, { what, kind }: ExportRequest): AsyncIterable<Row[]> {
  switch (what) {
    case 'records':
      if (!kind || !hasKind(kind))
        throw new PlumblineError('config', 'An export of records needs a canonical kind.', {
          remedy: `Add --kind with one of ${KINDS.map((k) => k.name).join(', ')}.`,
        })
      return recordsExport(ctx.facts, kind)
    case 'findings':
      return mapped(findingsExport(ctx.facts), publicFinding)
    case 'issues':
      return mapped(issuesExport(ctx.facts), (i) => ({ ...i, id: `I-${i.number}` }))
    case 'events':
      return mapped(eventsExport(ctx.facts), (e) => ({ ...e }))
    case 'transitions':
      return mapped(findingEventsExport(ctx.facts), (e) => ({ ...e }))
    case 'runs':
      return runs(ctx)
    case 'audit':
      return audit(ctx)
  }
}

async function* mapped<T>(batches: AsyncIterable<T[]>, map: (row: T) => Row): AsyncIterable<Row[]> {
  for await (const batch of batches) yield batch.map(map)
}

/** The public shape of a finding: the fields that others build on first, what explains them after. */
function publicFinding(f: Finding): Row {
  return {
    id: f.id,
    issue: f.issue,
    check: f.check,
    category: f.category,
    kind: f.kind,
    entity_id: f.entity_id,
    subject: f.subject,
    scope: f.scope,
    field: f.field,
    verdict: f.verdict,
    cause: f.cause,
    owner_platform: f.owner_platform,
    platform: f.platform,
    expected: f.expected,
    actual: f.actual,
    amount_at_risk: f.amount_at_risk,
    currency: f.currency,
    severity: f.severity,
    state: f.state,
    first_seen_at: f.first_seen_at,
    changed_at: f.changed_at,
    due_at: f.due_at,
    resolved_at: f.resolved_at,
    title: f.title,
    regressed: f.regressed,
    last_seen_at: f.last_seen_at,
    customer_entity_id: f.customer_entity_id,
    evidence: f.evidence,
    sure: sureOf(f.evidence),
    run_id: f.run_id,
    amount_basis: f.amount_basis,
  }
}

async function* runs(ctx: Context): AsyncIterable<Row[]> {
  for (let before: number | undefined; ;) {
    const page = ctx.control.runs({ limit: RUNS_PAGE, ...(before !== undefined && { before }) })
    yield page.map((r) => ({
      ...r,
      startedAt: iso(r.startedAt),
      finishedAt: r.finishedAt === null ? null : iso(r.finishedAt),
    }))
    const last = page.at(-1)
    if (!last || page.length < RUNS_PAGE || last.startedAt === before) return
    before = last.startedAt
  }
}

async function* audit(ctx: Context): AsyncIterable<Row[]> {
  for (let after = 0; ;) {
    const page = ctx.control.auditEntries(after, RUNS_PAGE)
    if (page.length === 0) return
    yield page.map((e) => ({ ...e, at: iso(e.at) }))
    after = page.at(-1)!.seq
  }
}

async function* filtered(batches: AsyncIterable<Row[]>, where: readonly string[]): AsyncIterable<Row[]> {
  const conditions = where.map((text) => {
    const at = text.indexOf('=')
    if (at < 1)
      throw new PlumblineError('config', `--where "${text}" is not understood.`, {
        remedy: 'Write field=value, as in --where state=open.',
      })
    return { field: text.slice(0, at), value: text.slice(at + 1) }
  })
  let checked = conditions.length === 0
  for await (const batch of batches) {
    if (!checked && batch[0]) {
      const missing = conditions.find((c) => !batch.some((row) => c.field in row))
      if (missing)
        throw new PlumblineError('config', `There is no field "${missing.field}" in this export.`, {
          remedy: `Fields: ${Object.keys(batch[0]).join(', ')}.`,
        })
      checked = true
    }
    yield batch.filter((row) =>
      conditions.every(
        (c) => (row[c.field] === null || row[c.field] === undefined ? '' : text(row[c.field])) === c.value,
      ),
    )
  }
}

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

async function* ndjson(batches: AsyncIterable<Row[]>): AsyncIterable<string> {
  for await (const batch of batches) if (batch.length) yield batch.map((row) => JSON.stringify(row) + '\n').join('')
}

/** Spreadsheets run cells that begin like a formula: such cells get an apostrophe (OWASP ASVS 1.2.10). */
export function csvCell(value: unknown): string {
  if (value === null || value === undefined) return ''
  const plain = text(value)
  const guarded = /^[=+\-@\t\r\0＝＋－＠]/.test(plain) && !/^[+-]?\d+(\.\d+)?$/.test(plain) ? `'${plain}` : plain
  return `"${guarded.replaceAll('"', '""')}"`
}

/** Columns come from the first batch; a field that only a later row has would be lost, so all fields of that batch are taken. */
async function* csv(batches: AsyncIterable<Row[]>): AsyncIterable<string> {
  let columns: string[] | null = null
  for await (const batch of batches) {
    if (batch.length === 0) continue
    if (!columns) {
      columns = [...new Set(batch.flatMap(Object.keys))]
      // The byte-order mark makes spreadsheets read UTF-8.
      yield `\ufeff${columns.map(csvCell).join(',')}\r\n`
    }
    yield batch.map((row) => `${columns!.map((c) => csvCell(row[c])).join(',')}\r\n`).join('')
  }
}

async function parquet(batches: AsyncIterable<Row[]>): Promise<Uint8Array> {
  const rows: Row[] = []
  for await (const batch of batches) rows.push(...batch)
  const columns = [...new Set(rows.flatMap(Object.keys))]
  const columnData = columns.map((name) => ({
    name,
    type: 'STRING' as const,
    data: rows.map((row) => (row[name] === null || row[name] === undefined ? null : text(row[name]))),
  }))
  return new Uint8Array(parquetWriteBuffer({ columnData }))
}
