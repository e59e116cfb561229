/** Encoded queries of the simulated instance: `^` and, `^OR` or (it binds tighter), `^NQ` a further query, unknown columns ignored. */
import type { Row } from './rows.ts'

export interface Encoded {
  keeps(row: Row): boolean
  order(a: Row, b: Row): number
}

type Test = (row: Row) => boolean

/** @param known columns of the table: a condition on any other is left out without a word */
export function parseEncoded(query: string, known: (column: string) => boolean): Encoded {
  const orders: { column: string; sign: 1 | -1 }[] = []
  const alternatives: Test[][][] = [[]]
  for (const part of query.split('^').filter((text) => text !== '')) {
    const order = /^ORDERBY(DESC)?(\w+)$/.exec(part)
    if (order) {
      if (known(order[2]!)) orders.push({ column: order[2]!, sign: order[1] ? -1 : 1 })
      continue
    }
    const [, joint = '', text] = /^(NQ|OR)?(.*)$/s.exec(part)!
    if (joint === 'NQ') alternatives.push([])
    const test = condition(text!, known)
    if (!test) continue
    const all = alternatives.at(-1)!
    if (joint === 'OR' && all.length > 0) all.at(-1)!.push(test)
    else all.push([test])
  }
  return {
    keeps: (row) => alternatives.some((all) => all.every((any) => any.some((test) => test(row)))),
    order(a, b) {
      for (const { column, sign } of orders) {
        const [x, y] = [a[column] ?? '', b[column] ?? '']
        if (x !== y) return x < y ? -sign : sign
      }
      return 0
    },
  }
}

function condition(text: string, known: (column: string) => boolean): Test | null {
  const found = /^(\w+?)(>=|<=|!=|=|>|<|IN(?=[0-9a-f,]+$))(.*)$/s.exec(text)
  if (!found || !known(found[1]!)) return null
  const [, column, operator, wanted] = found as unknown as [string, string, string, string]
  const of = (row: Row) => row[column] ?? ''
  switch (operator) {
    case '=':
      return (row) => of(row) === wanted
    case '!=':
      return (row) => of(row) !== wanted
    case '>':
      return (row) => of(row) > wanted
    case '>=':
      return (row) => of(row) >= wanted
    case '<':
      return (row) => of(row) < wanted
    case '<=':
      return (row) => of(row) <= wanted
    default: {
      const all = new Set(wanted.split(','))
      return (row) => all.has(of(row))
    }
  }
}
