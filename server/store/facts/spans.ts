/** Spans: what traced systems reported, kept once under their trace and span ids. */
import type { Span } from '../../../model/span.ts'
import type { ControlStore } from '../control/control.ts'
import { numbered } from '../numbering.ts'
import type { Facts } from './facts.ts'
import { tableOf } from './ident.ts'
import { MAX_INSERT_ROWS } from './settings.ts'

/** Stores the spans durably; one that comes again replaces itself. */
export async function appendSpans(facts: Facts, control: ControlStore, spans: readonly Span[]): Promise<void> {
  const fresh = new Map(spans.map((s) => [`${s.trace_id} ${s.span_id}`, s]))
  const rows = [...fresh.values()].map((s) => ({
    ...s,
    parent_span_id: s.parent_span_id ?? '',
    platform: s.platform ?? '',
    message: s.message ?? '',
    correlation_id: s.correlation_id ?? '',
    attempt: s.attempt ?? 0,
  }))
  for (let at = 0; at < rows.length; at += MAX_INSERT_ROWS)
    await numbered(control, 'rev', 1, (rev) =>
      facts.insert(
        'spans',
        rows.slice(at, at + MAX_INSERT_ROWS).map((row) => ({ ...row, rev })),
      ),
    )
}

export interface SpanFilter {
  traceId?: string
  correlationId?: string
  /** Value of any business key. */
  key?: string
  /** ISO; `to` is exclusive. */
  from?: string
  to?: string
}

const CONDITIONS: Record<keyof SpanFilter, string> = {
  traceId: 'trace_id = {traceId:String}',
  correlationId: 'correlation_id = {correlationId:String}',
  key: 'has(mapValues(keys), {key:String})',
  from: `started_at >= {from:DateTime64(6, 'UTC')}`,
  to: `started_at < {to:DateTime64(6, 'UTC')}`,
}

type Row = { [K in keyof Span]: K extends 'keys' | 'attributes' ? Record<string, string> : string }

/** Spans in the order in which they began. */
export async function spans(facts: Facts, filter: SpanFilter, limit: number): Promise<Span[]> {
  const given = (Object.keys(CONDITIONS) as (keyof SpanFilter)[]).filter((key) => filter[key] !== undefined)
  const rows = await facts.query<Row>(
    `select trace_id, span_id, parent_span_id, reported_by, service, platform, operation, kind, status, message,
       started_at, duration_us, correlation_id, attempt, keys, attributes
     from ${tableOf(facts, 'spans')} final
     ${given.length ? `where ${given.map((key) => CONDITIONS[key]).join(' and ')}` : ''}
     order by started_at, trace_id, span_id limit {limit:UInt32}`,
    { ...Object.fromEntries(given.map((key) => [key, filter[key]])), limit },
  )
  return rows.map((row) => ({
    ...row,
    parent_span_id: row.parent_span_id || null,
    platform: row.platform || null,
    message: row.message || null,
    correlation_id: row.correlation_id || null,
    kind: row.kind as Span['kind'],
    status: row.status as Span['status'],
    duration_us: Number(row.duration_us),
    attempt: Number(row.attempt) || null,
  }))
}
