/** Lists of the simulated environment: pages behind next links, filters by stamp, and delta links that know what was told. */
import type { PlatformState, SimRecord } from '../../platform.ts'
import { answer } from '../../wire.ts'
import type { ApiFault } from '../../platform.ts'
import { PLANS } from './environment.ts'
import type { Row } from './rows.ts'
import { columnsOf, only, rowOf } from './rows.ts'

export const problem = (status: number, code: string, message: string, headers: Record<string, string> = {}) =>
  answer({ error: { code, message } }, status, headers)

/** What a delta link stands for: the version of every row that was told. */
type Told = ReadonlyMap<string, number>

interface List {
  kind: string
  select: string[]
  rows: Row[]
  told: Told | null
}

/** Seven days, as environments come. */
const DELTA_MS = 7 * 86_400_000

export interface Lists {
  /** @param base address of the set, in which links are written */
  read(kind: string, base: string, query: Record<string, string>, prefer: string, fault: ApiFault | null): Response
}

export function createLists(state: PlatformState): Lists {
  const pages = new Map<string, List>()
  const deltas = new Map<string, { kind: string; select: string[]; told: Told; at: number }>()
  let issued = 0

  function page(list: List, base: string, size: number, fault: ApiFault | null): Response {
    const here = list.rows.slice(0, size)
    const bad = fault?.kind === 'poison' ? here[fault.recordIndex % here.length] : undefined
    const value = here.map((row) => (row === bad ? { ...row, modifiedon: '31.02.2026' } : row))
    const token = `${++issued}`
    if (list.rows.length > size) {
      pages.set(token, { ...list, rows: list.rows.slice(size) })
      return answer({ value, '@odata.nextLink': `${base}?$skiptoken=${token}` })
    }
    if (list.told === null) return answer({ value })
    deltas.set(token, { kind: list.kind, select: list.select, told: list.told, at: state.now() })
    return answer({ value, '@odata.deltaLink': `${base}?$deltatoken=${token}` })
  }

  function changed(kind: string, select: string[], before: Told): List {
    const told = new Map<string, number>()
    const rows: Row[] = []
    const gone: Row[] = []
    const records = state.records(kind).sort((a, b) => a.changedAt - b.changedAt)
    for (const record of records) {
      if (record.deletedAt === undefined) {
        told.set(record.id, record.changedAt)
        if (before.get(record.id) !== record.changedAt) rows.push(only(rowOf(kind, record), select))
      } else if (before.size > 0 && before.get(record.id) !== -1) gone.push(tombstone(kind, record))
      if (record.deletedAt !== undefined) told.set(record.id, -1)
    }
    return { kind, select, rows: [...rows, ...gone], told }
  }

  return {
    read(kind, base, query, prefer, fault) {
      const size = Number(/maxpagesize=(\d+)/.exec(prefer)?.[1] ?? 5000)
      if (query['$skiptoken'] !== undefined) {
        const held = pages.get(query['$skiptoken'])
        return held ? page(held, base, size, fault) : problem(400, '0x80060888', 'Invalid skip token')
      }
      if (query['$deltatoken'] !== undefined) {
        const held = deltas.get(query['$deltatoken'])
        if (!held || fault?.kind === 'expired_cursor' || state.now() - held.at > DELTA_MS)
          return problem(
            400,
            '0x80044352',
            'Version stamp associated with the client has expired. Please perform a full sync.',
          )
        return page(changed(kind, held.select, held.told), base, size, fault)
      }
      const select = (query['$select'] ?? columnsOf(kind).join(',')).split(',')
      const unknown = select.find((name) => !columnsOf(kind).includes(name))
      if (unknown)
        return problem(
          400,
          '0x80060888',
          `Could not find a property named '${unknown}' on type 'Microsoft.Dynamics.CRM.${PLANS[kind]!.logical}'.`,
        )
      if (prefer.includes('odata.track-changes')) {
        const refused = ['$filter', '$orderby', '$expand', '$top'].find((option) => query[option] !== undefined)
        if (refused) return problem(400, '0x80060888', `${refused} is not supported with change tracking.`)
        return page(changed(kind, select, new Map()), base, size, fault)
      }
      const live = state
        .records(kind)
        .filter((r) => r.deletedAt === undefined && meets(r, query['$filter'] ?? query['$apply'] ?? ''))
      if (query['$apply'] !== undefined) return answer({ value: [{ total: live.length }] })
      live.sort((a, b) => (query['$orderby'] ? a.changedAt - b.changedAt : 0) || (a.id < b.id ? -1 : 1))
      const rows = live.slice(0, Number(query['$top'] ?? live.length)).map((r) => only(rowOf(kind, r), select))
      return page({ kind, select, rows, told: null }, base, size, fault)
    },
  }
}

/** Stamps are whole seconds. */
function meets(record: SimRecord, filter: string): boolean {
  const at = Math.floor(record.changedAt / 1000) * 1000
  const from = /modifiedon ge ([0-9TZ:-]+)/.exec(filter)?.[1]
  const to = /modifiedon lt ([0-9TZ:-]+)/.exec(filter)?.[1]
  return (from === undefined || at >= Date.parse(from)) && (to === undefined || at < Date.parse(to))
}

function tombstone(kind: string, { id }: SimRecord): Row {
  return { '@odata.context': `$metadata#${PLANS[kind]!.set}/$deletedEntity`, id, reason: 'deleted' }
}
