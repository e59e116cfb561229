/**
 * Statements against a warehouse. Rows come in the order of (changed, id) or of id, and the next statement goes on
 * strictly after the last row by values: nothing shifts when rows are added or removed meanwhile, and rows with one
 * stamp are told apart by their id.
 */
import { ConnectorError } from './contract.ts'
import type { Column, Dialect, Parameter, Statement, WarehouseStream } from './warehouse.ts'

/** The last row that was yielded, in the warehouse's own words; a null stamp is a row that has none: these come first. */
export interface Place {
  stamp: string | null
  id: string
}

/** Which rows are meant: of a span of stamps, and after a place. */
export interface Wanted {
  since?: string | null
  before?: string | null
  after?: Place | null
}

/** The columns that a stream offers, with those that mean something to us found in them. */
export interface Described {
  columns: readonly Column[]
  id: Column
  changed: Column | null
}

/** Columns that the settings of a stream name, each with the key that names it. */
export function namedColumns(stream: WarehouseStream): [key: string, column: string][] {
  const each = (of: Record<string, string>, prefix: string) =>
    Object.entries(of).map(([name, column]): [string, string] => [`${prefix}.${name}`, column])
  const single = ['id', 'created', 'changed', 'changed_by', 'status', 'merged_into'] as const
  return [
    ...single.flatMap((key): [string, string][] => (stream[key] === undefined ? [] : [[key, stream[key]]])),
    ...(stream.deleted ? [['deleted.column', stream.deleted.column] as [string, string]] : []),
    ...each(stream.fields, 'fields'),
    ...each(stream.refs, 'refs'),
    ...each(stream.custom, 'custom'),
  ]
}

/** @throws ConnectorError `schema` naming the first column that is not there, stands there twice, or is no time */
export function described(name: string, stream: WarehouseStream, columns: readonly Column[]): Described {
  const source = stream.table ?? `the query of ${name}`
  const twice = columns.find((c, i) => columns.findIndex((d) => same(c.name, d.name)) !== i)
  if (twice)
    throw new ConnectorError('schema', `${source} has the column ${twice.name} twice.`, {
      remedy: 'Give one of them another name in the query.',
    })
  const find = (key: string, column: string): Column => {
    const found = columns.find((c) => c.name === column) ?? columns.find((c) => same(c.name, column))
    if (found) return found
    throw new ConnectorError(
      'schema',
      `${source} has no column ${column}; it has ${
        columns
          .map((c) => c.name)
          .slice(0, 60)
          .join(', ') || 'none'
      }.`,
      { remedy: `Correct streams.${name}.${key}, or give the account the right to read the column.` },
    )
  }
  for (const [key, column] of namedColumns(stream)) find(key, column)
  const changed = stream.changed === undefined ? null : find('changed', stream.changed)
  if (changed?.time === null)
    throw new ConnectorError('schema', `${source}: ${changed.name} is ${changed.type}, which is no time.`, {
      remedy: `Name a column with a date and time as streams.${name}.changed, or compute one in a query.`,
    })
  return { columns, id: find('id', stream.id), changed }
}

export function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

const from = (dialect: Dialect, stream: WarehouseStream): string =>
  stream.table === undefined ? `(${stream.query!}\n) AS source` : `${dialect.table(stream.table)} AS source`

/** No row: only the columns. */
export function describe(dialect: Dialect, stream: WarehouseStream): Statement {
  return { sql: `SELECT source.* FROM ${from(dialect, stream)} LIMIT 0`, parameters: [], pageSize: 0 }
}

/** Rows in order, by (changed, id) where they are asked for by change, else by id. */
export function select(
  dialect: Dialect,
  stream: WarehouseStream,
  { id, changed }: Described,
  wanted: Wanted,
  size: { pageSize: number; limit: number | null },
): Statement {
  const parameters: Parameter[] = []
  const conditions = conditionsOf(dialect, id, changed, wanted, parameters)
  const key = dialect.quote(id.name)
  const order = changed ? `${dialect.quote(changed.name)} ASC NULLS FIRST, ${key} ASC` : `${key} ASC`
  const limit = size.limit === null ? '' : ` LIMIT ${size.limit}`
  return {
    sql: `SELECT source.* FROM ${from(dialect, stream)} WHERE ${conditions.join(' AND ')} ORDER BY ${order}${limit}`,
    parameters,
    pageSize: size.pageSize,
  }
}

export function one(dialect: Dialect, stream: WarehouseStream, { id }: Described, value: string): Statement {
  const placed = dialect.parameter(1, id)
  return {
    sql: `SELECT source.* FROM ${from(dialect, stream)} WHERE ${dialect.quote(id.name)} = ${placed} LIMIT 1`,
    parameters: [{ value, column: id }],
    pageSize: 1,
  }
}

/** How many rows are alive; those without an id count too, so that they are missed. With a span: how many fall into it. */
export function count(dialect: Dialect, stream: WarehouseStream, of: Described, span: Wanted | null = null): Statement {
  const parameters: Parameter[] = []
  const conditions = span
    ? conditionsOf(dialect, of.id, of.changed, span, parameters)
    : alive(dialect, stream, of, parameters)
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
  return { sql: `SELECT COUNT(*) AS n FROM ${from(dialect, stream)}${where}`, parameters, pageSize: 1 }
}

function conditionsOf(
  dialect: Dialect,
  id: Column,
  changed: Column | null,
  { since = null, before = null, after = null }: Wanted,
  parameters: Parameter[],
): string[] {
  const bind = binder(dialect, parameters)
  const key = dialect.quote(id.name)
  const stamp = changed && dialect.quote(changed.name)
  const conditions = [`${key} IS NOT NULL`]
  if (changed && since !== null) conditions.push(`${stamp} >= ${bind(since, changed)}`)
  if (changed && before !== null) conditions.push(`${stamp} < ${bind(before, changed)}`)
  if (after === null) return conditions
  if (!changed) conditions.push(`${key} > ${bind(after.id, id)}`)
  else if (after.stamp === null)
    conditions.push(`(${stamp} IS NOT NULL OR ${stamp} IS NULL AND ${key} > ${bind(after.id, id)})`)
  else {
    const later = `${stamp} > ${bind(after.stamp, changed)}`
    conditions.push(`(${later} OR ${stamp} = ${bind(after.stamp, changed)} AND ${key} > ${bind(after.id, id)})`)
  }
  return conditions
}

/** Values of a flag that mean nothing. */
export const NOT_DELETED = ['', 'false', '0'] as const

function alive(dialect: Dialect, stream: WarehouseStream, { columns }: Described, parameters: Parameter[]): string[] {
  if (!stream.deleted) return []
  const { column, equals } = stream.deleted
  const flag = dialect.quote(columns.find((c) => same(c.name, column))!.name)
  const bind = binder(dialect, parameters)
  const text: Column = { name: column, type: dialect.textType, time: null }
  const listed = (equals ?? NOT_DELETED).map((value) => bind(value, text)).join(', ')
  return [`(${flag} IS NULL OR ${dialect.text(flag)} ${equals ? 'NOT IN' : 'IN'} (${listed}))`]
}

/** Puts a value beside the statement and gives what stands for it inside. */
function binder(dialect: Dialect, parameters: Parameter[]): (value: string, column: Column) => string {
  return (value, column) => {
    parameters.push({ value, column })
    return dialect.parameter(parameters.length, column)
  }
}
