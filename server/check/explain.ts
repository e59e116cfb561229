/** Explain: the SQL that a full pass of a check runs, for people to read. */
import type { Context } from '../context.ts'
import { PlumblineError } from '../errors.ts'
import type { Check, Compiled } from './contract.ts'
import { kindFor } from './look.ts'

/** SELECTs of a full pass. Deterministic: the snapshots of the shipped checks are made of this. */
export function compiledFull(
  ctx: Pick<Context, 'landscape'> & { facts: { database: string } },
  check: Check,
  asOf: number,
): Compiled[] {
  return kindFor(check).compile(check, {
    landscape: ctx.landscape,
    reach: { full: true, slice: null },
    asOf,
    database: ctx.facts.database,
    held: new Map(),
  })
}

/** One text for the terminal: each check with its SQL, and its parameters as notes above it. */
export function explainChecks(ctx: Context, ids?: readonly string[]): string {
  const wanted = ids ?? ctx.checks.map((c) => c.id)
  return wanted
    .map((id) => {
      const check = ctx.checks.find((c) => c.id === id)
      if (!check) throw new PlumblineError('not_found', `There is no check ${JSON.stringify(id)}.`)
      const parts = compiledFull(ctx, check, ctx.clock.now())
      const sql = parts.map(
        (p) =>
          `${Object.entries(p.params)
            .map(([name, value]) => `-- {${name}} = ${JSON.stringify(value)}\n`)
            .join('')}${p.sql};\n`,
      )
      return `-- ${check.id} (${check.kind}): ${check.title}\n${sql.join('\n') || '-- reads how the collecting stands; no SQL\n'}`
    })
    .join('\n')
}
