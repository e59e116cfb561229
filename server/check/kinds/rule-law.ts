/** Law: fields that the country of a customer asks for (model/compliance.ts), as conditions in SQL and as words. */
import { column, type Field } from '../../../model/fields.ts'
import { askedBy, complianceRules, PRIVATE, type ComplianceRule } from '../../../model/compliance.ts'
import { fieldOf, hasKind, kindOf } from '../../../model/kinds.ts'
import type { Landscape } from '../../../model/landscape.ts'
import { ident } from '../../store/facts/ident.ts'
import { has } from './holders.ts'
import type { Params } from './rule-conditions.ts'

/** Kind that the rules speak of, and the field that says the country. */
export const LAW_KIND = 'customer'
export const COUNTRY = 'bill_to.country'

const SHIPPED = complianceRules({})
export const rulesOf = (landscape: Pick<Landscape, 'compliance'>): readonly ComplianceRule[] =>
  landscape.compliance ?? SHIPPED

/** Fields of the kind that any rule asks for. */
export function lawFields(kind: string, rules: readonly ComplianceRule[]): Field[] {
  if (kind !== LAW_KIND || !hasKind(kind)) return []
  const asked = new Set(rules.map((r) => r.field))
  return kindOf(kind).fields.filter((f) => asked.has(f.name))
}

const held = (field: Field, test: string) => `(${has('held', field)} and not ${has('empty', field)} and ${test})`

/** The platform has the field, left it empty, and a rule of the record's country asks for it. */
export function lacksByLaw(field: Field, rules: readonly ComplianceRule[], params: Params): string {
  const country = fieldOf(LAW_KIND, COUNTRY)
  const type = fieldOf(LAW_KIND, 'type')
  const exempt = fieldOf(LAW_KIND, 'tax_exempt')
  const tests = (['always', 'business', 'exempt'] as const).flatMap((when) => {
    const countries = rules.filter((r) => r.field === field.name && r.when === when).flatMap((r) => r.countries)
    if (countries.length === 0) return []
    const there = held(
      country,
      `${ident(column(country))} in ${params.add([...new Set(countries)].sort(), 'Array(String)')}`,
    )
    if (when === 'always') return [there]
    if (when === 'exempt') return [`(${there} and ${held(exempt, `${ident(column(exempt))} = 'true'`)})`]
    const person = held(
      type,
      `lower(ifNull(${ident(column(type))}, '')) in ${params.add([...PRIVATE], 'Array(String)')}`,
    )
    return [`(${there} and not ${person})`]
  })
  if (tests.length === 0) return '0'
  return `${has('held', field)} and ${has('empty', field)} and not ${has('invalid', country)} and not ${has('unmapped', country)} and (${tests.join(' or ')})`
}

/** The rule that asks for it. */
export function lawOf(
  landscape: Pick<Landscape, 'compliance'>,
  country: string | null,
  field: string,
): ComplianceRule | undefined {
  return askedBy(rulesOf(landscape), country, field)
}
