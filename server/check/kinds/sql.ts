/** sql: the escape hatch, a reviewed SELECT of failing records in a fixed shape. */
import { z } from 'zod'
import { hasKind, kindOf } from '../../../model/kinds.ts'
import type { Evidence, Observation } from '../../../model/verdict.ts'
import { iso } from '../../clock.ts'
import { kindName } from '../../config/words.ts'
import { defineCheckKind, type Check, type JudgeContext } from '../contract.ts'
import { instant, titleOf } from '../timing.ts'
import { reachParams } from './reach.ts'
import { columnsOf, MAY, MUST, statement, textProblems } from './sql-text.ts'

const params = z.strictObject({
  of: kindName.describe('Kind of the records that it finds.'),
  reads: z.array(kindName).default([]).describe('Further kinds whose movement makes it look again.'),
  full: z
    .boolean()
    .default(false)
    .describe('True: it looks at everything in every run, because no record alone tells what moved.'),
  select: z
    .string()
    .describe(
      `One SELECT with the columns ${MUST.join(', ')} and, where known, ${MAY.join(', ')}. Tables are written {db}.current_<kind>.`,
    ),
})
type Params = z.output<typeof params>

type Column = (typeof MUST)[number] | (typeof MAY)[number]
export type SqlRow = { eid: string } & Record<Column, string | null>

/** Grace where the check names no window. */
const GRACE_MS = 15 * 60_000

export default defineCheckKind<Params, SqlRow>({
  name: 'sql',
  about:
    'The escape hatch: a reviewed SELECT of failing records in a fixed shape, from the folders of checks only; it can read and nothing else.',
  params,
  category: 'exception',
  subject: ({ params: p }) => (p.full ? 'none' : 'entity'),
  problems: ({ params: p }) =>
    [...textProblems(p.select, p.full), ...columnsOf(p.select).problems].map((says) => ({ path: ['select'], says })),
  reads: ({ params: p }) => [...new Set([p.of, ...p.reads])],
  anything: true,
  timed: ({ params: p }) => p.full,
  compile: ({ params: p }, ctx) => [
    {
      sql: statement(p.select, columnsOf(p.select).columns, ctx, p.full),
      params: {
        ...(p.full ? {} : reachParams(ctx.reach)),
        ...(p.select.includes('{as_of:') && { as_of: iso(ctx.asOf).replace('T', ' ').replace('Z', '') }),
      },
      readonly: true,
    },
  ],
  judge: (check, rows, ctx) => rows.flatMap((row) => judgeRow(check, row, ctx)),
})

function judgeRow(check: Check<Params>, row: SqlRow, ctx: JudgeContext): Observation[] {
  const { of } = check.params
  const { platform, record_id } = row
  if (platform === null || record_id === null || !ctx.landscape.platforms.some((p) => p.name === platform)) return []
  const changedAt = instant(row.changed_at?.replace(' ', 'T').replace(/(?<![Z])$/, 'Z'))
  const dueAt = changedAt === null ? null : changedAt + (check.windowMs ?? GRACE_MS)
  const complete = ctx.completeThrough(platform, of)
  const title = titleOf(ctx, platform)
  const stuck = ctx.quarantined(platform, of).has(record_id)
  const verdict: Observation['verdict'] =
    dueAt !== null && ctx.asOf < dueAt ? 'in_flight' : complete === null || stuck ? 'undecided' : 'drift'
  const field = hasKind(of) && kindOf(of).fields.some((f) => f.name === row.field) ? row.field : null
  const evidence: Evidence[] = [
    {
      says: row.says ?? `${record_id} in ${title} is what the check looks for.`,
      strength: 'strong',
      disproved_by: 'A newer version of the record.',
    },
  ]
  if (complete === null) evidence.unshift({ says: `${title} has not been read completely yet.`, strength: 'strong' })
  if (stuck)
    evidence.unshift({ says: `A newer version of ${record_id} in ${title} could not be read.`, strength: 'strong' })
  return [
    {
      key: `${platform}|${of}|${record_id}|${row.field ?? ''}`,
      check: check.id,
      category: check.category,
      kind: of,
      entity_id: row.entity_id ?? '',
      customer_entity_id: row.customer_entity_id ?? '',
      subject: [{ platform, kind: of, record_id }],
      scope: {},
      field,
      verdict,
      cause: 'unknown',
      owner_platform: row.owner_platform,
      platform,
      expected: row.owner_platform === null ? {} : { [row.owner_platform]: row.expected },
      actual: { [platform]: row.actual },
      values: [],
      evidence,
      amount_at_risk: row.amount === null || row.currency === null ? null : row.amount,
      currency: row.amount === null ? null : row.currency,
      severity: check.severity,
      since: changedAt === null ? null : iso(changedAt),
      due_at: dueAt === null ? null : iso(dueAt),
      title: check.title,
    },
  ]
}
