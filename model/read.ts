/** Reading: how each field type turns what a platform wrote into a canonical value. One file per type in model/types/. */
import type { FieldTypeName } from './fields.ts'
import type { Read, ReadContext, Reading } from './reading.ts'
import { readBool } from './types/bool.ts'
import { readCode } from './types/code.ts'
import { readCountry } from './types/country.ts'
import { readCurrency } from './types/currency.ts'
import { readDate } from './types/date.ts'
import { readDomain } from './types/domain.ts'
import { readEmail } from './types/email.ts'
import { readEnum } from './types/enum.ts'
import { readInstant } from './types/instant.ts'
import { readLanguage } from './types/language.ts'
import { readLegalName } from './types/legal_name.ts'
import { readMoney } from './types/money.ts'
import { readName } from './types/name.ts'
import { readNumber } from './types/number.ts'
import { readPaymentTerms } from './types/payment_terms.ts'
import { readPhone } from './types/phone.ts'
import { readReference } from './types/reference.ts'
import { readTaxId } from './types/tax_id.ts'
import { readText } from './types/text.ts'

export const READ: Record<FieldTypeName, Read> = {
  text: readText,
  code: readCode,
  name: readName,
  legal_name: readLegalName,
  domain: readDomain,
  email: readEmail,
  phone: readPhone,
  tax_id: readTaxId,
  country: readCountry,
  currency: readCurrency,
  language: readLanguage,
  money: readMoney,
  number: readNumber,
  date: readDate,
  instant: readInstant,
  bool: readBool,
  enum: readEnum,
  payment_terms: readPaymentTerms,
  reference: readReference,
}

/** Types whose codes a reference map may translate; an entry that is missing makes the field *unmapped*. */
export const MAPPABLE: ReadonlySet<FieldTypeName> = new Set<FieldTypeName>([
  'text',
  'code',
  'country',
  'currency',
  'language',
  'bool',
  'enum',
  'payment_terms',
])

/** Reads one value of one field. Never throws: what cannot be read is a reading too. */
export function readField(raw: unknown, ctx: ReadContext): Reading {
  return READ[ctx.field.type](raw, ctx)
}
