/**
 * Names: everything in a configuration that names something else must name something that exists. Works on the
 * document as it is written, so that names are checked even where other parts have the wrong shape.
 */
import type { Connector } from '../../connectors/contract.ts'
import { kindOf } from '../../model/kinds.ts'
import { isRole } from './cast.ts'
import { isZone, zones } from './day.ts'
import { nearest } from './nearest.ts'
import { fieldNames, isField, parsePattern } from './pattern.ts'
import type { Path, Report } from './problem.ts'
import { ROLES } from './words.ts'

export interface Names {
  report: Report
  platforms: readonly string[]
  /** Roles that at least one platform has. */
  castRoles: ReadonlySet<string>
  maps: readonly string[]
  calendars: readonly string[]
  connectors: ReadonlyMap<string, Connector<never>>
  /** Check ids; undefined: not known here, so not checked. */
  checks: readonly string[] | undefined
}

export const entries = (value: unknown): [string, unknown][] =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? Object.entries(value) : []
export const items = (value: unknown): [number, unknown][] => (Array.isArray(value) ? value.map((v, i) => [i, v]) : [])
export const at = (value: unknown, ...path: string[]): unknown =>
  path.reduce<unknown>((v, step) => Object.fromEntries(entries(v))[step], value)

/** Reports a name that is not in the list. Values that are no text are another rule's matter. */
export function known(
  n: Names,
  path: Path,
  what: string,
  written: unknown,
  names: readonly string[],
  on: 'key' | 'value' = 'value',
): boolean {
  if (typeof written !== 'string' || names.includes(written)) return typeof written === 'string'
  n.report(path, `there is no ${what} "${written}"`, { on, ...suggestion(written, names) })
  return false
}

export function zoneName(n: Names, path: Path, written: unknown): void {
  if (typeof written !== 'string' || isZone(written)) return
  n.report(
    path,
    `there is no time zone "${written}"; write an IANA name like Europe/Zurich`,
    suggestion(written, zones()),
  )
}

/** A platform or a role. A role that no platform has is legal, but what is said about it has no effect: worth a word. */
export function actor(n: Names, path: Path, written: unknown, on: 'key' | 'value' = 'value'): void {
  if (typeof written !== 'string' || n.platforms.includes(written) || n.castRoles.has(written)) return
  if (isRole(written))
    return n.report(path, `no platform has the role ${written}, so this has no effect`, { on, level: 'warning' })
  n.report(path, `there is no platform or role "${written}"`, {
    on,
    ...suggestion(written, [...n.platforms, ...ROLES]),
  })
}

export function actors(n: Names, path: Path, written: unknown): void {
  for (const [i, name] of items(written)) actor(n, [...path, i], name)
}

/** `kind`, `kind.field`, `kind.group.*`. */
export function fieldPattern(n: Names, path: Path, written: unknown, on: 'key' | 'value' = 'value'): void {
  if (typeof written !== 'string') return
  const parsed = parsePattern(written)
  if ('wrong' in parsed)
    n.report(path, parsed.wrong, { on, ...(parsed.suggestion !== undefined && { suggestion: parsed.suggestion }) })
}

/** What a connector's mapping gives besides the fields of the kind (model/record.ts). */
const COMMON = [
  'record_id',
  'status',
  'created_at',
  'changed_at',
  'deleted',
  'merged_into',
  'changed_by',
  'correlation_id',
]

export function fieldName(
  n: Names,
  path: Path,
  kind: string,
  written: unknown,
  common = false,
  on: 'key' | 'value' = 'value',
): void {
  if (
    typeof written !== 'string' ||
    (written !== 'existence' && isField(kind, written)) ||
    (common && COMMON.includes(written))
  )
    return
  n.report(path, `${kind} has no field "${written}"`, {
    on,
    ...suggestion(written, [...fieldNames(kind), ...(common ? COMMON : [])]),
  })
}

export function stateName(n: Names, path: Path, kind: string, written: string): void {
  known(n, path, `state of ${kind}`, written, kindOf(kind).states, 'key')
}

export function suggestion(written: string, names: Iterable<string>): { suggestion?: string } {
  const found = nearest(written, names)
  return found === undefined ? {} : { suggestion: found }
}
