/** Idempotency keys of the simulated account: kept a day, replayed word for word, refused for another request. */
import { createHash } from 'node:crypto'
import type { Form } from './forms.ts'

const KEPT_MS = 24 * 3_600_000

interface Kept {
  request: string
  at: number
  reply: { status: number; body: string; headers: Record<string, string> }
}

export interface Idempotency {
  /** The reply that the key already has; `mismatch`: it belongs to another request; undefined: go on. */
  known(key: string | undefined, path: string, form: Form): Response | 'mismatch' | undefined
  /** Keeps what was answered; refusals before anything ran are not kept. */
  keep(key: string | undefined, path: string, form: Form, reply: Response): Promise<Response>
}

export function createIdempotency(now: () => number): Idempotency {
  const kept = new Map<string, Kept>()
  const digest = (path: string, form: Form) =>
    createHash('sha256')
      .update(JSON.stringify([path, Object.entries(form).sort()]))
      .digest('hex')
  return {
    known(key, path, form) {
      const found = key === undefined ? undefined : kept.get(key)
      if (!found || now() - found.at > KEPT_MS) return undefined
      if (found.request !== digest(path, form)) return 'mismatch'
      const { status, body, headers } = found.reply
      return new Response(body, { status, headers: { ...headers, 'idempotent-replayed': 'true' } })
    },
    async keep(key, path, form, reply) {
      if (key === undefined || reply.status === 400 || reply.status === 404 || reply.status === 429) return reply
      const body = await reply.text()
      const headers = Object.fromEntries(reply.headers)
      kept.set(key, { request: digest(path, form), at: now(), reply: { status: reply.status, body, headers } })
      return new Response(body, { status: reply.status, headers })
    },
  }
}
