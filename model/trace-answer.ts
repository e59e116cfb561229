/** Trace answer: puts a trace together from what is known, and says what ties its pieces to each other. */
import { branchOf, originOf } from './trace-branch.ts'
import { conductOf } from './trace-conduct.ts'
import { hopsOf } from './trace-hops.ts'
import type { Branch, Trace, TraceInput } from './trace.ts'

export function traceOf(input: TraceInput): Trace {
  const owner = originOf(input)
  const branches = owner ? input.followers.map((f) => branchOf(input, owner, f)) : []
  return {
    entity: input.past.entity,
    kind: input.past.kind,
    field: input.field?.name ?? null,
    at: input.at,
    correlated: correlatedBy(input, branches, owner?.origin.version ?? null),
    origin: owner?.origin ?? null,
    branches,
    hops: owner ? hopsOf(input, owner.origin, branches) : [],
    flow: conductOf(input, branches),
  }
}

/** The surest thing that ties them; without any, the record, the field, the value and the time have to do. */
function correlatedBy(input: TraceInput, branches: readonly Branch[], version: string | null): Trace['correlated'] {
  const own = input.past.versions.find((v) => v.seq === version)?.correlationId
  const ids = [...new Set([...branches.flatMap((b) => b.threads), ...(own ? [own] : [])])]
  if (ids.length) return { by: 'correlation_id', ids, sure: 'certain' }
  const traces = [...new Set([...input.spans.map((s) => s.trace_id), ...input.events.flatMap((e) => e.trace_id ?? [])])]
  if (traces.length) return { by: 'trace_id', ids: traces, sure: 'certain' }
  const numbers = [...new Set(input.events.flatMap((e) => e.number ?? []))]
  if (numbers.length) return { by: 'business_key', ids: numbers, sure: 'likely' }
  return { by: 'time', ids: [], sure: input.events.length ? 'likely' : 'possible' }
}
