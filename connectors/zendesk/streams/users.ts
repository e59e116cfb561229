/** Zendesk end users → canonical contacts. */
import type { Stream } from '../../contract.ts'
import { MappingError } from '../../contract.ts'
import { platformClock } from '../../cursor.ts'
import type { ZendeskConfig } from '../config.ts'
import { exported } from '../export.ts'
import type { Fields } from '../fields.ts'
import { asObject, changedOf, customFields, idOf, opened, record, textOf } from '../fields.ts'
import { pages } from '../lists.ts'
import { countOf, rowOf, startOf } from './organizations.ts'

const HOLDS = ['state', 'customer', 'name', 'email', 'phone'] as const
const PATH = '/api/v2/users'
const END_USERS = { role: 'end-user' }

export const users: Stream<ZendeskConfig> = {
  name: 'users',
  kind: 'contact',
  source: 'End user',
  holds: HOLDS,
  deletes: 'tombstone',
  async *read(ctx, cursor) {
    if (ctx.mode === 'full') {
      const began = startOf(cursor)
      for await (const { rows, reply, after } of pages(ctx, PATH, 'users', END_USERS, textOf(cursor?.['after']))) {
        const since = began ?? platformClock(reply, ctx.clock.now())
        yield {
          rows: rows.filter(isContact).map(rowOf),
          ...(after === null
            ? { last: true, cursor: null, completeThrough: since }
            : { cursor: { after, began: since } }),
        }
      }
      return
    }
    const source = {
      path: '/api/v2/incremental/users/cursor',
      member: 'users',
      style: 'cursor',
      query: { per_page: 1000 },
    } as const
    for await (const { rows, body: _, ...place } of exported(ctx, source, cursor)) {
      const deleted = rows
        .filter((row) => isEndUser(row) && isDeleted(row))
        .flatMap((row) => {
          const id = idOf(asObject(row)!['id'])
          const at = changedOf(row)
          return id === null ? [] : [{ id, ...(at !== null && { at }) }]
        })
      yield { rows: rows.filter(isContact).map(rowOf), deleted, ...place }
    }
  },
  map(row, { config }) {
    const user = opened(row, ['name'])
    if (!isEndUser(user)) throw new MappingError('role', 'the user is one of our own people, no contact')
    const fields: Fields = { name: textOf(user['name']) }
    for (const field of ['email', 'phone']) if (user[field] !== undefined) fields[field] = textOf(user[field])
    if (user['organization_id'] !== undefined) fields['customer'] = idOf(user['organization_id'])
    // Zendesk has no status for users; suspended ones can no longer write.
    const status = user['suspended'] === true ? 'suspended' : 'active'
    return record(user, customFields(user, 'user_fields'), config.user, fields, status)
  },
  async one(ctx, id) {
    const reply = await ctx.http.request({ url: `${PATH}/${encodeURIComponent(id)}`, accept: [404] })
    const user = reply.status === 404 ? null : asObject(asObject(reply.json())?.['user'])
    return user !== null && isContact(user) ? rowOf(user) : null
  },
  count: (ctx) => countOf(ctx, `${PATH}/count`, END_USERS),
}

/** What is no object is kept, to be refused by name. */
function isContact(row: unknown): boolean {
  return asObject(row) === null || (isEndUser(row) && !isDeleted(row))
}

/** The export holds agents too; somebody who became one is found by the sweep. */
function isEndUser(row: unknown): boolean {
  const role = asObject(row)?.['role']
  return role === undefined || role === 'end-user'
}

function isDeleted(row: unknown): boolean {
  return asObject(row)?.['active'] === false
}
