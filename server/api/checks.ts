/** Checks: what is being compared, by which SQL, and how it last went. */
import { Hono } from 'hono'
import { describeRoute, resolver } from 'hono-openapi'
import { z } from 'zod'
import type { Locale } from '../../model/message.ts'
import { SEVERITIES } from '../../model/verdict.ts'
import { explainChecks } from '../check/explain.ts'
import { guidanceIn } from '../check/runbooks.ts'
import { iso } from '../clock.ts'
import { PlumblineError } from '../errors.ts'
import type { Check } from '../check/contract.ts'
import type { Runtime } from '../runtime.ts'
import { findingCounts } from '../store/facts/findings.ts'
import { offSchema, offView } from './check-rulings.ts'
import { requires, type GuardEnv } from './guard.ts'
import { localeFor } from './language.ts'

const checkSchema = z
  .object({
    id: z.string(),
    title: z.string(),
    why: z.string().describe('In the language that the request names, where somebody translated it; so is `fix`.'),
    fix: z.string().describe('Runbook in Markdown.'),
    kind: z.string(),
    category: z.string(),
    severity: z.enum(SEVERITIES),
    owner: z.string(),
    version: z.string(),
    off: offSchema,
    open: z.number().int(),
    in_flight: z.number().int(),
    undecided: z.number().int(),
    last_run_at: z.string().nullable(),
    last_full_at: z.string().nullable(),
    error: z
      .object({ code: z.string(), message: z.string(), remedy: z.string().optional(), at: z.string() })
      .nullable(),
  })
  .meta({ id: 'Check' })
const detail = checkSchema.extend({ sql: z.string(), parameters: z.unknown() }).meta({ id: 'CheckDetail' })
const json = (schema: z.ZodType, description: string) => ({
  200: { description, content: { 'application/json': { schema: resolver(schema) } } },
})

export function checkRoutes({ ctx }: Runtime) {
  const offs = () => new Map(ctx.control.checksOff(ctx.clock.now()).map((o) => [o.id, o]))
  function view(
    check: Check,
    counts: Awaited<ReturnType<typeof findingCounts>>,
    off: ReturnType<typeof offs>,
    locale: Locale,
  ): z.output<typeof checkSchema> {
    const { why, fix } = guidanceIn(locale, check)
    const state = ctx.control.checkState(check.id)
    const n = (wanted: string) => counts.find((k) => k.check === check.id && k.state === wanted)?.n ?? 0
    return {
      id: check.id,
      title: check.title,
      why,
      fix,
      kind: check.kind,
      category: check.category,
      severity: check.severity,
      owner: check.owner,
      version: check.version,
      off: offView(ctx, off.get(check.id)),
      open: n('open'),
      in_flight: n('in_flight'),
      undecided: n('undecided'),
      last_run_at: state?.lastRunAt ? iso(state.lastRunAt) : null,
      last_full_at: state?.lastFullAt ? iso(state.lastFullAt) : null,
      error: state?.lastError ? { ...state.lastError, at: iso(state.lastError.at) } : null,
    }
  }

  return new Hono<GuardEnv>()
    .get(
      '/',
      describeRoute({ summary: 'All checks', tags: ['checks'], responses: json(z.array(checkSchema), 'Checks.') }),
      requires('view'),
      async (c) => {
        const counts = await findingCounts(ctx.facts)
        const off = offs()
        return c.json(ctx.checks.map((k) => view(k, counts, off, localeFor(c))))
      },
    )
    .get(
      '/:family/:id',
      describeRoute({ summary: 'One check with its SQL', tags: ['checks'], responses: json(detail, 'The check.') }),
      requires('view'),
      async (c) => {
        const id = `${c.req.param('family')}/${c.req.param('id')}`
        const check = ctx.checks.find((k) => k.id === id)
        if (!check)
          throw new PlumblineError('not_found', `There is no check "${id}".`, { remedy: 'GET /v1/checks lists them.' })
        return c.json({
          ...view(check, await findingCounts(ctx.facts), offs(), localeFor(c)),
          sql: explainChecks(ctx, [id]),
          parameters: check.params,
        })
      },
    )
}
