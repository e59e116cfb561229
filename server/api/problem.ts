/** Problems: every error of the API as application/problem+json (RFC 9457), with a code, a remedy and a request id. */
import type { Context as HonoContext } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { z } from 'zod'
import { asError, type ErrorCode } from '../errors.ts'
import type { Log } from '../log.ts'

const STATUS: Record<ErrorCode, ContentfulStatusCode> = {
  config: 400,
  auth: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  rate_limited: 429,
  schema: 400,
  sql: 500,
  upstream: 502,
  full: 507,
}

export const problemSchema = z
  .object({
    type: z.string().describe('about:blank, or a page that explains this kind of problem.'),
    title: z.string(),
    status: z.number().int(),
    detail: z.string().optional(),
    code: z
      .string()
      .describe(
        'Closed list: config, auth, forbidden, not_found, conflict, rate_limited, schema, sql, upstream, full, invalid.',
      ),
    remedy: z.string().optional().describe('What to do about it.'),
    request_id: z.string(),
    problems: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem' })
export type Problem = z.output<typeof problemSchema>

export function problem(
  c: HonoContext,
  status: ContentfulStatusCode,
  body: Omit<Problem, 'type' | 'status' | 'request_id'>,
): Response {
  const full: Problem = { type: 'about:blank', status, request_id: requestId(c), ...body }
  return c.body(JSON.stringify(full), status, { 'content-type': 'application/problem+json' })
}

/** The one catch of the API. What we did not foresee is logged with its stack and told without it. */
export function onError(log: Log) {
  return (thrown: Error, c: HonoContext): Response => {
    if (thrown instanceof HTTPException) {
      return problem(c, thrown.status as ContentfulStatusCode, {
        title: thrown.message || 'The request failed.',
        code: 'invalid',
      })
    }
    const error = asError(thrown)
    const foreseen = error === thrown
    if (!foreseen || STATUS[error.code] >= 500) {
      log.error('request failed', {
        request_id: requestId(c),
        path: c.req.path,
        code: error.code,
        error: error.message,
        stack: thrown.stack ?? '',
      })
    }
    if (!foreseen)
      return problem(c, 500, {
        title: 'Something failed on our side.',
        code: 'upstream',
        remedy: 'The log has the details under this request id.',
      })
    if (error.retryAfterMs) c.header('retry-after', String(Math.ceil(error.retryAfterMs / 1000)))
    return problem(c, STATUS[error.code], {
      title: error.message,
      code: error.code,
      ...(error.remedy && { remedy: error.remedy }),
    })
  }
}

export function requestId(c: HonoContext): string {
  return (c.get('requestId') as string | undefined) ?? '-'
}

/** Answer of the request validator: all problems of the request at once. */
export function invalid(
  result: {
    success: boolean
    error?: readonly { message: string; path?: readonly (PropertyKey | { key: PropertyKey })[] | undefined }[]
  },
  c: HonoContext,
): Response | undefined {
  if (result.success) return undefined
  const problems = (result.error ?? []).map((issue) => ({
    path: (issue.path ?? []).map((p) => String(typeof p === 'object' ? p.key : p)).join('.'),
    message: issue.message,
  }))
  return problem(c, 400, {
    title: 'The request is not valid.',
    code: 'invalid',
    detail: problems.map((p) => (p.path ? `${p.path}: ${p.message}` : p.message)).join('; '),
    problems,
  })
}
