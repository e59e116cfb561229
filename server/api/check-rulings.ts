/** Rulings about checks over HTTP: switched off and on with a reason, taken back to a text that was live before. */
import { existsSync, readFileSync } from 'node:fs'
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import { publishCheck } from '../check/publish.ts'
import { iso } from '../clock.ts'
import type { Context } from '../context.ts'
import { PlumblineError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import type { CheckOff } from '../store/control/check-rulings.ts'
import { requires, type Caller, type GuardEnv } from './guard.ts'
import { invalid } from './problem.ts'

const VERSIONS_SHOWN = 50
/** A check that nobody remembers is off finds nothing for years. */
const OFF_DAYS_MAX = 365
const DAY = 86_400_000

export const offSchema = z
  .object({
    reason: z.string(),
    by: z.string(),
    since: z.string(),
    until: z.string().nullable().describe('It looks again by itself from then on.'),
  })
  .nullable()
  .describe('Null: it looks in every round.')
const versionSchema = z
  .object({
    number: z.number().int().describe('The first text that was live here has 1.'),
    version: z.string(),
    at: z.string(),
    by: z.string().nullable().describe('Null: it stood in a file before another was published.'),
    reason: z.string().nullable().describe('Why it was published or taken back to; null: it stood in a file.'),
    live: z.boolean(),
    yaml: z.string(),
  })
  .meta({ id: 'CheckVersion' })
const json = (schema: z.ZodType, description: string) => ({
  200: { description, content: { 'application/json': { schema: resolver(schema) } } },
})
export const reason = z.string().trim().min(3).max(1000).describe('Why, in a sentence.')
const nameOf = ({ control }: Context, id: string) => control.user(id)?.email ?? id

export const offView = (ctx: Context, off: CheckOff | undefined): z.output<typeof offSchema> =>
  off
    ? {
        ...{ reason: off.reason, by: nameOf(ctx, off.author), since: iso(off.since) },
        until: off.until === null ? null : iso(off.until),
      }
    : null

export function checkRulingRoutes({ ctx, live }: Runtime) {
  const { control, clock } = ctx
  const by = (c: { get(name: 'caller'): Caller }) => ({ actor: c.get('caller').user.id, at: clock.now() })
  const find = (c: { req: { param(name: string): string | undefined } }) => {
    const id = `${c.req.param('family')}/${c.req.param('id')}`
    const check = ctx.checks.find((k) => k.id === id)
    if (check) return check
    throw new PlumblineError('not_found', `There is no check "${id}".`, { remedy: 'GET /v1/checks lists them.' })
  }
  const offNow = (id: string) =>
    offView(
      ctx,
      control.checksOff(clock.now()).find((o) => o.id === id),
    )
  /** Open dashboards count the checks that look. */
  const told = () => live.publish({ type: 'checked', at: iso(clock.now()), opened: 0, resolved: 0, open: 0 })
  const versions = (id: string, file: string): z.output<typeof versionSchema>[] => {
    const text = existsSync(file) ? readFileSync(file, 'utf8') : null
    const kept = control.checkVersions(id, VERSIONS_SHOWN)
    const running = kept.find((v) => v.yaml === text)
    return kept.map((v) => ({
      ...{ number: v.number, version: v.version, at: iso(v.at), reason: v.reason, yaml: v.yaml },
      ...{ by: v.author && nameOf(ctx, v.author), live: v === running },
    }))
  }

  return new Hono<GuardEnv>()
    .post(
      '/:family/:id/off',
      describeRoute({
        summary: 'Switch a check off, with a reason and an end',
        tags: ['checks'],
        responses: json(offSchema, 'How it is off.'),
      }),
      requires('administer'),
      validator(
        'json',
        z.strictObject({ reason, until: z.string().nullable().default(null).describe('Instant; null: no end.') }),
        invalid,
      ),
      (c) => {
        const body = c.req.valid('json')
        const { id } = find(c)
        const until = body.until === null ? null : Date.parse(body.until)
        const now = clock.now()
        if (until !== null && !(until > now && until <= now + OFF_DAYS_MAX * DAY))
          throw new PlumblineError(
            'schema',
            `"${body.until}" is not an instant within the next ${OFF_DAYS_MAX} days.`,
            { remedy: 'Choose an earlier day, or none.' },
          )
        control.switchCheckOff(id, { reason: body.reason, until }, by(c))
        told()
        return c.json(offNow(id))
      },
    )
    .post(
      '/:family/:id/on',
      describeRoute({
        summary: 'Switch a check on again',
        tags: ['checks'],
        responses: json(offSchema, 'Null: it looks from the next round on.'),
      }),
      requires('administer'),
      validator('json', z.strictObject({ reason }), invalid),
      (c) => {
        const { id } = find(c)
        if (!control.switchCheckOn(id, c.req.valid('json').reason, by(c)))
          throw new PlumblineError('conflict', `${id} is not switched off.`, {
            remedy: 'It looks in every round; what the configuration disables is changed there.',
          })
        told()
        return c.json(offNow(id))
      },
    )
    .get(
      '/:family/:id/versions',
      describeRoute({
        summary: 'The texts that a check had while it was live here, newest first',
        tags: ['checks'],
        responses: json(z.array(versionSchema), 'Versions.'),
      }),
      requires('view'),
      (c) => {
        const check = find(c)
        return c.json(versions(check.id, check.file))
      },
    )
    .post(
      '/:family/:id/revert',
      describeRoute({
        summary: 'Make a text that was live before the live one again; takes no back-test',
        tags: ['checks'],
        responses: json(z.array(versionSchema), 'Versions, newest first.'),
      }),
      requires('administer'),
      validator('json', z.strictObject({ number: z.number().int(), reason }), invalid),
      (c) => {
        const { number, reason } = c.req.valid('json')
        const check = find(c)
        const known = versions(check.id, check.file)
        const wanted = known.find((v) => v.number === number)
        if (!wanted)
          throw new PlumblineError('not_found', `${check.id} has no version ${number}.`, {
            remedy: known.length ? `Known: ${known.map((v) => v.number).join(', ')}.` : 'It was never published here.',
          })
        if (wanted.live)
          throw new PlumblineError('conflict', `Version ${number} is the live one.`, { remedy: 'Choose another.' })
        const { actor, at } = by(c)
        const file = publishCheck(ctx, check.id, wanted.yaml, { by: actor, reason, back: true })
        control.audit({
          ...{ at, actor, action: 'check.reverted', object: `check ${check.id}` },
          detail: { reason, to: wanted.version, from: check.version },
        })
        return c.json(versions(check.id, file))
      },
    )
}
