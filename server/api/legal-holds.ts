/** Legal holds over HTTP: what must not be removed whatever its age; placed and lifted with a reason. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import { iso } from '../clock.ts'
import { PlumblineError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import { HOLD_SCOPES, type LegalHold } from '../store/control/legal-holds.ts'
import { recordsOf } from '../store/facts/links.ts'
import { issuesOfCustomers, namesOfCustomer } from '../store/facts/retained/needed.ts'
import { requires, type Caller, type GuardEnv } from './guard.ts'
import { invalid } from './problem.ts'

const holdSchema = z
  .object({
    id: z.number().int(),
    scope: z.enum(HOLD_SCOPES),
    subject: z.string().describe('Entity of a customer, or an issue such as I-12; empty: everything.'),
    reason: z.string(),
    placed_by: z.string(),
    placed_at: z.string(),
    lifted_by: z.string().nullable(),
    lifted_at: z.string().nullable().describe('Null: it stands.'),
    lifted_reason: z.string().nullable(),
  })
  .meta({ id: 'LegalHold' })
const json = (schema: z.ZodType, description: string) => ({
  200: { description, content: { 'application/json': { schema: resolver(schema) } } },
})
const reason = z.string().trim().min(3).max(1000).describe('Why, in a sentence.')
const ISSUE = /^I-[1-9]\d{0,15}$/

export function legalHoldRoutes({ ctx }: Runtime) {
  const { control, clock, facts } = ctx
  const by = (c: { get(name: 'caller'): Caller }) => ({ actor: c.get('caller').user.id, at: clock.now() })
  const name = (id: string | null) => (id === null ? null : (control.user(id)?.email ?? id))
  const view = (h: LegalHold): z.output<typeof holdSchema> => ({
    ...{ id: h.id, scope: h.scope, subject: h.subject, reason: h.reason },
    ...{ placed_by: name(h.placedBy)!, placed_at: iso(h.placedAt) },
    ...{ lifted_by: name(h.liftedBy), lifted_at: h.liftedAt === null ? null : iso(h.liftedAt) },
    lifted_reason: h.liftedReason,
  })
  /** @throws PlumblineError not_found, schema */
  async function known(scope: LegalHold['scope'], subject: string): Promise<void> {
    if (scope === 'everything' && subject !== '')
      throw new PlumblineError('schema', 'A hold on everything has no subject.', { remedy: 'Leave the subject out.' })
    if (scope === 'issue' && (!ISSUE.test(subject) || !control.issue(Number(subject.slice(2)))))
      throw new PlumblineError('not_found', `There is no issue ${JSON.stringify(subject)}.`, {
        remedy: 'Write it like I-12.',
      })
    if (scope === 'customer' && (await recordsOf(facts, 'customer', subject)).length === 0)
      throw new PlumblineError('not_found', `There is no customer ${JSON.stringify(subject)}.`, {
        remedy: 'GET /v1/customers finds customers by name, id, e-mail or domain.',
      })
  }
  /** Those that hold a customer or an issue: its own, its customers’, and everything’s. */
  async function holding(standing: LegalHold[], { customer, issue }: { customer?: string; issue?: string }) {
    const names = customer === undefined ? new Set<string>() : await namesOfCustomer(facts, customer)
    const held: LegalHold[] = []
    for (const h of standing) {
      const of = h.scope === 'customer' && issue !== undefined ? await issuesOfCustomers(facts, [h.subject]) : []
      const own = h.scope === 'customer' ? names.has(h.subject) : h.scope === 'everything' || h.subject === issue
      if (own || of.includes(Number(issue?.slice(2)))) held.push(h)
    }
    return held
  }

  return new Hono<GuardEnv>()
    .get(
      '/',
      describeRoute({
        summary: 'Legal holds: those that stand and those that were lifted, or those that hold one customer or issue',
        tags: ['retention'],
        responses: json(z.object({ holds: z.array(holdSchema) }), 'Newest first, those that stand before the others.'),
      }),
      requires('view'),
      validator(
        'query',
        z.object({ customer: z.string().max(600).optional(), issue: z.string().regex(ISSUE).optional() }),
        invalid,
      ),
      async (c) => {
        const of = c.req.valid('query')
        const one = of.customer !== undefined || of.issue !== undefined
        const holds = one ? await holding(control.legalHolds({ standing: true }), of) : control.legalHolds()
        return c.json({ holds: holds.map(view) })
      },
    )
    .post(
      '/',
      describeRoute({ summary: 'Place a hold', tags: ['retention'], responses: json(holdSchema, 'The hold.') }),
      requires('operate'),
      validator(
        'json',
        z.strictObject({ scope: z.enum(HOLD_SCOPES), subject: z.string().trim().max(600).default(''), reason }),
        invalid,
      ),
      async (c) => {
        const hold = c.req.valid('json')
        await known(hold.scope, hold.subject)
        return c.json(view(control.placeHold(hold, by(c))))
      },
    )
    .post(
      '/:id/lift',
      describeRoute({
        summary: 'Lift a hold: from then on age counts again',
        tags: ['retention'],
        responses: json(holdSchema, 'The hold.'),
      }),
      requires('administer'),
      validator('json', z.strictObject({ reason }), invalid),
      (c) => {
        const hold = control.liftHold(Number(c.req.param('id')), c.req.valid('json').reason, by(c))
        if (hold) return c.json(view(hold))
        throw new PlumblineError('not_found', 'There is no such hold that stands.', {
          remedy: 'GET /v1/legal-holds lists them.',
        })
      },
    )
}
