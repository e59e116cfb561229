/** What one configuration reads of one record type: the shipped meaning with the account's own columns on top. */
import { STAMP_FORMAT } from './account-time.ts'
import type { NetSuiteConfig, RecordConfig } from './config.ts'
import { COLUMN } from './config.ts'
import type { Row, Shipped, Source } from './sources.ts'
import { SHIPPED } from './records.ts'

export interface RecordSpec extends Shipped {
  /** Record type; name of the stream. */
  name: string
  refs: Record<string, string>
  marks: Record<string, string>
}

const NOTHING: RecordConfig = { columns: {}, refs: {}, marks: {}, also: [] }

/** Record types in reading order. `missing`: custom records whose kind nobody named. */
export function recordsOf(config: Pick<NetSuiteConfig, 'records' | 'skip' | 'tax_lines' | 'accounting_book'>): {
  specs: RecordSpec[]
  missing: string[]
} {
  const shipped = Object.keys(SHIPPED).filter((name) => SHIPPED[name]!.byDefault)
  const names = [...new Set([...shipped, ...Object.keys(config.records)])].filter((name) => !config.skip.includes(name))
  const missing = names.filter((name) => !SHIPPED[name] && config.records[name]?.kind === undefined)
  const specs = names
    .filter((name) => !missing.includes(name))
    .map((name) => specOf(name, config.records[name] ?? NOTHING, config))
  return { specs, missing }
}

function specOf(
  name: string,
  own: RecordConfig,
  config: Pick<NetSuiteConfig, 'tax_lines' | 'accounting_book'>,
): RecordSpec {
  const base = SHIPPED[name] ?? customRecord(name, own.kind!)
  const kind = own.kind ?? base.kind
  const extra = [
    ...Object.values(own.columns),
    ...Object.values(own.refs),
    ...Object.keys(own.marks),
    ...own.also,
    own.status,
    own.changed_by,
  ].filter((c) => c !== undefined)
  const columns = {
    ...base.columns,
    ...Object.fromEntries(extra.map((column) => [aliasOf(column), expressionOf(base.alias, column)])),
  }
  const fields: Record<string, Source> = kind === base.kind ? { ...base.fields } : {}
  for (const [field, column] of Object.entries(own.columns)) fields[field] = aliasOf(column)
  const asksTax = base.companions?.includes('tax') && config.tax_lines && !own.columns['tax']
  if (base.companions?.includes('tax') && !asksTax) {
    // Without tax lines the net amount can only come from a column of its own, or from the tax that a column holds.
    if (!own.columns['tax']) delete fields['tax']
    if (!own.columns['amount'] && typeof fields['amount'] === 'object') {
      if (own.columns['tax']) fields['amount'] = renamed(fields['amount'], aliasOf(own.columns['tax']))
      else delete fields['amount']
    }
  }
  return {
    ...base,
    name,
    kind,
    columns,
    fields,
    companions: (base.companions ?? []).filter((c) => c !== 'tax' || asksTax),
    refs: Object.fromEntries(Object.entries(own.refs).map(([platform, column]) => [platform, aliasOf(column)])),
    marks: {
      ...base.marks,
      ...Object.fromEntries(Object.entries(own.marks).map(([column, word]) => [aliasOf(column), word])),
    },
    where: [...(base.where ?? []), ...(name === 'posting' ? [`a.accountingbook = ${config.accounting_book}`] : [])],
    ...(own.status && { status: wordIn(aliasOf(own.status)) }),
    ...(own.changed_by && { changedBy: aliasOf(own.changed_by) }),
    ...(own.changed && { changed: expressionOf(base.alias, own.changed) }),
    ...(own.created && { created: expressionOf(base.alias, own.created) }),
  }
}

const wordIn = (column: string) => ({
  from: column,
  read: (row: Row) => (typeof row[column] === 'string' && row[column] !== '' ? row[column] : null),
})

/** The same reading with the tax out of another column. */
function renamed(source: Source, column: string): Source {
  if (typeof source !== 'object' || 'constant' in source) return source
  return {
    from: source.from.map((c) => (c === 'tax' ? column : c)),
    read: (row) => source.read({ ...row, tax: row[column] }),
  }
}

function customRecord(name: string, kind: string): Shipped {
  return {
    kind,
    byDefault: false,
    table: name,
    alias: 'r',
    id: 'r.id',
    changed: 'r.lastmodified',
    created: 'r.created',
    columns: { isinactive: 'r.isinactive' },
    fields: {},
    marks: { isinactive: 'inactive' },
    tombstones: [name],
  }
}

/** The name of a configured column in the rows: its own. */
function aliasOf(column: string): string {
  const [, , inner, bare] = COLUMN.exec(column) ?? []
  return (inner ?? bare)!
}

const READ_AS: Record<string, (name: string) => string> = {
  display: (name) => `BUILTIN.DF(${name})`,
  day: (name) => `TO_CHAR(${name}, 'YYYY-MM-DD')`,
  moment: (name) => `TO_CHAR(${name}, '${STAMP_FORMAT}')`,
}

function expressionOf(table: string, column: string): string {
  const name = `${table}.${aliasOf(column)}`
  const how = COLUMN.exec(column)?.[1]
  return how ? READ_AS[how]!(name) : name
}
