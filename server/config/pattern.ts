/**
 * A field pattern: which fields of which kind a line of the ownership matrix, an edge or a platform's `owns` means.
 * `*` every field of every kind · `customer` or `customer.*` every field of the kind · `customer.legal.*` every
 * field of an ownership group · `customer.bill_to.*` every part of an address · `customer.tax_id` one field.
 */
import { hasKind, KINDS, kindOf } from '../../model/kinds.ts'
import { nearest } from './nearest.ts'

export interface Pattern {
  text: string
  /** Null: every kind. */
  kind: string | null
  matches(kind: string, field: string): boolean
  /** 0 everything, 1 a kind, 2 a group, 3 a field. The most specific pattern wins. */
  specificity: 0 | 1 | 2 | 3
}

/** Not a column: whether the record exists at all. It is owned like a field. */
export const EXISTENCE = 'existence'

export type PatternError = { wrong: string; suggestion?: string }

export function parsePattern(text: string): Pattern | PatternError {
  if (text === '*') return { text, kind: null, matches: () => true, specificity: 0 }
  const dot = text.indexOf('.')
  const kind = dot < 0 ? text : text.slice(0, dot)
  if (!hasKind(kind))
    return {
      wrong: `there is no kind "${kind}"`,
      ...suggest(
        kind,
        KINDS.map((k) => k.name),
        dot < 0 ? '' : text.slice(dot),
      ),
    }
  const rest = dot < 0 ? '*' : text.slice(dot + 1)
  if (rest === '*') return { text, kind, matches: (k) => k === kind, specificity: 1 }
  const { fields } = kindOf(kind)
  if (rest.endsWith('.*')) {
    const name = rest.slice(0, -2)
    const names = new Set(fields.filter((f) => f.group === name || f.name.startsWith(`${name}.`)).map((f) => f.name))
    if (names.size > 0) return { text, kind, matches: (k, f) => k === kind && names.has(f), specificity: 2 }
    return { wrong: `${kind} has no group of fields "${name}"`, ...suggest(name, groupNames(kind), '.*', kind) }
  }
  if (isField(kind, rest)) return { text, kind, matches: (k, f) => k === kind && f === rest, specificity: 3 }
  if (groupNames(kind).includes(rest))
    return { wrong: `${kind}.${rest} is a group of fields, not a field`, suggestion: `${kind}.${rest}.*` }
  return { wrong: `${kind} has no field "${rest}"`, ...suggest(rest, fieldNames(kind), '', kind) }
}

/** For patterns that were validated before. @throws on anything else. */
export function pattern(text: string): Pattern {
  const parsed = parsePattern(text)
  if ('wrong' in parsed) throw new Error(`${text}: ${parsed.wrong}`)
  return parsed
}

/** A field that ownership can speak of: of the table, a custom one, or the record's existence. */
export function isField(kind: string, field: string): boolean {
  return field === EXISTENCE || /^custom\.\w/.test(field) || kindOf(kind).fields.some((f) => f.name === field)
}

export const fieldNames = (kind: string): string[] => kindOf(kind).fields.map((f) => f.name)

function groupNames(kind: string): string[] {
  const { fields } = kindOf(kind)
  const addresses = fields.filter((f) => f.name.includes('.')).map((f) => f.name.slice(0, f.name.indexOf('.')))
  return [...new Set([...fields.map((f) => f.group), ...addresses])]
}

function suggest(written: string, names: string[], tail: string, kind?: string): { suggestion?: string } {
  const found = nearest(written, names)
  return found === undefined ? {} : { suggestion: `${kind === undefined ? '' : `${kind}.`}${found}${tail}` }
}
