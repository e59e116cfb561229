/** Reports: what goes to whom, when; its preview on today's data; sending, pausing and subscribing. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { stringify } from 'yaml'
import { z } from 'zod'
import { reportSchema, REPORT_FILES, type ReportConfig } from '../config/reports-schema.ts'
import { PlumblineError } from '../errors.ts'
import { originOf } from '../origin.ts'
import { reportFile } from '../report/files.ts'
import { reportHtml } from '../report/html.ts'
import { listOf } from '../report/readers.ts'
import { reportOf } from '../report/reports.ts'
import { reportText } from '../report/text.ts'
import type { Runtime } from '../runtime.ts'
import { may, requires, type Caller, type GuardEnv } from './guard.ts'
import { REPORT_CSP } from './headers.ts'
import { invalid } from './problem.ts'
import { archivedSchema, archivedView, reportView, reportViewSchema } from './report-view.ts'

const json = (schema: z.ZodType, description: string) => ({
  200: { description, content: { 'application/json': { schema: resolver(schema) } } },
})
const file = (description: string) => ({ 200: { description } })

/** Settings tried in the editor: JSON in the address, read by the schema of the configuration. */
const change = z
  .string()
  .max(8_000)
  .optional()
  .transform((text, ctx): Partial<ReportConfig> => {
    if (text === undefined) return {}
    try {
      const given = JSON.parse(text) as Record<string, unknown>
      const parsed = reportSchema.safeParse({ audience: 'operations', ...given })
      if (parsed.success)
        return Object.fromEntries(Object.keys(given).map((key) => [key, parsed.data[key as keyof ReportConfig]]))
      for (const issue of parsed.error.issues)
        ctx.addIssue({ code: 'custom', message: `${issue.path.join('.')}: ${issue.message}` })
    } catch {
      ctx.addIssue({ code: 'custom', message: 'is no JSON' })
    }
    return z.NEVER
  })

const subscriptionBody = z.strictObject({
  subscribed: z.boolean(),
  address: z.email().optional().describe('Of somebody else; needs the right to operate. Left out: of the caller.'),
})

export const framed = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': REPORT_CSP }

