/** Lists over HTTP: any of them by its search, as a table to print, to hand on or to freeze. */
import { randomUUID } from 'node:crypto'
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import { LISTS, type ListName } from '../../model/vocabularies.ts'
import { iso } from '../clock.ts'
import { PlumblineError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import { requires, type Caller, type GuardEnv } from './guard.ts'
import { causeList } from './lists/causes.ts'
import { customerList } from './lists/customers.ts'
import { exceptionList } from './lists/exceptions.ts'
import { countsOf, issueList } from './lists/issues.ts'
import { tableSchema, type List, type ListTable } from './lists/list.ts'
import { planList } from './lists/remediations.ts'
import { listCsv, listMarkdown } from './lists/write.ts'
import { invalid } from './problem.ts'

const TABLES: Record<ListName, List> = {
  issues: issueList,
  exceptions: exceptionList,
  customers: customerList,
  causes: causeList,
  remediations: planList,
}
/** Rows of one table at most: what a person can look through, and a spreadsheet opens at once. */
const ROWS_MAX = 10_000
/** Rows that a frozen list keeps. */
const FROZEN_ROWS_MAX = 500
const COUNTS_MAX = 100

const json = (schema: z.ZodType, description: string) => ({
  200: { description, content: { 'application/json': { schema: resolver(schema) } } },
})
const frozenSchema = z
  .object({ id: z.string(), at: z.string(), by: z.string(), search: z.string(), table: tableSchema })
  .meta({ id: 'FrozenList' })
const asked = z.object({
  q: z.string().max(500).optional().describe('The search grammar of the list; default: what it shows first.'),
  sort: z.string().max(40).optional(),
  limit: z.coerce.number().int().min(1).max(ROWS_MAX).default(100),
})

export function listRoutes(runtime: Runtime, origin: string) {
  const { control, clock } = runtime.ctx
  const listNamed = (text: string): ListName => {
    const found = LISTS.find((l) => l === text)
    if (found) return found
    throw new PlumblineError('not_found', `There is no list "${text}".`, { remedy: `One of ${LISTS.join(', ')}.` })
  }
  async function table(name: ListName, { q, sort, limit }: z.output<typeof asked>, caller: Caller): Promise<ListTable> {
    const list = TABLES[name]
    const query = q === undefined ? list.first : q.trim()
    const body = await list.read(runtime, { q: query, sort, limit, caller })
    return { list: name, title: list.title, query, as_of: iso(clock.now()), ...body }
  }

  return new Hono<GuardEnv>()
    .get(
      '/issues/counts',
      describeRoute({
        summary: 'How many issues each of several searches finds',
        tags: ['lists'],
        responses: json(z.array(z.number().int().nullable()), 'In the order asked; null: not understood.'),
      }),
      requires('view'),
      validator(
        'query',
        z.object({ q: z.union([z.string().transform((q) => [q]), z.array(z.string().max(500)).max(COUNTS_MAX)]) }),
        invalid,
      ),
      async (c) => c.json(await countsOf(runtime, c.req.valid('query').q, c.get('caller'))),
    )
    .get(
      '/frozen/:id',
      describeRoute({
        summary: 'A list as it was when it was frozen',
        tags: ['lists'],
        responses: json(frozenSchema, 'It.'),
      }),
      requires('view'),
      (c) => {
        const kept = control.frozenList(c.req.param('id'))
        if (!kept)
          throw new PlumblineError('not_found', `There is no frozen list ${c.req.param('id')}.`, {
            remedy: 'Ask whoever sent the link for a new one.',
          })
        return c.json({
          id: kept.id,
          at: iso(kept.at),
          by: control.user(kept.owner)?.name ?? kept.owner,
          search: kept.search,
          table: JSON.parse(kept.body) as ListTable,
        })
      },
    )
    .get(
      '/:list',
      describeRoute({
        summary: 'A list by its search, as JSON, Markdown or CSV',
        tags: ['lists'],
        responses: json(tableSchema, 'The table.'),
      }),
      requires('view'),
      validator('query', asked.extend({ format: z.enum(['json', 'md', 'csv']).default('json') }), invalid),
      async (c) => {
        const { format, ...ask } = c.req.valid('query')
        const name = listNamed(c.req.param('list')!)
        const found = await table(name, ask, c.get('caller'))
        if (format === 'json') return c.json(found)
        if (format === 'md')
          return c.text(listMarkdown(found, origin), 200, { 'content-type': 'text/markdown; charset=utf-8' })
        control.audit({
          at: clock.now(),
          actor: (c.get('caller') as Caller).user.id,
          action: `exported ${name}`,
          object: 'export',
          detail: { format, q: found.query, rows: found.rows.length },
        })
        return c.body(listCsv(found, origin), 200, {
          'content-type': 'text/csv; charset=utf-8',
          'content-disposition': `attachment; filename="plumbline-${name}-shown.csv"`,
        })
      },
    )
    .post(
      '/:list/freeze',
      describeRoute({
        summary: 'Keep a list as it is now, for a link that always shows the same',
        tags: ['lists'],
        responses: json(z.object({ id: z.string(), path: z.string() }), 'Its id and address.'),
      }),
      requires('view'),
      validator('json', z.strictObject({ search: z.string().max(1000) }), invalid),
      async (c) => {
        const { search } = c.req.valid('json')
        const params = new URLSearchParams(search)
        const name = listNamed(c.req.param('list')!)
        const ask = { q: params.get('q') ?? undefined, sort: params.get('sort') ?? undefined, limit: FROZEN_ROWS_MAX }
        const caller = c.get('caller') as Caller
        const kept = await table(name, ask, caller)
        const id = randomUUID()
        control.freezeList({
          ...{ id, list: name, search, owner: caller.user.id, at: clock.now() },
          body: JSON.stringify(kept),
        })
        return c.json({ id, path: `/frozen/${id}` })
      },
    )
}
