/**
 * Stepwise: a long SELECT is one statement that a person can read and paste, and runs piece by piece. The common table
 * expressions that it names are worked out once, in their order, and kept in memory while it runs: the engine would
 * work each of them out again wherever it is used, and plan all of it before it knows that there is nothing to look at.
 */
import type { Facts } from './facts.ts'
import { keptTable } from './kept.ts'

export interface Stepwise {
  sql: string
  params: Record<string, unknown>
  /** Expressions that are kept; where one of them has no rows the whole has none, and the rest is left out. */
  needed?: readonly string[] | undefined
  /** Expressions that are kept, where having no rows says nothing. */
  kept?: readonly string[] | undefined
}

/** Rows of the SELECT, in batches. `settings` bound every piece: `settings name = value, …` or nothing. */
export async function* stepwise<Row>(
  facts: Facts,
  { sql, params, needed = [], kept = [] }: Stepwise,
  settings = '',
): AsyncIterable<Row[]> {
  if (needed.length + kept.length === 0) {
    yield* facts.stream<Row>(`${sql}\n${settings}`, params)
    return
  }
  const { steps, last } = cut(sql)
  const tables: string[] = []
  const before: string[] = []
  try {
    for (const step of steps) {
      if (!needed.includes(step.name) && !kept.includes(step.name)) {
        before.push(step.text)
        continue
      }
      const table = keptTable(facts)
      const piece = `with ${[...before, step.text].join(', ')} select * from ${step.name} ${settings}`
      tables.push(table)
      await facts.command(`create table ${table} engine = Memory as ${piece}`, params)
      if (needed.includes(step.name) && (await facts.query(`select 1 as one from ${table} limit 1`)).length === 0)
        return
      before.push(`${step.name} as (select * from ${table})`)
    }
    yield* facts.stream<Row>(`with ${before.join(', ')} ${last}\n${settings}`, params)
  } finally {
    for (const table of tables) await facts.command(`drop table if exists ${table} sync`)
  }
}

interface Step {
  /** Empty for a value, which every step may use. */
  name: string
  text: string
}

/** The common table expressions of a statement, and what follows them. */
export function cut(sql: string): { steps: Step[]; last: string } {
  const steps: Step[] = []
  let at = /^with\s/.exec(sql)?.[0].length ?? 0
  if (at === 0) return { steps, last: sql }
  for (;;) {
    at += /^(?:\s|,|--.*\n)*/.exec(sql.slice(at))![0].length
    const rest = sql.slice(at)
    if (rest.startsWith('select')) return { steps, last: rest }
    const named = /^(\w+) as \(/.exec(rest)
    const closed = end(rest)
    const size = named ? closed : closed + /^ as \w+/.exec(rest.slice(closed))![0].length
    steps.push({ name: named?.[1] ?? '', text: rest.slice(0, size) })
    at += size
  }
}

/** What may hide a parenthesis: texts, names and notes. */
const TOKEN = /'(?:[^'\\]|\\.)*'|`[^`]*`|--.*|[()]/g

/** Position after the parenthesis that closes the first one. */
function end(sql: string): number {
  let depth = 0
  TOKEN.lastIndex = 0
  for (let token = TOKEN.exec(sql); token; token = TOKEN.exec(sql)) {
    if (token[0] === '(') depth++
    if (token[0] === ')' && --depth === 0) return TOKEN.lastIndex
  }
  throw new Error(`A parenthesis is never closed in ${sql.slice(0, 80)}.`)
}
