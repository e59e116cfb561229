/** Runs a SuiteQL query: conditions of the base table first, joins by key, then groups or one page in order. */
import type { Line, Table, Value } from './cells.ts'
import { american, Moment, order, plain } from './cells.ts'
import type { Expr, Parsed, Scope, Test } from './suiteql.ts'
import { Parser } from './suiteql.ts'

/** Rows of the answer, all of them, in order. Cells that are null are left out, as the account does. */
export function runSuiteql(
  q: string,
  tables: (name: string) => Table | undefined,
  offset: number,
  limit: number,
): { items: Record<string, string>[]; total: number } {
  const parsed = new Parser(q, tables).query()
  const { base, select } = parsed
  const own = parsed.where.filter((t) => [...t.aliases].every((a) => a === base.alias))
  const rest = parsed.where.filter((t) => !own.includes(t))
  let scopes: Scope[] = baseLines(tables(base.table)!, base.alias, own).map((line) => ({ [base.alias]: line }))
  scopes = scopes.filter((scope) => own.every((t) => t.test(scope)))
  const grouped = parsed.group.length > 0 || select.some((c) => c.expr.over)
  // Left joins neither add nor drop rows here, so only the page itself needs them.
  const lazy =
    !grouped &&
    rest.length === 0 &&
    parsed.joins.every((j) => !j.inner) &&
    parsed.order.every((e) => [...e.aliases].every((a) => a === base.alias))
  let count = scopes.length
  if (lazy) scopes = sorted(scopes, parsed.order).slice(offset, offset + limit)
  for (const join of parsed.joins) scopes = joined(scopes, join, tables(join.table)!)
  scopes = scopes.filter((scope) => rest.every((t) => t.test(scope)))
  if (!lazy) {
    if (grouped) return groupedRows(scopes, parsed)
    count = scopes.length
    scopes = sorted(scopes, parsed.order).slice(offset, offset + limit)
  }
  return {
    items: scopes.map((scope) => item(select.map(({ alias, expr }) => [alias, expr.eval(scope)]))),
    total: count,
  }
}

function baseLines(table: Table, alias: string, tests: Test[]): Line[] {
  for (const { equal, among } of tests) {
    const path = equal?.path ?? among?.path
    const values = among ? [...among.values] : equal?.other.literal === undefined ? [] : [equal.other.literal]
    if (path?.alias !== alias || values.length === 0) continue
    const found = values.map((value) => table.by?.(path.column, value))
    if (found.every((lines) => lines !== undefined)) return found.flat()
  }
  return table.rows()
}

function joined(scopes: Scope[], join: Parsed['joins'][number], table: Table): Scope[] {
  const key = join.on.find((t) => t.equal?.path.alias === join.alias)?.equal
  return scopes.flatMap((scope) => {
    const wanted = key && plain(key.other.eval(scope))
    const lines = (key && (wanted === null ? [] : table.by?.(key.path.column, wanted!))) ?? table.rows()
    const hits = lines.map((line) => ({ ...scope, [join.alias]: line })).filter((s) => join.on.every((t) => t.test(s)))
    return hits.length || join.inner ? hits : [{ ...scope, [join.alias]: null }]
  })
}

function sorted(scopes: Scope[], by: Expr[]): Scope[] {
  if (by.length === 0) return scopes
  const keyed = scopes.map((scope) => ({ scope, keys: by.map((e) => plain(e.eval(scope)) ?? '') }))
  keyed.sort((a, b) => a.keys.map((k, i) => order(k, b.keys[i]!)).find((o) => o !== 0) ?? 0)
  return keyed.map((k) => k.scope)
}

function groupedRows(scopes: Scope[], { select, group }: Parsed): { items: Record<string, string>[]; total: number } {
  const groups = new Map<string, Scope[]>()
  for (const scope of scopes) {
    const key = JSON.stringify(group.map((e) => plain(e.eval(scope))))
    groups.set(key, [...(groups.get(key) ?? []), scope])
  }
  if (group.length === 0 && groups.size === 0) groups.set('[]', [])
  const items = [...groups.values()].map((all) =>
    item(select.map(({ alias, expr }) => [alias, expr.over ? expr.over(all) : expr.eval(all[0] ?? {})])),
  )
  return { items, total: items.length }
}

function item(cells: [string, Value][]): Record<string, string> {
  return Object.fromEntries(
    cells.flatMap(([alias, value]) =>
      value === null ? [] : [[alias, value instanceof Moment ? american(value) : plain(value)!]],
    ),
  )
}
