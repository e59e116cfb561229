/** The archive of reports: every one that was sent, as it was sent, with its data. Nothing here can be changed. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import type { REPORT_FILES } from '../config/reports-schema.ts'
import { PlumblineError } from '../errors.ts'
import { originOf } from '../origin.ts'
import { archived, entryOf } from '../report/archive.ts'
import { reportFile } from '../report/files.ts'
import { reportHtml } from '../report/html.ts'
import { linksOf } from '../report/reports.ts'
import { reportText } from '../report/text.ts'
import type { Runtime } from '../runtime.ts'
import { requires, type GuardEnv } from './guard.ts'
import { invalid } from './problem.ts'
import { archivedSchema, archivedView } from './report-view.ts'
import { attachment, framed } from './reports.ts'

const PAGE = 50
const FILE = /^(?:data\.(csv|xlsx|parquet)|report\.(pdf))$/
const json = (schema: z.ZodType, description: string) => ({
  200: { description, content: { 'application/json': { schema: resolver(schema) } } },
})

export function reportArchiveRoutes({ ctx }: Runtime) {
  const origin = originOf(ctx.config)
  return new Hono<GuardEnv>()
    .get(
      '/',
      describeRoute({
        summary: 'Reports that were sent',
        tags: ['reports'],
        responses: json(z.array(archivedSchema), 'Newest first.'),
      }),
      requires('view'),
      validator('query', z.object({ report: z.string().optional(), before: z.iso.datetime().optional() }), invalid),
      (c) => {
        const { report, before } = c.req.valid('query')
        const filter = { ...(report && { report }), ...(before && { before: Date.parse(before) }) }
        return c.json(ctx.control.reports.archived({ ...filter, limit: PAGE }).map((e) => archivedView(e, ctx.control)))
      },
    )
    .get(
      '/:id',
      describeRoute({
        summary: 'One report that was sent',
        tags: ['reports'],
        responses: json(archivedSchema, 'The report.'),
      }),
      requires('view'),
      (c) => c.json(archivedView(entryOf(ctx, c.req.param('id')!), ctx.control)),
    )
    .get(
      '/:id/page',
      describeRoute({
        summary: 'As it was sent',
        tags: ['reports'],
        responses: { 200: { description: 'HTML or text.' } },
      }),
      requires('view'),
      validator(
        'query',
        z.object({ as: z.enum(['mail', 'page', 'text']).default('page'), theme: z.enum(['light', 'dark']).optional() }),
        invalid,
      ),
      (c) => {
        const { content, entry } = archived(ctx, c.req.param('id')!)
        const { as, theme } = c.req.valid('query')
        const links = linksOf(entry.id, content)
        if (as === 'text')
          return c.body(reportText(content, { origin, links }), 200, { 'content-type': 'text/plain; charset=utf-8' })
        return c.body(reportHtml(content, { origin, as, framed: true, links, ...(theme && { theme }) }), 200, framed)
      },
    )
    .get(
      '/:id/:file',
      describeRoute({
        summary: 'Its data, or its page as PDF',
        tags: ['reports'],
        responses: { 200: { description: 'The file.' } },
      }),
      requires('view'),
      async (c) => {
        const { content, data, entry } = archived(ctx, c.req.param('id')!)
        const [, table, page] = FILE.exec(c.req.param('file')!) ?? []
        const format = table ?? page
        if (!format)
          throw new PlumblineError('not_found', `A report has no file ${c.req.param('file')}.`, {
            remedy: 'There are data.csv, data.xlsx, data.parquet and report.pdf.',
          })
        const made = await reportFile(ctx, format as (typeof REPORT_FILES)[number], {
          content,
          rows: data.rows,
          name: entry.id,
          origin,
        })
        return c.body(new Uint8Array(made.bytes), 200, attachment(made))
      },
    )
}
