/** Schema: fields of a source that are new, gone, of another type or emptied, and enumerations with values nobody maps. */
import { kindOf, hasKind } from '../../../model/kinds.ts'
import type { Evidence, Severity } from '../../../model/verdict.ts'
import { iso } from '../../clock.ts'
import type { Shape, ShapeChange } from '../../store/control/shapes.ts'

/** What one change of a stream's shape says. */
export interface SchemaFinding {
  key: string
  field: string | null
  severity: Severity | null
  since: number
  expected: string | null
  actual: string | null
  evidence: Evidence[]
  title: string
}

const WORDS: Record<ShapeChange['what'], (name: string, path: string) => string> = {
  new: (name, path) => `${name}: the source has a new field ${path}`,
  gone: (name, path) => `${name}: the field ${path} is gone from the source`,
  retyped: (name, path) => `${name}: the field ${path} is of another type`,
  emptied: (name, path) => `${name}: the field ${path} is always empty now`,
  enumeration: (name, path) => `${name}: the field ${path} has a value that nobody maps`,
}

const WAS: Record<ShapeChange['what'], (c: ShapeChange) => string> = {
  new: (c) => `${c.path} was never there before and has come with most rows since (${c.after}).`,
  gone: (c) => `${c.path} (${c.before}) came with every row and is missing from all since.`,
  retyped: (c) => `${c.path} was ${c.before} and is ${c.after} in every row since.`,
  emptied: (c) => `${c.path} always had a value (${c.before}) and has had none since.`,
  enumeration: (c) => `${c.path} knew ${c.before}; now there is ${c.after}.`,
}

/** Names listed in one sentence. */
const LISTED = 12

/** Changes that are still so, or so young that people should know of them. */
export function schemaFindings(
  shape: Shape,
  stream: { kind: string; stream: string },
  name: string,
  asOf: number,
  keepMs: number,
): SchemaFinding[] {
  return shape.changes
    .filter((c) => c.backAt === null && c.at <= asOf && (lasts(c) || c.at + keepMs > asOf))
    .map((c) => {
      const [field] = c.fields
      const known = hasKind(stream.kind) && kindOf(stream.kind).fields.some((f) => f.name === field)
      return {
        key: `schema|${c.what}|${c.path}`,
        field: c.fields.length === 1 && known ? field! : null,
        // What nothing reads hurts nobody yet.
        severity: c.read === true || c.fields.length > 0 ? null : 'low',
        since: c.at,
        expected: c.before,
        actual: c.after,
        evidence: evidence(c, lasts(c) ? null : c.at + keepMs),
        title: WORDS[c.what](name, c.path),
      }
    })
}

/** A field that is gone or emptied and that something reads stays a finding until it is back. */
const lasts = (c: ShapeChange) =>
  (c.what === 'gone' || c.what === 'emptied' || c.what === 'retyped') && (c.read === true || c.fields.length > 0)

function evidence(c: ShapeChange, until: number | null): Evidence[] {
  const found: Evidence[] = [
    { says: WAS[c.what](c), strength: 'strong', disproved_by: 'A reading in which it is as it was.' },
  ]
  if (c.fields.length > 0)
    found.push({
      says: `It feeds ${c.fields.join(', ')}${c.maps.length ? `, by the reference map ${c.maps.join(', ')}` : ''}.`,
      strength: 'supporting',
    })
  else if (c.read === true) found.push({ says: 'The mapping of the connector reads it.', strength: 'supporting' })
  else if (c.read === false) found.push({ says: 'No mapping reads it.', strength: 'supporting' })
  if (c.checks.length > 0)
    found.push({
      says: `Checks that look at it: ${c.checks.slice(0, LISTED).join(', ')}${c.checks.length > LISTED ? ` and ${c.checks.length - LISTED} more` : ''}.`,
      strength: 'supporting',
    })
  if (until !== null) found.push({ says: `It counts as usual from ${iso(until)} on.`, strength: 'weak' })
  return found
}
