/** Tables of the simulated account, made from the records that the laboratory's company keeps in it. */
import type { PlatformState, SimRecord } from '../../platform.ts'
import { DOCUMENTS, PLANS, TERMS } from './account.ts'
import type { Line, Table } from './cells.ts'
import type { List, Lists } from './lines.ts'
import {
  addressLine,
  BLANK,
  contactLine,
  contractLine,
  customerLine,
  detailLines,
  documentLine,
  itemLine,
  linkLines,
  wall,
} from './lines.ts'

export interface Tables {
  table(name: string): Table | undefined
  lists: Lists
}

const CURRENCIES = ['EUR', 'USD', 'GBP', 'CHF', 'JPY', 'KWD']

/** @param hidden columns that the role may not see */
export function createTables(state: PlatformState, hidden: readonly string[]): Tables {
  const lists: Lists = { currency: createList(), term: createList(), subsidiary: createList() }
  for (const code of CURRENCIES) lists.currency.of(code)
  for (const word of Object.values(TERMS)) lists.term.of(word)
  const records = createRecords(state, hidden)
  const document = (kind: string, record: SimRecord) => documentLine(lists, kind, record)
  const makers: Record<string, () => Table> = {
    transaction: () => records.table(DOCUMENTS, document, typeIs),
    transactionline: () =>
      parts(
        records,
        DOCUMENTS,
        'transaction',
        (_, r) => detailLines(lists, r),
        detailLines(lists, { ...BLANK, fields: { tax: '1' } }),
      ),
    nexttransactionlinelink: () =>
      parts(
        records,
        ['payment', 'credit'],
        'nextdoc',
        linkLines,
        linkLines('payment', { ...BLANK, fields: { invoice: '1' } }),
      ),
    customer: () => records.table(['customer'], (kind, r) => customerLine(lists, kind, r)),
    contact: () => records.table(['contact'], contactLine),
    item: () => records.table(['product'], itemLine),
    customrecord_contract: () => records.table(['contract'], contractLine),
    entityaddress: () => addresses(records),
    currency: () => listTable(lists.currency, 'symbol'),
    term: () => listTable(lists.term, 'name'),
    subsidiary: () => listTable(lists.subsidiary, 'name'),
    account: () => fixed(['id', 'acctnumber']),
    accountingperiod: () => fixed(['id', 'startdate']),
    transactionaccountingline: () =>
      fixed(['transaction', 'transactionline', 'accountingbook', 'account', 'amount', 'posting']),
    deletedrecord: () => fixed(['recordid', 'type', 'deleteddate', 'name'], () => deletions(state)),
  }
  return { table: (name) => makers[name]?.(), lists }
}

/** Kinds behind `type = '…'`. */
const typeIs = (column: string, value: string) =>
  column === 'type' ? DOCUMENTS.filter((kind) => PLANS[kind]!.type === value) : undefined

interface Records {
  live(kind: string): SimRecord[]
  found(kind: string, id: string): SimRecord | undefined
  table(
    kinds: readonly string[],
    write: (kind: string, record: SimRecord) => Line,
    kindsBy?: (column: string, value: string) => string[] | undefined,
  ): Table
}

function createRecords(state: PlatformState, hidden: readonly string[]): Records {
  // Versions never change, so the line of one is made once.
  const made = new WeakMap<SimRecord, Line>()
  const live = (kind: string) => state.records(kind).filter((r) => r.deletedAt === undefined)
  const found = (kind: string, id: string) => {
    const record = state.record(kind, id)
    return record?.deletedAt === undefined ? record : undefined
  }
  return {
    live,
    found,
    table(kinds, write, kindsBy) {
      const line = (kind: string, record: SimRecord): Line => {
        const known = made.get(record) ?? write(kind, record)
        made.set(record, known)
        return known
      }
      const all = (some: readonly string[]) => some.flatMap((kind) => live(kind).map((record) => line(kind, record)))
      const columns = new Set(kinds.flatMap((kind) => Object.keys(write(kind, BLANK))))
      return {
        columns: new Set([...columns].filter((column) => !hidden.includes(column))),
        rows: () => all(kinds),
        by(column, value) {
          const some = kindsBy?.(column, value)
          if (some) return all(some)
          if (column !== 'id') return undefined
          return kinds.flatMap((kind) => [found(kind, value)].flatMap((record) => (record ? [line(kind, record)] : [])))
        },
      }
    },
  }
}

/** A table of parts of records, found by the column that names the record. */
function parts(
  records: Records,
  kinds: readonly string[],
  key: string,
  write: (kind: string, record: SimRecord) => Line[],
  sample: Line[],
): Table {
  return {
    columns: new Set(sample.flatMap((line) => Object.keys(line))),
    rows: () => kinds.flatMap((kind) => records.live(kind).flatMap((record) => write(kind, record))),
    by(column, value) {
      if (column !== key) return undefined
      for (const kind of kinds) {
        const record = records.found(kind, value)
        if (record) return write(kind, record)
      }
      return []
    },
  }
}

function addresses(records: Records): Table {
  return {
    columns: new Set(Object.keys(addressLine(BLANK, 'bill_to'))),
    rows: () => records.live('customer').flatMap((r) => [addressLine(r, 'bill_to'), addressLine(r, 'ship_to')]),
    by(column, value) {
      if (column !== 'nkey') return undefined
      const record = records.found('customer', value.slice(0, -1))
      return record ? [addressLine(record, value.endsWith('1') ? 'bill_to' : 'ship_to')] : []
    },
  }
}

function deletions(state: PlatformState): Line[] {
  return Object.entries(PLANS).flatMap(([kind, { record }]) =>
    state.records(kind).flatMap((r): Line[] => {
      if (r.deletedAt === undefined) return []
      const type = record === 'item' ? 'serviceitem' : record
      return [{ recordid: r.id, type, deleteddate: wall(r.deletedAt), name: r.id }]
    }),
  )
}

function fixed(columns: string[], rows: () => Line[] = () => []): Table {
  return { columns: new Set(columns), rows }
}

function createList(): List {
  const ids = new Map<string, string>()
  return {
    of(name) {
      if (!name) return null
      if (!ids.has(name)) ids.set(name, String(ids.size + 1))
      return ids.get(name)!
    },
    entries: () => ids,
  }
}

function listTable(list: List, label: string): Table {
  const rows = () => [...list.entries()].map(([name, id]): Line => ({ id, [label]: name, currency: null }))
  return { columns: new Set(['id', label, 'currency']), rows }
}
