/** A list as one table: what a link freezes, a spreadsheet opens, a ticket quotes and the command line prints. */
import { z } from 'zod'
import { LISTS } from '../../../model/vocabularies.ts'
import { nearest } from '../../config/nearest.ts'
import { PlumblineError } from '../../errors.ts'
import type { Runtime } from '../../runtime.ts'
import type { Caller } from '../guard.ts'

export const tableSchema = z
  .object({
    list: z.enum(LISTS),
    title: z.string(),
    query: z.string(),
    as_of: z.string(),
    total: z.number().int().describe('How many meet the query; the table may hold fewer.'),
    columns: z.array(z.string()),
    rows: z.array(
      z.object({
        href: z.string().describe('Path of its screen.'),
        cells: z.array(z.string().nullable()).describe('Null: not known or none.'),
      }),
    ),
  })
  .meta({ id: 'ListTable' })
export type ListTable = z.output<typeof tableSchema>
export type ListBody = Pick<ListTable, 'total' | 'columns' | 'rows'>

export interface Asked {
  q: string
  sort: string | undefined
  limit: number
  caller: Caller
}

/** One list: what it is called, what it shows when nothing is asked for, and how it is read. */
export interface List {
  title: string
  first: string
  /** @throws PlumblineError('schema') naming the part of the query that is not understood */
  read(runtime: Runtime, asked: Asked): Promise<ListBody>
}

/** Amounts in their own currencies, never added up: `CHF 120 + EUR 18420.5`; null where none is known. */
export function amountsText(amounts: Record<string, string>): string | null {
  const parts = Object.entries(amounts).sort(([a], [b]) => (a < b ? -1 : 1))
  return parts.length ? parts.map(([code, amount]) => `${code} ${amount}`).join(' + ') : null
}

export function invalidSort(given: string, known: readonly string[]): PlumblineError {
  const near = nearest(given, known)
  return new PlumblineError('schema', `"sort=${given}" is not an order of this list.`, {
    remedy: near ? `Did you mean "${near}"?` : `One of ${known.join(', ')}.`,
  })
}
