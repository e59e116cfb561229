/** The org's record resources: rows changed by id, made or changed by an external id, guarded by `If-Unmodified-Since`. */
import type { Context, Hono } from 'hono'
import type { Ledger } from '../../ledger.ts'
import { overtaken } from '../../ledger.ts'
import type { PlatformState, SimRecord } from '../../platform.ts'
import type { WireEnv } from '../../wire.ts'
import { answer } from '../../wire.ts'
import { KEY_COLUMN, REFERENCES } from './org.ts'
import { kindOf, problem, ROOT } from './queries.ts'
import { changeOf, Refused } from './writes.ts'

type Call = Context<WireEnv>
type Body = Record<string, unknown>

export interface Permissions {
  /** Objects that the user may read but not write. */
  readOnly: readonly string[]
}

export function addRecords(app: Hono<WireEnv>, state: PlatformState, ledger: Ledger, { readOnly }: Permissions): void {
  const nowhere = () => problem(404, 'NOT_FOUND', 'The requested resource does not exist')

  async function written(c: Call, run: (kind: string, body: Body) => Response): Promise<Response> {
    const object = c.req.param('object')!
    const kind = kindOf(object)
    if (!kind) return nowhere()
    if (readOnly.includes(object))
      return problem(403, 'INSUFFICIENT_ACCESS_OR_READONLY', 'insufficient access rights on object id')
    try {
      return run(kind, (await c.req.json()) as Body)
    } catch (error) {
      if (error instanceof SyntaxError) return problem(400, 'JSON_PARSER_ERROR', 'Unexpected character')
      if (!(error instanceof Refused)) throw error
      return answer([{ message: error.message, errorCode: error.code, fields: error.fields }], error.status)
    }
  }

  function stored(
    c: Call,
    kind: string,
    body: Body,
    record: SimRecord | null,
    further: Body,
    key: string | null,
  ): SimRecord {
    const change = changeOf(state, kind, { ...further, ...body }, record)
    const call = { method: c.req.method, path: c.req.path, body, key, by: 'plumbline@lab.example' }
    return ledger.change(call, kind, record?.id ?? null, change)
  }

  /** Whole seconds, as the header has them. */
  function moved(c: Call, record: SimRecord): boolean {
    const since = Date.parse(c.req.header('if-unmodified-since') ?? '')
    return !Number.isNaN(since) && Math.floor(record.changedAt / 1000) * 1000 > since
  }

  app.post(`${ROOT}/sobjects/:object`, (c) =>
    written(c, (kind, body) => {
      const { id } = stored(c, kind, body, null, {}, null)
      return answer({ id, success: true, errors: [] }, 201)
    }),
  )
  app.patch(`${ROOT}/sobjects/:object/:id`, (c) =>
    written(c, (kind, body) => {
      const id = c.req.param('id')
      overtaken(state, c.env.fault, kind, id)
      const record = state.record(kind, id)
      if (!record) return problem(404, 'NOT_FOUND', 'Provided external ID field does not exist or is not accessible')
      if (record.deletedAt !== undefined) return problem(404, 'ENTITY_IS_DELETED', 'entity is deleted')
      if (moved(c, record)) return new Response(null, { status: 412 })
      stored(c, kind, body, record, {}, null)
      return new Response(null, { status: 204 })
    }),
  )
  app.patch(`${ROOT}/sobjects/:object/:column/:value`, (c) =>
    written(c, (kind, body) => {
      const [column, value] = [c.req.param('column'), c.req.param('value')]
      const platform = Object.keys(REFERENCES).find((name) => REFERENCES[name] === column)
      if (!platform && column !== KEY_COLUMN)
        return problem(404, 'NOT_FOUND', 'Provided external ID field does not exist or is not accessible: ' + column)
      if (column in body)
        return problem(400, 'INVALID_FIELD', `The ${column} field should not be specified in the sobject data.`)
      const found = state
        .records(kind)
        .filter((r) => r.deletedAt === undefined && (platform ? r.refs[platform] : r.fields['~key']) === value)
      if (found.length > 1)
        return answer(
          found.map((r) => `${ROOT}/sobjects/${c.req.param('object')}/${r.id}`),
          300,
        )
      const { id } = stored(c, kind, body, found[0] ?? null, { [column]: value }, value)
      return answer({ id, success: true, errors: [], created: found.length === 0 }, found.length === 0 ? 201 : 200)
    }),
  )
}
