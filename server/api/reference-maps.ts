/** Reference maps: what the codes of each platform mean, who answers for it, and which fields are read through it. */
import { Hono } from 'hono'
import { describeRoute, resolver } from 'hono-openapi'
import { z } from 'zod'
import type { Runtime } from '../runtime.ts'
import { requires, type GuardEnv } from './guard.ts'

const mapSchema = z
  .object({
    name: z.string(),
    owner: z.string().nullable().describe('Team that answers for it.'),
    file: z.string().nullable().describe('File that it is kept in; null: the configuration itself.'),
    entries: z.array(z.object({ who: z.string(), code: z.string(), means: z.string() })),
    used_by: z.array(z.object({ platform: z.string(), title: z.string(), field: z.string() })),
  })
  .meta({ id: 'ReferenceMap' })

export function referenceMapRoutes({ ctx }: Runtime) {
  const { reference_maps: maps, platforms } = ctx.config
  const uses = Object.entries(platforms).flatMap(([platform, p]) => {
    const title = p.title ?? platform
    const read = Object.entries(p.maps ?? {}).map(([field, map]) => ({ map, platform, title, field }))
    const own = Object.entries(p.mapping ?? {}).flatMap(([kind, mapping]) =>
      [
        ...Object.entries(mapping?.fields ?? {}),
        ...Object.entries(mapping?.custom ?? {}).map(([n, m]) => [`custom.${n}`, m] as const),
      ].flatMap(([field, m]) =>
        typeof m === 'object' && m.map ? [{ map: m.map, platform, title, field: `${kind}.${field}` }] : [],
      ),
    )
    return [...read, ...own]
  })

  return new Hono<GuardEnv>().get(
    '/',
    describeRoute({
      summary: 'All reference maps',
      tags: ['reference maps'],
      responses: {
        200: { description: 'Maps.', content: { 'application/json': { schema: resolver(z.array(mapSchema)) } } },
      },
    }),
    requires('view'),
    (c) =>
      c.json(
        Object.entries(maps).map(([name, map]): z.output<typeof mapSchema> => ({
          name,
          owner: map.owner ?? null,
          file: map.file ?? null,
          entries: Object.entries(map.entries ?? {}).flatMap(([who, codes]) =>
            Object.entries(codes).map(([code, means]) => ({ who, code, means })),
          ),
          used_by: uses.filter((u) => u.map === name).map(({ map: _, ...use }) => use),
        })),
      ),
  )
}
