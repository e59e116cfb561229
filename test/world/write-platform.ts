/**
 * A platform that can be written over HTTP: preconditions and idempotency keys as real ones have them, faults on demand, and
 * a ledger of every mutation that judges whoever writes.
 */
import type { Answer, HttpPlatform, Seen } from './http-platform.ts'
import { startHttpPlatform } from './http-platform.ts'

export interface Stored {
  id: string
  version: number
  /** Change stamp, epoch ms. */
  at: number
  deleted: boolean
  fields: Record<string, string | null>
}

/** One mutation that really happened. */
export interface Mutation {
  n: number
  platform: string
  id: string
  by: 'plumbline' | 'others'
  key: string | null
  method: string
  before: Record<string, string | null> | null
  after: Record<string, string | null>
}

/**
 * lost: done, the answer never comes. after: done, then a 500. before: not done, a 500. late: the connection breaks, and it is
 * done a few requests later. slow: 429, not done. race: somebody else changes the record first.
 */
export type Fault = 'lost' | 'after' | 'before' | 'late' | 'slow' | 'race'

export interface WritePlatform {
  url: string
  ledger: Mutation[]
  records: Map<string, Map<string, Stored>>
  /** Events that were taken again, in their order; one with the key of another is not. */
  events: { platform: string; id: string; key: string }[]
  /** What goes wrong with the next write; undefined: nothing. */
  fault: (request: Seen) => Fault | undefined
  /** Every request, for latency and order. */
  seen: (request: Seen) => void
  put(platform: string, id: string, fields: Record<string, string | null>): void
  /** Somebody else changes a record. */
  move(platform: string, id: string, fields: Record<string, string | null>): void
  http: HttpPlatform
  stop(): Promise<void>
}

/** Several platforms behind one address: `/<platform>/customers`. `now` stamps the records. */
export async function startWritePlatform(now: () => number): Promise<WritePlatform> {
  const http = await startHttpPlatform()
  const answers = new Map<string, Answer>()
  const taken = new Set<string>()
  const late: { after: number; run: () => void }[] = []
  let requests = 0
  const platform: WritePlatform = {
    url: http.url,
    ledger: [],
    records: new Map(),
    events: [],
    fault: () => undefined,
    seen: () => undefined,
    put(name, id, fields) {
      recordsOf(name).set(id, { id, version: 1, at: now(), deleted: false, fields })
    },
    move: (name, id, fields) => mutate(name, id, fields, { by: 'others', key: null, method: 'PATCH' }),
    http,
    stop: () => http.stop(),
  }
  const recordsOf = (name: string) => {
    const found = platform.records.get(name) ?? new Map<string, Stored>()
    platform.records.set(name, found)
    return found
  }

  function mutate(
    name: string,
    id: string,
    fields: Record<string, string | null>,
    { by, key, method }: Pick<Mutation, 'by' | 'key' | 'method'>,
  ): void {
    const records = recordsOf(name)
    const old = records.get(id)
    const next: Stored = {
      id,
      version: (old?.version ?? 0) + 1,
      at: Math.max(now(), (old?.at ?? 0) + 1),
      deleted: method === 'DELETE',
      fields: { ...old?.fields, ...fields },
    }
    records.set(id, next)
    const before = old && !old.deleted ? { ...old.fields } : null
    platform.ledger.push({ n: platform.ledger.length, platform: name, id, by, key, method, before, after: next.fields })
  }

  const view = (r: Stored): Answer => ({
    headers: { etag: `"${r.version}"` },
    json: { id: r.id, at: r.at, version: r.version, deleted: r.deleted, ...r.fields },
  })

  /** Does the write, or refuses it, as the platform would. */
  function write(request: Seen, name: string, id: string | undefined, body: Record<string, string | null>): Answer {
    const key = (request.headers['idempotency-key'] as string | undefined) ?? null
    const honours = request.headers['x-honours-keys'] === 'yes'
    const known = honours && key !== null ? answers.get(`${name} ${key}`) : undefined
    if (known) return known
    const records = recordsOf(name)
    const match = request.headers['if-match'] as string | undefined
    const wanted = id === undefined ? undefined : records.get(id)
    if (id !== undefined && request.method !== 'PUT' && (!wanted || wanted.deleted)) return { status: 404 }
    if (match !== undefined && wanted && match !== `"${wanted.version}"`)
      return { status: 412, json: { error: 'moved' } }
    const made = id ?? `n${records.size + 1}`
    // An upsert of what is there already, as it is there, changes nothing.
    const same = wanted && Object.entries(body).every(([f, v]) => wanted.fields[f] === v) && !wanted.deleted
    if (!(request.method === 'PUT' && same)) mutate(name, made, body, { by: 'plumbline', key, method: request.method })
    const answer = view(records.get(made)!)
    if (honours && key !== null) answers.set(`${name} ${key}`, answer)
    return answer
  }

  http.answer((request) => {
    requests++
    platform.seen(request)
    for (const l of late.splice(0))
      if (l.after <= requests) l.run()
      else late.push(l)
    const [, name, list, id] = request.path.split('/').map(decodeURIComponent)
    if (list === 'events' && name !== undefined && id !== undefined) {
      const key = String(request.headers['idempotency-key'])
      if (!taken.has(key)) platform.events.push({ platform: name, id, key })
      taken.add(key)
      return { json: { id, version: 1, at: now(), deleted: false } }
    }
    if (list !== 'customers' || name === undefined) return { status: 404 }
    if (request.method === 'GET') {
      if (id !== undefined) {
        const found = recordsOf(name).get(id)
        return found ? view(found) : { status: 404 }
      }
      const origin = request.query.get('origin')
      const rows = [...recordsOf(name).values()].filter((r) => (origin === null ? true : r.fields['origin'] === origin))
      return { json: { rows: rows.map((r) => view(r).json as object) } }
    }
    const body = (request.body === '' ? {} : JSON.parse(request.body)) as Record<string, string | null>
    const broken: Answer = { raw: (response) => void response.destroy() }
    switch (platform.fault(request)) {
      case 'lost':
        write(request, name, id, body)
        return broken
      case 'after':
        write(request, name, id, body)
        return { status: 500 }
      case 'before':
        return { status: 500 }
      case 'late':
        late.push({ after: requests + 3, run: () => void write(request, name, id, body) })
        return broken
      case 'slow':
        return { status: 429, headers: { 'retry-after': '0' } }
      case 'race':
        if (id !== undefined && recordsOf(name).has(id)) platform.move(name, id, { name: `Others ${requests}` })
        return write(request, name, id, body)
      default:
        return write(request, name, id, body)
    }
  })
  return platform
}
