/**
 * Span: one step of work that a traced system says it did, with the business keys that it carried. Spans follow one change
 * through services that are no platforms of ours; what they say of a delivery becomes an event as well (model/event.ts).
 */

export const SPAN_KINDS = ['internal', 'server', 'client', 'producer', 'consumer'] as const
export type SpanKind = (typeof SPAN_KINDS)[number]
export const SPAN_STATUSES = ['unset', 'ok', 'error'] as const
export type SpanStatus = (typeof SPAN_STATUSES)[number]

export interface Span {
  /** 32 hexadecimal digits. */
  trace_id: string
  /** 16 hexadecimal digits. */
  span_id: string
  /** Null: it began the trace. */
  parent_span_id: string | null
  /** Configured platform that takes the traces. */
  reported_by: string
  /** `service.name` of the resource. */
  service: string
  /** Configured platform that the service is or works for, where the configuration says so. */
  platform: string | null
  /** What was done (`POST /services/data`). */
  operation: string
  kind: SpanKind
  status: SpanStatus
  message: string | null
  /** ISO, UTC, by the service's clock. */
  started_at: string
  /** Microseconds. */
  duration_us: number
  correlation_id: string | null
  /** Which try it was, from 1; null: it does not say. */
  attempt: number | null
  /** Canonical name → value of the attributes that the configuration calls business keys. */
  keys: Record<string, string>
  /** Further attributes that the configuration keeps. */
  attributes: Record<string, string>
}
