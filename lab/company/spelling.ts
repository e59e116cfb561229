/** Spelling: the same value as another platform's people would write it. Never a fault; the product must call it equal. */
import { createRandom } from '../random.ts'
import { COUNTRIES } from '../countries.ts'
import type { PlatformPlan } from './platforms.ts'

/** Forms that mean the same legal form in another spelling. */
const FORMS: Record<string, readonly string[]> = {
  GmbH: ['G.m.b.H.', 'GMBH', 'gmbh'],
  AG: ['A.G.', 'ag'],
  Ltd: ['Ltd.', 'LTD'],
  PLC: ['plc', 'P.L.C.'],
  'Inc.': ['Inc', 'INC.'],
  LLC: ['L.L.C.', 'llc'],
  'Corp.': ['Corp', 'CORP.'],
  SAS: ['S.A.S.', 'sas'],
  SARL: ['S.A.R.L.', 'sarl'],
  'B.V.': ['BV', 'b.v.'],
  'K.K.': ['KK', 'k.k.'],
  'W.L.L.': ['WLL', 'w.l.l.'],
}

type Speller = (value: string, pick: <T>(from: readonly T[]) => T) => string

const loose: Speller = (value, pick) =>
  pick([value.toUpperCase(), value.replace(' ', '  '), `${value} `, value.replaceAll('ß', 'ss')])

const legalName: Speller = (value, pick) => {
  const form = Object.keys(FORMS).find((f) => value.endsWith(` ${f}`))
  return form ? `${value.slice(0, -form.length)}${pick(FORMS[form]!)}` : loose(value, pick)
}

const phone: Speller = (value, pick) => {
  const rest = value.slice(1)
  return pick([
    `+${rest.slice(0, 2)} ${rest.slice(2, 5)} ${rest.slice(5)}`,
    `+${rest.slice(0, 4)}-${rest.slice(4)}`,
    `+${rest.slice(0, 3)} ${rest.slice(3, 7)}.${rest.slice(7)}`,
  ])
}

const taxId: Speller = (value, pick) => {
  if (value.startsWith('CHE')) return `CHE-${value.slice(3, 6)}.${value.slice(6, 9)}.${value.slice(9, 12)} MWST`
  return /^[A-Z]{2}/.test(value)
    ? pick([`${value.slice(0, 2)} ${value.slice(2, 5)} ${value.slice(5)}`, `${value.slice(0, 2)}-${value.slice(2)}`])
    : value
}

const SPELLERS: Record<string, Speller> = {
  name: loose,
  legal_name: legalName,
  domain: (value, pick) => pick([`www.${value}`, `https://${value}/`, value.toUpperCase()]),
  email: (value, pick) => pick([value.toUpperCase(), value.replace(/^./, (c) => c.toUpperCase())]),
  phone,
  tax_id: taxId,
  'bill_to.line1': loose,
  'bill_to.city': (value, pick) => pick([value.toUpperCase(), value.replaceAll('ß', 'ss')]),
  'ship_to.city': (value, pick) => pick([value.toUpperCase(), value.replaceAll('ß', 'ss')]),
}

const country: Speller = (value, pick) => pick(COUNTRIES.find((c) => c.code === value)?.names ?? [value])
const bool: Speller = (value, pick) => (value === 'true' ? pick(['yes', '1', 'TRUE']) : pick(['no', '0', 'False']))
/** Only where no vendor's API would refuse the spelling. */
const FREE: Record<string, Speller> = {
  'bill_to.country': country,
  'ship_to.country': country,
  credit_hold: bool,
  tax_exempt: bool,
  auto_renew: bool,
  currency: (value) => value.toLowerCase(),
  credit_limit: (value) => (value.includes('.') ? value.replace(/0$/, '') : `${value}.00`),
}

/**
 * The value as this platform spells it. A platform keeps its habit for one record and field, so that a later
 * unrelated change does not look like a change of spelling.
 */
export function spelled(
  plan: PlatformPlan,
  kind: string,
  record: string,
  field: string,
  value: string,
  share: number,
): string {
  if (value === '' || (kind !== 'customer' && kind !== 'contact')) return value
  const speller = SPELLERS[field] ?? (plan.freeSpelling ? FREE[field] : undefined)
  if (!speller) return value
  const random = createRandom(`${plan.name}/${record}/${field}`)
  return random.chance(share) ? speller(value, random.pick) : value
}
