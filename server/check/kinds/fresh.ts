/** fresh: a stream that is late, failing, stopped, incomplete, thin or of another shape, and what could not be read. */
import { z } from 'zod'
import { column } from '../../../model/fields.ts'
import { fieldOf, hasKind, kindOf, KINDS } from '../../../model/kinds.ts'
import type { Cause, Observation } from '../../../model/verdict.ts'
import { iso } from '../../clock.ts'
import { durationMs } from '../../config/duration.ts'
import { duration, kindName } from '../../config/words.ts'
import { currentTable } from '../../store/facts/columns.ts'
import { ident } from '../../store/facts/ident.ts'
import type { StreamState } from '../../store/control/control.ts'
import { defineCheckKind, type Check, type Compiled, type CompileContext, type JudgeContext } from '../contract.ts'
import { titleOf } from '../timing.ts'
import { learnedFindings } from './fresh-learned.ts'
import { slowEdges } from './fresh-slow.ts'

const WHAT = [
  'late',
  'failing',
  'stopped',
  'incomplete',
  'quarantined',
  'invalid',
  'contradicting',
  'schema',
  'thin',
  'slow_edge',
] as const

const params = z.strictObject({
  what: z.array(z.enum(WHAT)).min(1).describe('What is looked for.'),
  of: z.array(kindName).optional().describe('Kinds of record; default: all.'),
  late: duration.default('24h').describe('A stream is late when it has not been read completely for this long.'),
  share: z.number().min(0).max(1).default(0).describe('Share of the platform’s own count by which ours may differ.'),
  keep: duration.default('14d').describe('How long a change of the schema that breaks nothing is told of.'),
  hours: z
    .number()
    .int()
    .min(1)
    .max(168)
    .default(24)
    .describe('With thin: hours that are held against the weeks before.'),
  usual: z
    .number()
    .min(0)
    .max(1)
    .default(0.2)
    .describe('With thin: share of the usual number of changes that is too few.'),
  least: z
    .number()
    .int()
    .min(1)
    .default(50)
    .describe('With thin: changes that are usual at least, else nothing is said.'),
  slower: z
    .number()
    .min(1)
    .default(1.5)
    .describe('With slow_edge: how many times as long as usual the middle change must take.'),
  weeks: z.number().int().min(2).max(8).default(4).describe('With thin: weeks that must be known.'),
})
export type FreshParams = z.output<typeof params>
type Params = FreshParams

/** Rows that could not be read, and values that could not be. */
export interface FreshRow {
  what: 'quarantined' | 'invalid'
  platform: string
  kind: string
  stream: string
  field: string | null
  entity_id: string
  customer_entity_id: string
  record_ids: string[]
  count: string
  reason: string
}

/** Records that one finding about unreadable rows lists. */
const LISTED = 100

export default defineCheckKind<Params, FreshRow>({
  name: 'fresh',
  about:
    'A stream that is late, failing, stopped, incomplete against the platform’s own count, thinner than usual or of another shape, and rows and values that could not be read.',
  params,
  category: 'quality',
  subject: 'none',
  reads: ({ params: p }) => p.of ?? KINDS.map((k) => k.name),
  timed: () => true,
  compile,
  judge: (check, rows, ctx) => [
    ...ctx.streams().flatMap((s) => [...streamFindings(check, s, ctx), ...learned(check, s, ctx)]),
    ...rows.map((row) => unread(check, row, ctx)),
    ...(check.params.what.includes('contradicting') ? contradicting(check, ctx) : []),
    ...(check.params.what.includes('slow_edge') ? slowEdges(check.params, (...at) => blank(check, ...at), ctx) : []),
  ],
})

function compile({ params: p }: Check<Params>, { database }: CompileContext): Compiled[] {
  const db = ident(database)
  const kinds = p.of ?? KINDS.map((k) => k.name)
  const found: Compiled[] = []
  if (p.what.includes('quarantined'))
    found.push({
      sql: `select 'quarantined' as what, toString(platform) as platform, toString(kind) as kind, toString(stream) as stream, cast(null, 'Nullable(String)') as field,
  '' as entity_id, '' as customer_entity_id, arraySort(groupUniqArray(${LISTED})(record_id)) as record_ids, toString(count()) as count, any(reason) as reason
from ${db}.quarantine final
where state = 'open' and kept = 0 and kind in {kinds:Array(String)}
group by platform, kind, stream
order by platform, kind, stream`,
      params: { kinds },
    })
  if (p.what.includes('invalid'))
    for (const kind of kinds)
      found.push({
        sql: `select 'invalid' as what, toString(platform) as platform, '${kindOf(kind).name}' as kind, '' as stream, problem.1 as field,
  entity_id, customer_entity_id, [record_id] as record_ids, '1' as count, problem.2 as reason
from ${db}.${ident(currentTable(kind))} final
array join cast(invalid_reasons, 'Array(Tuple(String, String))') as problem
where invalid != 0 and deleted = 0
order by platform, record_id, field`,
        params: {},
      })
  return found
}

interface Trouble {
  what: (typeof WHAT)[number]
  cause: Cause
  says: string
  title: string
  since: number | null
  expected: string | null
  actual: string | null
}

