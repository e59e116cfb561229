/**
 * Warehouse: what every platform that is read by SQL has in common. Settings name tables or queries and say which
 * column means what; a connector brings its dialect and a way to run one statement. Nothing is ever written.
 */
import { z } from 'zod'
import { kindOf, KINDS } from '../model/kinds.ts'
import type { ConnectorContext } from './contract.ts'

const column = z.string().min(1)

/** Parts of a name in SQL: plain, or quoted as the warehouse quotes. */
const PART = '(?:[A-Za-z_][\\w$-]*|"[^"\\0]+"|`[^`\\0]+`)'
const TABLE = new RegExp(`^${PART}(?:\\.${PART}){0,3}$`)

const stream = z
  .strictObject({
    kind: z.enum(KINDS.map((k) => k.name)).describe('Canonical kind that it holds.'),
    source: z
      .string()
      .optional()
      .describe('Word for it that people know; default: the table, or the name of the stream.'),
    table: z
      .string()
      .regex(TABLE, 'write the name of a table as SQL does: sales.orders')
      .optional()
      .describe('Table or view, as SQL names it: schema.table.'),
    query: z
      .string()
      .min(1)
      .refine((sql) => !/;\s*\S/.test(sql), 'write one SELECT without a semicolon')
      .transform((sql) => sql.replace(/[;\s]+$/, ''))
      .optional()
      .describe('A SELECT instead of a table, where columns must be joined or computed. Only ever read.'),
    id: column.default('id').describe('Column that holds the id of a record.'),
    created: column.optional().describe('Column that says when a record was made.'),
    changed: column
      .optional()
      .describe('Column that says when a row last changed; left out: everything is read at every run.'),
    changed_by: column.optional().describe('Column that says who changed it last.'),
    status: column.optional().describe('Column that holds the status word.'),
    deleted: z
      .strictObject({
        column: column.describe('Column that says that a row is deleted or archived.'),
        equals: z
          .array(z.string())
          .optional()
          .describe('Values that mean so; left out: any value but false, 0 and nothing.'),
      })
      .optional()
      .describe('Left out: deletions are found by comparing keys with a full enumeration.'),
    merged_into: column.optional().describe('Column that names the survivor that a record was merged into.'),
    fields: z
      .record(z.string(), column)
      .describe('Canonical field → column. What is not named here, this warehouse does not hold.'),
    refs: z.record(z.string(), column).default({}).describe('Platform or role → column with that platform’s id.'),
    custom: z
      .record(z.string(), column)
      .default({})
      .describe('Further fields → column; checks name them custom.<name>.'),
    link: z.string().optional().describe('Address of a record in a screen of your own, with {id}.'),
  })
  .check(({ value, issues }) => {
    if ((value.table === undefined) === (value.query === undefined))
      issues.push({
        code: 'custom',
        input: value,
        path: ['table'],
        message: 'name a table or write a query, one of them',
      })
    const known = kindOf(value.kind).fields.map((f) => f.name)
    for (const field of Object.keys(value.fields))
      if (!known.includes(field))
        issues.push({
          code: 'custom',
          input: field,
          path: ['fields', field],
          message: `a ${value.kind} has no field ${field}; it has ${known.join(', ')}`,
        })
  })

/** Keys of every warehouse's settings; a connector adds how it is reached. */
export const warehouseKeys = {
  streams: z
    .record(z.string().regex(/^[a-z][a-z0-9_]*$/, 'write a name like customers'), stream)
    .refine((streams) => Object.keys(streams).length > 0, 'name at least one stream')
    .describe('Name → one table or query.'),
  lag: z
    .number()
    .int()
    .min(0)
    .max(86_400)
    .default(300)
    .describe(
      'Seconds after which a row is surely visible under its stamp: as long as the longest transaction or load. That much is read again in every run.',
    ),
  statement_timeout: z
    .number()
    .int()
    .min(1)
    .max(3_600)
    .default(120)
    .describe('Seconds after which the warehouse itself gives up a statement of ours.'),
}

export interface WarehouseSettings {
  streams: Record<string, WarehouseStream>
  lag: number
  statement_timeout: number
}
export type WarehouseStream = z.output<typeof stream>

export interface Column {
  /** As the warehouse writes it. */
  name: string
  /** In the warehouse's own words. */
  type: string
  /** What its values are to us: an instant, a wall clock without a zone, a day, or anything else. */
  time: 'instant' | 'local' | 'day' | null
}

/** A value handed to a statement beside its text, never inside it. */
export interface Parameter {
  value: string
  column: Column
}

export interface Statement {
  sql: string
  parameters: readonly Parameter[]
  /** Rows to be handed over at a time; 0: only the columns are wanted. */
  pageSize: number
}

/** Cells as text without loss: numbers with all their digits, instants in ISO 8601 with their zone, days as YYYY-MM-DD, JSON as it was. */
export type Cells = readonly (string | null)[]

export interface Answer {
  columns: readonly Column[]
  rows: readonly Cells[]
  /** The warehouse's own clock when it answered, epoch ms. */
  at: number
}

export interface Dialect {
  /** A column's name, quoted. */
  quote(name: string): string
  /** The table as it stands in FROM. */
  table(name: string): string
  /** Stands for the n-th parameter (from 1), as a value of its column's type. */
  parameter(n: number, column: Column): string
  /** The type of text. */
  textType: string
  /** An expression as text. */
  text(expression: string): string
}

export interface Warehouse<Config extends WarehouseSettings = WarehouseSettings> {
  dialect: Dialect
  /** Pages that one statement asks for at once; null: the warehouse keeps a whole result and hands it over page by page. */
  pagesAStatement: number | null
  /** Runs one statement, read only. Ends with an answer, if only of columns. */
  run(ctx: ConnectorContext<Config>, statement: Statement, priority: Priority): AsyncIterable<Answer>
}

export type Priority = 'verify' | 'read' | 'sweep'
