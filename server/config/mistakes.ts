/** Mistakes: what zod found wrong, as sentences that a person who writes YAML understands. No value that could be a secret is repeated. */
import type { z } from 'zod'
import { nearest } from './nearest.ts'
import { pathText } from './problem.ts'
import type { Path, Report } from './problem.ts'
import { keysAt } from './shape.ts'

type Issue = z.core.$ZodIssue

/** Reports every issue of one parse. `base`: where the parsed value stands in the document. `raw`: as it is written there. */
export function reportMistakes(
  schema: z.core.$ZodType,
  issues: readonly Issue[],
  raw: unknown,
  base: Path,
  report: Report,
): void {
  const mistakes: Mistakes = {
    schema,
    raw,
    meant: new Set(),
    report: (path, ...rest) => report([...base, ...path], ...rest),
  }
  const unknownFirst = [...issues].sort(
    (a, b) => Number(b.code === 'unrecognized_keys') - Number(a.code === 'unrecognized_keys'),
  )
  for (const issue of unknownFirst) reportIssue(mistakes, issue, [])
}

interface Mistakes {
  schema: z.core.$ZodType
  raw: unknown
  report: Report
  /** Keys that were suggested for unknown ones: they are written, only wrongly, so they are not missing too. */
  meant: Set<string>
}

function reportIssue(m: Mistakes, issue: Issue, before: Path): void {
  const path: Path = [...before, ...(issue.path as (string | number)[])]
  const written = valueAt(m.raw, path)
  if (written === undefined && m.meant.has(pathText(path))) return
  switch (issue.code) {
    case 'unrecognized_keys':
      return unknownKeys(m, path, issue.keys)
    case 'invalid_key':
      return m.report(
        path,
        `${quoted(path.at(-1))} is not allowed as a name: ${issue.issues[0]?.message ?? issue.message}`,
        { on: 'key' },
      )
    case 'invalid_value':
      return oneOf(m, path, written, issue.values.map(String))
    case 'invalid_union': {
      const branch = nearestBranch(issue.errors, written)
      if (branch) for (const inner of branch) reportIssue(m, inner, path)
      else
        m.report(
          path,
          written === undefined ? 'is missing' : `expected ${either(issue.errors)}, got ${called(written)}`,
        )
      return
    }
    case 'invalid_type':
      return m.report(
        path,
        written === undefined
          ? 'is missing'
          : `expected ${NAMES[issue.expected] ?? issue.expected}, got ${called(written)}`,
      )
    case 'too_small':
    case 'too_big':
      return m.report(path, bound(issue))
    default:
      return m.report(path, lowerFirst(issue.message))
  }
}

function unknownKeys(m: Mistakes, path: Path, keys: readonly string[]): void {
  const valid = keysAt(m.schema, path)
  for (const key of keys) {
    const suggestion = nearest(key, valid)
    if (suggestion !== undefined) m.meant.add(pathText([...path, suggestion]))
    const known = suggestion !== undefined || valid.length === 0 ? '' : `; known here: ${list(valid)}`
    m.report([...path, key], `unknown key${known}`, { on: 'key', ...(suggestion !== undefined && { suggestion }) })
  }
}

function oneOf(m: Mistakes, path: Path, written: unknown, values: string[]): void {
  if (written === undefined) return m.report(path, `is missing; one of ${list(values)}`)
  const suggestion = typeof written === 'string' ? nearest(written, values) : undefined
  const got = typeof written === 'string' ? quoted(written) : called(written)
  m.report(path, `${got} is not allowed here; one of ${list(values)}`, suggestion === undefined ? {} : { suggestion })
}

/** The branch of a union that the writer meant: the one whose outer shape fits what is written. */
function nearestBranch(branches: readonly Issue[][], written: unknown): Issue[] | undefined {
  if (written === undefined) return undefined
  const fitting = branches.filter((issues) => !issues.some((i) => i.path.length === 0 && i.code === 'invalid_type'))
  return fitting.sort((a, b) => a.length - b.length)[0]
}

function either(branches: readonly Issue[][]): string {
  const names = branches.flatMap((issues) =>
    issues.flatMap((i) => (i.path.length === 0 && i.code === 'invalid_type' ? [NAMES[i.expected] ?? i.expected] : [])),
  )
  return [...new Set(names)].join(' or ') || 'something else'
}

const NAMES: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
}

function called(value: unknown): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a mapping'
  if (typeof value === 'string') return 'text'
  return `${NAMES[typeof value] ?? typeof value} (${String(value)})`
}

function bound(issue: Extract<Issue, { code: 'too_small' | 'too_big' }>): string {
  const limit = issue.code === 'too_small' ? issue.minimum : issue.maximum
  const than =
    issue.code === 'too_small'
      ? issue.inclusive
        ? 'at least'
        : 'more than'
      : issue.inclusive
        ? 'at most'
        : 'less than'
  if (issue.origin === 'array') return `needs ${than} ${limit} ${Number(limit) === 1 ? 'entry' : 'entries'}`
  return `must be ${than} ${limit}${issue.origin === 'string' ? ' characters long' : ''}`
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (v, step) => (v !== null && typeof v === 'object' ? (v as Record<string | number, unknown>)[step] : undefined),
    value,
  )
}

const quoted = (text: unknown) => JSON.stringify(String(text))
const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1)

const LIST_MAX = 20
function list(names: readonly string[]): string {
  return names.length <= LIST_MAX
    ? names.join(', ')
    : `${names.slice(0, LIST_MAX).join(', ')} and ${names.length - LIST_MAX} more`
}