function streamFindings(check: Check<Params>, stream: StreamState, ctx: JudgeContext): Observation[] {
  const p = check.params
  if (p.of && !p.of.includes(stream.kind)) return []
  if (!ctx.landscape.platforms.some((x) => x.name === stream.platform)) return []
  const name = `${titleOf(ctx, stream.platform)} ${stream.stream}`
  return troubles(p, stream, name, ctx.asOf)
    .filter((t) => p.what.includes(t.what))
    .map((t) => ({
      ...blank(check, stream.platform, stream.kind),
      key: `${t.what}|${stream.platform}|${stream.stream}`,
      scope: { stream: stream.stream },
      cause: t.cause,
      expected: t.expected === null ? {} : { [stream.platform]: t.expected },
      actual: { [stream.platform]: t.actual },
      evidence: [{ says: t.says, strength: 'strong' as const }],
      since: t.since === null ? null : iso(t.since),
      title: t.title,
    }))
}

/** What is held against the stream's own past: its shape, and how much it brings. */
function learned(check: Check<Params>, stream: StreamState, ctx: JudgeContext): Observation[] {
  if (check.params.of && !check.params.of.includes(stream.kind)) return []
  if (!ctx.landscape.platforms.some((x) => x.name === stream.platform)) return []
  const shared = { ...blank(check, stream.platform, stream.kind), scope: { stream: stream.stream } }
  return learnedFindings(check.params, stream, shared, ctx)
}

function troubles(p: Params, s: StreamState, name: string, asOf: number): Trouble[] {
  const found: Trouble[] = []
  const lateMs = durationMs(p.late)!
  const read = s.completeThrough === null ? null : iso(s.completeThrough)
  if (s.completeThrough === null || asOf - s.completeThrough > lateMs)
    found.push({
      what: 'late',
      cause: 'stale_stream',
      since: s.completeThrough,
      expected: null,
      actual: read,
      says: read === null ? `${name} has never been read completely.` : `${name} has been read through ${read}.`,
      title: read === null ? `${name} has never been read completely` : `${name} is late`,
    })
  if (s.lastError && s.lastError.at > (s.lastSuccessAt ?? 0))
    found.push({
      what: 'failing',
      cause: 'stale_stream',
      since: s.lastSuccessAt ?? s.lastError.at,
      expected: null,
      actual: s.lastError.code,
      says: s.lastError.message,
      title: `${name} cannot be read`,
    })
  if (s.stopped)
    found.push({
      what: 'stopped',
      cause: 'incomplete_stream',
      since: s.stopped.at,
      expected: null,
      actual: null,
      says: s.stopped.reason,
      title: `${name} stopped because too many records vanished at once`,
    })
  const c = s.completeness
  if (c && Math.abs(c.theirs - c.ours) > p.share * c.theirs)
    found.push({
      what: 'incomplete',
      cause: 'incomplete_stream',
      since: c.at,
      expected: String(c.theirs),
      actual: String(c.ours),
      says: `The platform counts ${c.theirs} records, we hold ${c.ours}.`,
      title: `${name} is incomplete against the platform’s own count`,
    })
  return found
}

/** One finding for each pair of records whose references contradict each other. */
function contradicting(check: Check<Params>, ctx: JudgeContext): Observation[] {
  return ctx.conflicts().flatMap(({ kind, records, reason }): Observation[] => {
    if (check.params.of && !check.params.of.includes(kind)) return []
    const subject = records.map((record) => {
      const at = record.indexOf(':')
      return { platform: record.slice(0, at), kind, record_id: record.slice(at + 1) }
    })
    return [
      {
        ...blank(check, subject[0]!.platform, kind),
        key: `contradicting|${kind}|${records.join('|')}`,
        platform: null,
        subject,
        scope: {},
        cause: 'identity_in_doubt' as const,
        evidence: [
          {
            says: reason,
            strength: 'strong' as const,
            disproved_by: 'References that name each other, or none at all.',
          },
        ],
        actual: {},
        since: null,
        title: `References of a ${hasKind(kind) ? kindOf(kind).title.toLowerCase() : kind} contradict each other`,
      },
    ]
  })
}

function unread(check: Check<Params>, row: FreshRow, ctx: JudgeContext): Observation {
  const title = titleOf(ctx, row.platform)
  const field =
    row.field !== null && hasKind(row.kind) && kindOf(row.kind).fields.some((f) => f.name === row.field)
      ? fieldOf(row.kind, row.field)
      : null
  const key =
    row.what === 'invalid'
      ? `invalid|${row.platform}|${row.kind}|${row.record_ids[0]}|${field ? column(field) : row.field}`
      : `quarantined|${row.platform}|${row.stream}|${row.kind}`
  return {
    ...blank(check, row.platform, row.kind),
    key,
    entity_id: row.entity_id,
    customer_entity_id: row.customer_entity_id,
    subject: row.record_ids.map((record_id) => ({ platform: row.platform, kind: row.kind, record_id })),
    scope: row.stream ? { stream: row.stream } : {},
    field: row.field,
    cause: 'invalid_value',
    actual: { [row.platform]: row.count },
    evidence: [{ says: row.reason, strength: 'strong', disproved_by: 'A newer version that can be read.' }],
    since: null,
    title:
      row.what === 'invalid'
        ? `${field?.label ?? row.field} in ${title} cannot be read`
        : `Rows of ${title} ${row.stream} cannot be read`,
  }
}

function blank(check: Check<Params>, platform: string, kind: string) {
  return {
    check: check.id,
    category: check.category,
    kind,
    entity_id: '',
    customer_entity_id: '',
    subject: [] as Observation['subject'],
    field: null,
    verdict: 'drift' as const,
    owner_platform: null,
    platform,
    expected: {},
    values: [],
    amount_at_risk: null,
    currency: null,
    severity: check.severity,
    due_at: null,
  }
}
