/**
 * Steps: the SELECT of a check is one statement that a person can read and paste, and runs piece by piece. The common
 * table expressions that it names are worked out once, in their order, and kept in memory while it runs:
 * the engine would work each of them out again wherever it is used, and plan all of it before it knows that there is
 * nothing to look at. A needed step without rows means that there are no candidates, and the rest is left out.
 */
import type { Facts } from '../../store/facts/facts.ts'
import { keptTable } from '../../store/facts/kept.ts'
import type { Compiled } from '../contract.ts'
import { limited } from './reach.ts'

/** Candidate rows of a compiled SELECT, in batches. */
export async function* candidateRows(
  facts: Facts,
  compiled: Compiled,
  seconds: number,
  bytes: number,
): AsyncIterable<unknown[]> {
  const asked = (sql: string) => limited({ ...compiled, sql }, seconds, bytes)
  const { needed = [], kept = [] } = compiled
  if (needed.length + kept.length === 0) {
    const { sql, params } = asked(compiled.sql)
    yield* facts.stream<unknown>(sql, params)
    return
  }
  const { steps, last } = cut(compiled.sql)
  const tables: string[] = []
  const before: string[] = []
  try {
    for (const step of steps) {
      if (!needed.includes(step.name) && !kept.includes(step.name)) {
        before.push(step.text)
        continue
      }
      const table = keptTable(facts)
      const { sql, params } = asked(`with ${[...before, step.text].join(', ')} select * from ${step.name}`)
      tables.push(table)
      await facts.command(`create table ${table} engine = Memory as ${sql}`, params)
      if (needed.includes(step.name) && (await facts.query(`select 1 as one from ${table} limit 1`)).length === 0)
        return
      before.push(`${step.name} as (select * from ${table})`)
    }
    const { sql, params } = asked(`with ${before.join(', ')} ${last}`)
    yield* facts.stream<unknown>(sql, params)
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
    const named = /^(\w+) as \(/.exec(rest)
    if (!named && !rest.startsWith('(')) return { steps, last: rest }
    const closed = end(rest, named ? named[0].length - 1 : 0)
    const size = named ? closed : closed + /^ as \w+/.exec(rest.slice(closed))![0].length
    steps.push({ name: named?.[1] ?? '', text: rest.slice(0, size) })
    at += size
  }
}

/** What may hide a parenthesis: texts, names and notes. */
const TOKEN = /'(?:[^'\\]|\\.)*'|`[^`]*`|--.*|[()]/g

/** Position after the parenthesis that closes the one at `open`. */
function end(sql: string, open: number): number {
  let depth = 0
  TOKEN.lastIndex = open
  for (let token = TOKEN.exec(sql); token; token = TOKEN.exec(sql)) {
    if (token[0] === '(') depth++
    if (token[0] === ')' && --depth === 0) return TOKEN.lastIndex
  }
  throw new Error(`a parenthesis is never closed in ${sql.slice(0, 80)}`)
}
