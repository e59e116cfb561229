/** Queries of the simulated org: SOQL over its rows, answered in pages whose addresses expire. */
import type { ApiFault, PlatformState, SimRecord } from '../../platform.ts'
import { PLANS } from './org.ts'
import { described, sobject } from './rows.ts'
import type { Query } from './soql.ts'
import { compare, MalformedQuery, parseSoql } from './soql.ts'
import { answer } from '../../wire.ts'

export const VERSION = '66.0'
export const ROOT = `/services/data/v${VERSION}`
/** Page addresses live a quarter of an hour after their last use. */
const LOCATOR_MS = 15 * 60_000

export type Row = Record<string, unknown>

interface Locator {
  rows: Row[]
  query: Query
  size: number
  usedAt: number
}

export const problem = (status: number, errorCode: string, message: string) => answer([{ message, errorCode }], status)

export const kindOf = (object: string) =>
  Object.keys(PLANS).find((kind) => PLANS[kind]!.object.toLowerCase() === object.toLowerCase())

const ORGANISATION = {
  attributes: { type: 'Organization' },
  Id: '00DgL0000000001MAA',
  Name: 'Lab Company',
  IsSandbox: true,
}

export interface Queries {
  /** @param all deleted rows too */
  run(q: string, all: boolean, size: number, fault: ApiFault | null): Response
  /** The rows that a query job finds. */
  find(q: string, all: boolean): { query: Query; rows: Row[] } | Response
  /** The page behind an address that `run` gave out. */
  follow(locator: string, fault: ApiFault | null): Response
}

export function createQueries(state: PlatformState): Queries {
  const locators = new Map<string, Locator>()
  // Versions never change, so the row of one is made once.
  const made = new WeakMap<SimRecord, Row>()
  let issued = 0

  function rowsOf(kind: string, all: boolean): Row[] {
    return state.records(kind).flatMap((record) => {
      if (!all && record.deletedAt !== undefined) return []
      const row = made.get(record) ?? sobject(kind, record)
      made.set(record, row)
      return [row]
    })
  }

  function page(id: string, { rows, query, size }: Locator, offset: number, fault: ApiFault | null): Response {
    const records = rows.slice(offset, offset + size).map((row) => shown(row, query))
    const bad = fault?.kind === 'poison' ? records[fault.recordIndex % records.length] : undefined
    if (bad) bad['CreatedDate'] = '31.02.2026'
    const end = offset + records.length
    const done = end >= rows.length
    if (done) locators.delete(id)
    const next = done ? {} : { nextRecordsUrl: `${ROOT}/query/${id}-${end}` }
    return answer({ totalSize: rows.length, done, ...next, records })
  }

  function find(q: string, all: boolean): { query: Query; rows: Row[] } | Response {
    const query = parsed(q)
    if (query instanceof Response) return query
    if (query.from === 'Organization') return { query, rows: [ORGANISATION] }
    const kind = kindOf(query.from)
    if (!kind) return problem(400, 'INVALID_TYPE', `sObject type '${query.from}' is not supported.`)
    const unknown = unknownPath(kind, query)
    if (unknown) return problem(400, 'INVALID_FIELD', `No such column '${unknown}' on entity '${query.from}'.`)
    return { query, rows: found(rowsOf(kind, all), query) }
  }

  return {
    find,
    run(q, all, size, fault) {
      const met = find(q, all)
      if (met instanceof Response) return met
      const { query, rows } = met
      if (query.select === null) return answer({ totalSize: rows.length, done: true, records: [] })
      for (const [id, held] of locators) if (state.now() - held.usedAt > LOCATOR_MS) locators.delete(id)
      const id = `01g${String(++issued).padStart(12, '0')}`
      const held = { rows, query, size, usedAt: state.now() }
      locators.set(id, held)
      return page(id, held, 0, fault)
    },
    follow(locator, fault) {
      const [id = '', offset] = locator.split('-')
      if (fault?.kind === 'expired_cursor') locators.clear()
      const held = locators.get(id)
      if (!held || state.now() - held.usedAt > LOCATOR_MS)
        return problem(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator')
      held.usedAt = state.now()
      return page(id, held, Number(offset), fault)
    },
  }
}

function parsed(q: string): Query | Response {
  try {
    return parseSoql(q)
  } catch (error) {
    if (error instanceof MalformedQuery) return problem(400, 'MALFORMED_QUERY', error.message)
    throw error
  }
}

function unknownPath(kind: string, query: Query): string | undefined {
  const known = new Set(described(kind).flatMap((f) => [f.name, ...(f.relationshipName ? [f.relationshipName] : [])]))
  return query.paths.find((path) => !known.has(path.split('.')[0]!))
}

function found(rows: Row[], query: Query): Row[] {
  const kept = query.where ? rows.filter((row) => query.where!((path) => reach(row, path))) : rows
  kept.sort((a, b) => {
    for (const { path, descending } of query.order) {
      const by = compare(reach(a, path), reach(b, path))
      if (by !== 0) return descending ? -by : by
    }
    return 0
  })
  return query.limit === null ? kept : kept.slice(0, query.limit)
}

export function reach(row: Row, path: string): unknown {
  return path.split('.').reduce<unknown>((here, name) => (here as Row | null)?.[name] ?? null, row)
}

/** Only what was selected, with the attributes that every row carries. */
function shown(row: Row, query: Query): Row {
  const url = `${ROOT}/sobjects/${query.from}/${String(row['Id'])}`
  const out: Row = { attributes: { type: query.from, url } }
  for (const path of query.select!) {
    const name = path.split('.')[0]!
    out[name] = row[name] ?? null
  }
  return out
}
