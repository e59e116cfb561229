/** Link specification: what of a record is compared, and by which rules two records become candidates at all. */
import type { ComparatorName } from '../../../model/linkage/comparators.ts'
import { PlumblineError } from '../../errors.ts'
import { FIELDS_MAX } from '../../../model/linkage/comparators.ts'

export interface LinkField {
  /** Plain word: it names columns. */
  name: string
  compare: ComparatorName
  /** SQL over a row of the source: the value in comparable form; '' or NULL where there is none. */
  value: string
  /** A rare value that two records share says more than a common one. */
  termFrequency?: boolean
}

/**
 * Records that share a key of any rule are compared. A rule is written over the columns `f_<field>` (the value, '' if
 * missing) and `t_<field>` (its words, rarest first) and gives an array of keys; '' is no key.
 */
export interface BlockRule {
  name: string
  keys: string
  /** Fields that two records which share a key agree in by construction. */
  fixes: readonly string[]
  /** Records of one key beyond which the key says nothing and is skipped; default BLOCK_RECORDS_MAX. */
  most?: number
}

export interface LinkSpec {
  kind: string
  /** SELECT with `platform`, `record_id` and `entity` (UInt64, 0: none) beside what the fields read. */
  source: string
  fields: readonly LinkField[]
  rules: readonly BlockRule[]
  /** `across`: only records of two platforms may be one thing, as in two clean lists. */
  pairs: 'all' | 'across'
  /** Words that say nothing in names, such as legal forms. */
  stopWords?: readonly string[]
  /** Chance that two random records are one thing, until it was estimated. */
  prior?: number
}

/** A key that more records share is skipped, and the skipped are counted: pairs grow with the square. */
export const BLOCK_RECORDS_MAX = 60

/** Comparators that look at words. */
const WORDED: ReadonlySet<ComparatorName> = new Set<ComparatorName>(['company', 'words'])
export const isWorded = (field: Pick<LinkField, 'compare'>) => WORDED.has(field.compare)

/** @throws PlumblineError where a specification cannot be carried out. */
export function checkedSpec(spec: LinkSpec): LinkSpec {
  const wrong = (text: string) => new PlumblineError('config', text, { remedy: 'See docs/identity.md.' })
  if (spec.fields.length === 0 || spec.rules.length === 0) throw wrong(`Nothing of ${spec.kind} can be compared.`)
  if (spec.fields.length > FIELDS_MAX) throw wrong(`At most ${FIELDS_MAX} fields of ${spec.kind} can be compared.`)
  const names = new Set(spec.fields.map((f) => f.name))
  for (const { name } of spec.fields) if (!/^[a-z][a-z0-9_]*$/.test(name)) throw wrong(`"${name}" is not a plain word.`)
  for (const rule of spec.rules)
    for (const f of rule.fixes) if (!names.has(f)) throw wrong(`Rule ${rule.name} fixes "${f}", which is not compared.`)
  return spec
}
