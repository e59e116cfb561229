/** The text of a reviewed SELECT: what it may say, which placeholders it has, and how it becomes a statement. */
import { ident } from '../../store/facts/ident.ts'
import type { CompileContext } from '../contract.ts'
import { within } from './reach.ts'

/** Columns that every SELECT must give, and those that it may. Anything else is a mistake. */
export const MUST = ['entity_id', 'customer_entity_id', 'platform', 'record_id'] as const
export const MAY = [
  'owner_platform',
  'field',
  'expected',
  'actual',
  'amount',
  'currency',
  'changed_at',
  'says',
] as const

const PLACEHOLDER = /\{(db|reach|customers)(?::([a-z_][a-z0-9_.]*))?\}/g
/** Names of parameters that the check is given besides. */
const GIVEN = /\{as_of:DateTime64\(3, ?'UTC'\)\}/g

const FORBIDDEN: readonly [RegExp, string][] = [
  [/;/, 'one SELECT without a semicolon'],
  [/^(?!\s*(select|with)\b)/i, 'a SELECT, or WITH and a SELECT'],
  [/\bsettings\b/i, 'no SETTINGS: limits are set by the product'],
  [
    /\b(insert|alter|create|drop|truncate|delete|update|attach|detach|rename|optimize|grant|revoke|kill|set|use|system)\s+\w/i,
    'reading only',
  ],
  [/\b(into\s+outfile|format\s+\w+\s*$)/i, 'no output clause'],
  [
    /\b(url|file|s3|gcs|hdfs|remote|remotesecure|cluster|mysql|postgresql|mongodb|redis|jdbc|odbc|sqlite|executable|azureblobstorage|iceberg|deltalake|hudi|input|merge|dictionary|loop)\s*\(/i,
    'no table function',
  ],
]

/** What is wrong with the text; empty when it may run. */
export function textProblems(text: string, full: boolean): string[] {
  const bare = withoutText(text)
  const found = FORBIDDEN.flatMap(([pattern, wanted]) => (pattern.test(bare) ? [`write ${wanted}`] : []))
  found.push(...tableProblems(bare))
  for (const [all] of bare
    .replaceAll(PLACEHOLDER, '')
    .replaceAll(GIVEN, '')
    .matchAll(/\{[^}]*\}/g))
    found.push(
      `${all} is no placeholder; there are {db}, {reach:column}, {customers:column} and {as_of:DateTime64(3, 'UTC')}`,
    )
  const reaches = /\{(reach|customers)(:|\})/.test(bare)
  if (!reaches && !full) found.push('name what moved with {reach:eid}, or say full: true')
  if (reaches && full) found.push('a SELECT that looks at everything in every run has no {reach:…}')
  return found
}

/** Comments and quoted text cannot break a rule. */
const withoutText = (text: string) =>
  text
    .replace(/\{as_of:DateTime64\(3, ?'UTC'\)\}/g, '')
    .replace(/--[^\n]*/g, ' ')
    .replace(/\/\*[\s\S]*?\*\//g, ' ')
    .replace(/'(?:[^'\\]|\\.|'')*'/g, "''")

/** Every table is one of ours, written {db}.name, or a step of the SELECT itself. */
function tableProblems(text: string): string[] {
  const steps = new Set([...text.matchAll(/\b([a-z_][a-z0-9_]*)\s+as\s*\(/gi)].map((m) => m[1]!.toLowerCase()))
  const named = [...text.matchAll(/\b(?:from|join|in)\s+([a-z_{][a-z0-9_.{}:]*)/gi)].map((m) => m[1]!)
  return named
    .filter(
      (name) =>
        !/^\{db\}\.(current|versions)_[a-z]+$|^\{db\}\.(links|findings|touched|issues)$/.test(name) &&
        !steps.has(name.toLowerCase()),
    )
    .map((name) => `${name} is no table of ours; write {db}.current_<kind> or a step of the SELECT`)
}

/** The statement: placeholders filled, columns in their fixed order and types. */
export function statement(text: string, columns: readonly string[], ctx: CompileContext, full: boolean): string {
  const db = ident(ctx.database)
  const filled = text.trim().replaceAll(PLACEHOLDER, (_, name: string, column: string | undefined) => {
    if (name === 'db') return db
    if (full) return '1'
    return within(
      ctx.reach,
      ident(column ?? (name === 'reach' ? 'eid' : 'customer_eid')),
      name === 'reach' ? 'entities' : 'customers',
    )
  })
  const given = new Set(columns)
  const list = [...MUST, ...MAY].map((name) =>
    given.has(name)
      ? `cast(toString(${name}), 'Nullable(String)') as ${name}`
      : `cast(null, 'Nullable(String)') as ${name}`,
  )
  return `select cityHash64(ifNull(entity_id, '')) as eid, *
from (
  select ${list.join(', ')}
  from (
${filled}
  )
)
order by entity_id, platform, record_id, field`
}

/** Columns that the outermost SELECT names with `as`, or by themselves. */
export function columnsOf(text: string): { columns: string[]; problems: string[] } {
  const bare = withoutText(text)
  const list = outermost(bare)
  const columns = list.map(
    (item) =>
      (/\bas\s+([a-z_][a-z0-9_]*)\s*$/i.exec(item) ?? /(?:^|\.)([a-z_][a-z0-9_]*)\s*$/i.exec(item))?.[1] ?? item.trim(),
  )
  const known: readonly string[] = [...MUST, ...MAY]
  return {
    columns,
    problems: [
      ...MUST.filter((name) => !columns.includes(name)).map((name) => `the SELECT must give the column ${name}`),
      ...columns
        .filter((name) => !known.includes(name))
        .map((name) => `${name} is no column of a finding; there are ${known.join(', ')}`),
    ],
  }
}

/** Items of the last SELECT list that stands in no bracket. */
function outermost(text: string): string[] {
  let depth = 0
  let start = -1
  let end = text.length
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '(') depth++
    else if (text[i] === ')') depth--
    else if (depth === 0 && /\bselect\b/i.test(text.slice(i, i + 6)) && !/\w/.test(text[i - 1] ?? ' ')) start = i + 6
    else if (
      depth === 0 &&
      start >= 0 &&
      end === text.length &&
      /^from\b/i.test(text.slice(i, i + 5)) &&
      !/\w/.test(text[i - 1] ?? ' ')
    )
      end = i
  }
  if (start < 0) return []
  const items: string[] = ['']
  for (const char of text.slice(start, end).replace(/^\s+distinct\b/i, '')) {
    if (char === '(' || char === '[') depth++
    if (char === ')' || char === ']') depth--
    if (char === ',' && depth === 0) items.push('')
    else items[items.length - 1] += char
  }
  return items.map((item) => item.trim()).filter(Boolean)
}
