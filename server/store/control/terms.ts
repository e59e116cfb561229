/** Terms of a search over the control store: what people asked for, as conditions of SQLite with their values. */
import type { Value } from './database.ts'

/** One condition. `values` are alternatives, or an operator with its bounds for what is compared as a number. */
export interface ControlTerm {
  key: string
  values: readonly string[]
  not: boolean
  /** How it is compared; default: one of the values. `words`: every one stands in it. */
  as?: 'number' | 'words' | 'empty'
}

/** What a term compares: an expression, or one that several rows of another table have (`of` with its join). */
export type TermColumn = string | { each: string; of: string }

/** @param columns key → expression; only these are ever written into a query */
export function meeting(
  terms: readonly ControlTerm[],
  columns: Readonly<Record<string, TermColumn>>,
): { where: string[]; values: Value[] } {
  const where: string[] = []
  const values: Value[] = []
  for (const term of terms) {
    const column = columns[term.key]
    if (column === undefined) throw new Error(`no column for ${term.key}`)
    const not = term.not ? 'not ' : ''
    if (typeof column === 'object') {
      where.push(`${not}exists (select 1 from ${column.of} and ${column.each} in (select value from json_each(?)))`)
      values.push(JSON.stringify(term.values))
    } else if (term.as === 'empty') where.push(`${not}(${column} is null)`)
    else if (term.as === 'words') {
      where.push(`${not}(${term.values.map(() => `instr(lower(${column}), lower(?)) > 0`).join(' and ')})`)
      values.push(...term.values)
    } else if (term.as === 'number') {
      const [op, low, high] = term.values
      where.push(`${not}coalesce(${column} ${op === '..' ? 'between ? and ?' : op === '>' ? '> ?' : '< ?'}, false)`)
      values.push(Number(low), ...(op === '..' ? [Number(high)] : []))
    } else {
      where.push(`${not}(coalesce(cast(${column} as text), '') in (select value from json_each(?)))`)
      values.push(JSON.stringify(term.values))
    }
  }
  return { where, values }
}
