/** authority: writes by a platform that does not own the field; values that two platforms keep overwriting in turn. */
import { z } from 'zod'
import type { Field } from '../../../model/fields.ts'
import { hasKind, kindOf } from '../../../model/kinds.ts'
import type { Observation } from '../../../model/verdict.ts'
import { durationMs } from '../../config/duration.ts'
import { duration, kindName } from '../../config/words.ts'
import { defineCheckKind, type Check, type JudgeContext } from '../contract.ts'
import { compared } from './agree.ts'
import { observedTurns, observedWrite } from './authority-finding.ts'
import { authoritySql, type AuthorityRow } from './authority-sql.ts'
import { speakerAt, trailsOf } from './authority-trail.ts'
import { quarrel } from './authority-turns.ts'
import { foreignWrites } from './authority-write.ts'
import type { Scene } from './authority-trail.ts'
import { customerEntity } from './customer-scope.ts'
import { known, placed, primaries } from './holders.ts'
import { present } from './reach.ts'

const params = z.strictObject({
  of: z
    .union([kindName.transform((k) => [k]), z.array(kindName).min(1)])
    .describe('Kind of record, or a list of kinds.'),
  fields: z
    .array(z.string())
    .min(1)
    .default(['*'])
    .describe('Fields or groups: `tax_id`, `bill_to.*`, `*` for all; references are never judged here.'),
  except: z.array(z.string()).default([]).describe('Fields or groups left out.'),
  what: z
    .enum(['writes', 'turns'])
    .default('writes')
    .describe(
      'writes: values that a platform gave a field it does not own. turns: two platforms that keep overwriting each other.',
    ),
  quiet: duration
    .default('7d')
    .describe('A write that was undone stays open until nothing like it happened for so long.'),
  turns: z
    .number()
    .int()
    .min(3)
    .max(40)
    .default(4)
    .describe('With turns: how often the value must have changed hands.'),
  within: duration.default('7d').describe('With turns: longest time between two of them.'),
})
export type AuthorityParams = z.output<typeof params>

export default defineCheckKind<AuthorityParams, AuthorityRow>({
  name: 'authority',
  about:
    'Writes by a platform that does not own the field, also those that were undone since, and values that two platforms keep overwriting in turn.',
  params,
  category: 'authority',
  subject: 'entity',
  problems,
  compares: ({ params: p }) => p.of.flatMap((kind) => watched(p, kind).map((f) => ({ kind, field: f.name }))),
  reads: ({ params: p }) => p.of,
  timed: () => true,
  // A quarrel and an undone write end by being quiet for long enough: not before this long after they began.
  keptMs: ({ params: p }) => durationMs(p.quiet),
  compile: ({ params: p }, ctx) =>
    present(p.of, ctx).flatMap((kind) => {
      const fields = watched(p, kind)
      return fields.length ? [authoritySql(kindOf(kind), fields, ctx)] : []
    }),
  judge: (check, rows, ctx) => rows.flatMap((row) => judgeRow(check, row, ctx)),
})

/** Fields that the check looks at, in table order. */
function watched(p: AuthorityParams, kind: string): Field[] {
  return compared({ of: kind, fields: p.fields, except: p.except }).filter((f) => f.type !== 'reference' && f.bit >= 0)
}

function problems({ params: p }: Check<AuthorityParams>): { path: (string | number)[]; says: string }[] {
  const kinds = p.of.filter(hasKind)
  return (['fields', 'except'] as const).flatMap((key) =>
    p[key].flatMap((text, i) =>
      kinds.length > 0 && kinds.every((kind) => watched({ ...p, fields: [text], except: [] }, kind).length === 0)
        ? [
            {
              path: [key, i],
              says: `${kinds.join(', ')} has no field ${JSON.stringify(text)} that has a value of its own`,
            },
          ]
        : [],
    ),
  )
}

function judgeRow(check: Check<AuthorityParams>, row: AuthorityRow, ctx: JudgeContext): Observation[] {
  const kind = kindOf(row.kind)
  const holders = primaries(known(row.holders, ctx.landscape), kind.ended)
  if (holders.size < 2) return []
  const customer = customerEntity(row.customer_scope, ctx.landscape)
  const scene: Scene = {
    landscape: ctx.landscape,
    kind: kind.name,
    holders,
    trails: trailsOf(row, holders),
    customer,
    tolerance: check.tolerance,
  }
  const { scope } = placed(ctx.landscape, kind, holders.values(), customer)
  const told = { check, row, scene, scope, quietMs: durationMs(check.params.quiet)! }
  return watched(check.params, kind.name).flatMap((field) => {
    if (check.params.what === 'turns') {
      const speaker = speakerAt(scene, field.name, ctx.asOf)
      const { turns: min, within } = check.params
      const found = quarrel(scene, field, speaker?.owner ?? null, min, durationMs(within)!)
      return found ? observedTurns(told, field, found, speaker, ctx) : []
    }
    const writes = foreignWrites(scene, field)
    return [...new Set(writes.map((w) => w.platform))].flatMap((platform) =>
      observedWrite(
        told,
        field,
        writes.filter((w) => w.platform === platform),
        ctx,
      ),
    )
  })
}