export function reportRoutes({ ctx, reports }: Runtime) {
  const origin = originOf(ctx.config)
  const viewOf = (name: string, caller: Caller) => reportView(name, reportOf(ctx, name), ctx, caller.user.email)
  const callerOf = (c: { get(key: 'caller'): Caller }) => c.get('caller')

  return new Hono<GuardEnv>()
    .get(
      '/',
      describeRoute({
        summary: 'All reports',
        tags: ['reports'],
        responses: json(z.array(reportViewSchema), 'Reports.'),
      }),
      requires('view'),
      (c) => c.json(Object.keys(ctx.config.reports).map((name) => viewOf(name, callerOf(c)))),
    )
    .get(
      '/:name',
      describeRoute({ summary: 'One report', tags: ['reports'], responses: json(reportViewSchema, 'The report.') }),
      requires('view'),
      (c) => c.json(viewOf(c.req.param('name')!, callerOf(c))),
    )
    .get(
      '/:name/preview',
      describeRoute({
        summary: 'The mail as it would be sent now',
        tags: ['reports'],
        responses: file('HTML or plain text.'),
      }),
      requires('view'),
      validator(
        'query',
        z.object({
          as: z.enum(['mail', 'page', 'text']).default('mail'),
          theme: z.enum(['light', 'dark']).optional(),
          change,
        }),
        invalid,
      ),
      async (c) => {
        const { as, theme, change: tried } = c.req.valid('query')
        const { content } = await reports.preview(c.req.param('name')!, tried)
        if (as === 'text')
          return c.body(reportText(content, { origin }), 200, { 'content-type': 'text/plain; charset=utf-8' })
        return c.body(reportHtml(content, { origin, as, framed: true, ...(theme && { theme }) }), 200, framed)
      },
    )
    .get(
      '/:name/yaml',
      describeRoute({
        summary: 'The report as configuration',
        tags: ['reports'],
        responses: json(z.object({ yaml: z.string() }), 'YAML for plumbline.yaml.'),
      }),
      requires('view'),
      validator('query', z.object({ name: z.string().max(63).optional(), change }), invalid),
      (c) => {
        const { name, change: tried } = c.req.valid('query')
        const report = { ...reportOf(ctx, c.req.param('name')!), ...tried }
        return c.json({ yaml: stringify({ reports: { [name ?? c.req.param('name')!]: written(report) } }) })
      },
    )
    .get(
      '/:name/file',
      describeRoute({
        summary: 'The report on today’s data as a file',
        tags: ['reports'],
        responses: file('The file.'),
      }),
      requires('view'),
      validator('query', z.object({ format: z.enum(['html', 'txt', ...REPORT_FILES]) }), invalid),
      async (c) => {
        const name = c.req.param('name')!
        const { format } = c.req.valid('query')
        const { content, data } = await reports.preview(name)
        if (format === 'html')
          return c.body(reportHtml(content, { origin, as: 'page' }), 200, {
            'content-type': 'text/html; charset=utf-8',
          })
        if (format === 'txt')
          return c.body(reportText(content, { origin }), 200, { 'content-type': 'text/plain; charset=utf-8' })
        const made = await reportFile(ctx, format, { content, rows: data.rows, name, origin })
        return c.body(new Uint8Array(made.bytes), 200, attachment(made))
      },
    )
    .post(
      '/:name/send',
      describeRoute({
        summary: 'Send it now, to all readers',
        tags: ['reports'],
        responses: json(archivedSchema, 'What was sent.'),
      }),
      requires('operate'),
      async (c) => c.json(archivedView(await reports.sendNow(c.req.param('name')!, callerOf(c).user.id), ctx.control)),
    )
    .post(
      '/:name/test',
      describeRoute({
        summary: 'Send a test to me',
        tags: ['reports'],
        responses: { 204: { description: 'On its way.' } },
      }),
      requires('view'),
      validator('query', z.object({ change }), invalid),
      async (c) => {
        await reports.sendTest(c.req.param('name')!, mailOf(callerOf(c)), c.req.valid('query').change)
        return c.body(null, 204)
      },
    )
    .post(
      '/:name/pause',
      describeRoute({ summary: 'Pause or go on', tags: ['reports'], responses: json(reportViewSchema, 'The report.') }),
      requires('operate'),
      validator('json', z.strictObject({ paused: z.boolean() }), invalid),
      (c) => {
        const name = c.req.param('name')!
        reportOf(ctx, name)
        const actor = callerOf(c).user.id
        const at = ctx.clock.now()
        ctx.control.reports.pause(name, c.req.valid('json').paused ? { actor, at } : null, actor, at)
        return c.json(viewOf(name, callerOf(c)))
      },
    )
    .post(
      '/:name/subscription',
      describeRoute({
        summary: 'Subscribe or leave',
        tags: ['reports'],
        responses: json(reportViewSchema, 'The report.'),
      }),
      requires('view'),
      validator('json', subscriptionBody, invalid),
      (c) => {
        const name = c.req.param('name')!
        reportOf(ctx, name)
        const { subscribed, address } = c.req.valid('json')
        if (address !== undefined) mayFor(callerOf(c))
        const email = address ?? mailOf(callerOf(c))
        ctx.control.transaction(() => {
          ctx.control.reports.subscribe(name, email, subscribed, { actor: callerOf(c).user.id, at: ctx.clock.now() })
          if (subscribed) ctx.control.resubscribe(listOf(name), email)
          else ctx.control.unsubscribe(listOf(name), email, ctx.clock.now())
        })
        return c.json(viewOf(name, callerOf(c)))
      },
    )
}

/** Where a person is reached. @throws PlumblineError where the caller is no person. */
function mailOf({ user }: Caller): string {
  if (user.email) return user.email
  throw new PlumblineError('forbidden', 'Only a person with a mail address can do this.', {
    remedy: 'Sign in to the dashboard.',
  })
}

/** Whether the caller may decide what others get. @throws PlumblineError forbidden. */
function mayFor({ role }: Caller): void {
  if (may(role, 'operate')) return
  throw new PlumblineError('forbidden', 'You may subscribe yourself only.', {
    remedy: 'Ask somebody who may operate, or let the reader subscribe on the page Reports.',
  })
}

/** The configuration without what is default anyway. */
function written(report: ReportConfig): Partial<ReportConfig> {
  const plain = reportSchema.parse({ audience: report.audience })
  return Object.fromEntries(
    Object.entries(report).filter(
      ([key, value]) =>
        key === 'audience' || JSON.stringify(value) !== JSON.stringify(plain[key as keyof ReportConfig]),
    ),
  )
}

export const attachment = ({ name, type }: { name: string; type: string }) => ({
  'content-type': type,
  'content-disposition': `attachment; filename="${name.replace(/[^\w.-]/g, '_')}"`,
})
