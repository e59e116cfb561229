/** structure: account trees, sold-to, bill-to and ship-to sets, assignments and document lines that differ in shape. */
import { defineCheckKind, type CheckKind } from '../contract.ts'
import { assignments } from './structure-assignment.ts'
import { lines } from './structure-lines.ts'
import { params, problems, type Params } from './structure-params.ts'
import { roles } from './structure-roles.ts'
import { tree } from './structure-tree.ts'

/** One shape that can be compared: the parts of a check kind that depend on it. */
export type Shape<Row> = Pick<CheckKind<Params, Row>, 'reads' | 'compile' | 'judge' | 'history' | 'widen'> & {
  subject: 'entity' | 'none'
}

/** Rows of any shape: each is only ever given to the shape that made it. */
const SHAPES: Record<Params['compare'], Shape<never>> = {
  tree: tree as unknown as Shape<never>,
  roles: roles as unknown as Shape<never>,
  lines: lines as unknown as Shape<never>,
  assignment: assignments as unknown as Shape<never>,
}

export default defineCheckKind<Params, never>({
  name: 'structure',
  about: 'Account trees, sold-to, bill-to and ship-to sets, assignments and document lines that differ in shape.',
  params,
  category: 'structure',
  subject: ({ params: p }) => SHAPES[p.compare].subject,
  problems: ({ params: p }) => problems(p),
  reads: (check) => SHAPES[check.params.compare].reads(check),
  timed: () => false,
  widen: (check, ctx) => SHAPES[check.params.compare].widen?.(check, ctx) ?? ctx.reach,
  compile: (check, ctx) => SHAPES[check.params.compare].compile(check, ctx),
  history: (check, rows, ctx) => SHAPES[check.params.compare].history?.(check, rows, ctx) ?? [],
  judge: (check, rows, ctx) => SHAPES[check.params.compare].judge(check, rows, ctx),
})
