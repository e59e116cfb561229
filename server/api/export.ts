/** Exports over HTTP: the same documents as the command line writes. */
import { Hono } from 'hono'
import { describeRoute, validator } from 'hono-openapi'
import { stream } from 'hono/streaming'
import { z } from 'zod'
import { CONTENT_TYPE, EXPORTS, exported, FORMATS } from '../export.ts'
import { PlumblineError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import { requires, type Caller, type GuardEnv } from './guard.ts'
import { invalid } from './problem.ts'

export function exportRoutes({ ctx, works }: Runtime) {
  return new Hono<GuardEnv>().get(
    '/:what',
    describeRoute({
      summary: 'Records, findings, their transitions, issues, recorded events, runs or the audit trail',
      tags: ['export'],
      responses: { 200: { description: 'NDJSON, CSV or Parquet.' } },
    }),
    requires('view'),
    validator('param', z.object({ what: z.enum(EXPORTS) }), invalid),
    validator(
      'query',
      z.object({
        format: z.enum(FORMATS).default('ndjson'),
        kind: z.string().max(50).optional(),
        where: z.union([z.string().transform((w) => [w]), z.array(z.string())]).optional(),
      }),
      invalid,
    ),
    async (c) => {
      const { what } = c.req.valid('param')
      const { format, kind, where } = c.req.valid('query')
      const caller = c.get('caller') as Caller
      if (what === 'audit' && caller.role !== 'admin')
        throw new PlumblineError('forbidden', 'The audit trail is for administrators.', {
          remedy: 'Ask one for an extract.',
        })
      ctx.control.audit({
        at: ctx.clock.now(),
        actor: caller.user.id,
        action: `exported ${what}`,
        object: 'export',
        detail: { format, ...(kind && { kind }) },
      })
      const pieces = exported(ctx, { what, format, kind, where })[Symbol.asyncIterator]()
      // The first piece before the headers: what cannot be exported is told as a problem, not as a broken file.
      const first = await pieces.next()
      c.header('content-type', CONTENT_TYPE[format])
      c.header('content-disposition', `attachment; filename="plumbline-${what}${kind ? `-${kind}` : ''}.${format}"`)
      const spec = { kind: 'export', subject: what, unit: 'bytes', by: caller.user.id } as const
      return stream(c, (out) =>
        works.run(spec, async ({ signal, at }) => {
          let bytes = 0
          for (let piece = first; !piece.done; piece = await pieces.next()) {
            // A file that was broken off must not look whole: the connection ends without its end.
            if (signal.aborted || out.aborted) return out.abort()
            await out.write(piece.value)
            at((bytes += Buffer.byteLength(piece.value)), null)
          }
        }),
      )
    },
  )
}
