/**
 * Compliance: which facts about a customer the law of its country asks for, so that an invoice to it is right.
 *
 * Data, not advice: each line names its source, its severity says how soon its lack hurts, and a configuration takes
 * lines out or adds some (`compliance:`). What no line asks for is never missed: a tax id is no finding where the law
 * does not want one on the invoice.
 */
import type { Severity } from './verdict.ts'

export interface ComplianceRule {
  /** ISO 3166-1 alpha-2 of the customer's billing address; `*`: every country. */
  countries: readonly string[]
  /** Field of the kind `customer`. */
  field: string
  /** business: only where the customer is not marked as a private person. exempt: only where no tax is charged. */
  when: 'always' | 'business' | 'exempt'
  severity: Severity
  /** Where it is written and what for; shown in the finding. */
  law: string
}

/** Member states of the European Union; Northern Ireland trades goods under the prefix XI. */
export const EU: readonly string[] =
  'AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK'.split(' ')

/** Values of `customer.type` that mark a private person: no business number is asked of them. */
export const PRIVATE: readonly string[] = ['consumer', 'individual', 'person', 'private', 'b2c', 'natural_person']

const rule = (
  countries: string | readonly string[],
  field: string,
  when: ComplianceRule['when'],
  severity: Severity,
  law: string,
): ComplianceRule => ({
  countries: typeof countries === 'string' ? countries.split(' ') : countries,
  field,
  when,
  severity,
  law,
})

/** Where every sale to a business is reported with the number of the buyer, the invoice is refused without it. */
const CLEARED = 'electronic invoices are refused without the buyer’s number'

export const COMPLIANCE: readonly ComplianceRule[] = [
  rule(
    EU.filter((c) => !['IT', 'ES', 'PL', 'PT', 'HU', 'RO', 'GR'].includes(c)),
    'tax_id',
    'business',
    'medium',
    'Directive 2006/112/EC, art. 226(4): the customer’s VAT number wherever the customer owes the tax (reverse charge, supplies within the Union).',
  ),
  rule(
    'IT',
    'tax_id',
    'business',
    'high',
    `DPR 633/1972, art. 21(2)(f): partita IVA or codice fiscale on every invoice; ${CLEARED}.`,
  ),
  rule('ES', 'tax_id', 'business', 'high', 'RD 1619/2012, art. 6(1)(d): the NIF of a business customer.'),
  rule('PL', 'tax_id', 'business', 'high', `VAT Act, art. 106e(1)(5): the buyer’s NIP; ${CLEARED}.`),
  rule('PT', 'tax_id', 'business', 'high', 'CIVA, art. 36(5)(a): the NIF of a taxable buyer.'),
  rule(
    'HU',
    'tax_id',
    'business',
    'high',
    `VAT Act CXXVII of 2007, §169(d): the tax number of a domestic business; ${CLEARED}.`,
  ),
  rule('RO', 'tax_id', 'business', 'high', `Fiscal Code, art. 319(20): the buyer’s fiscal code; ${CLEARED}.`),
  rule('GR', 'tax_id', 'business', 'high', 'Law 4308/2014, art. 9: the buyer’s AFM; reported to myDATA.'),
  rule(
    'FR',
    'registration_number',
    'business',
    'low',
    'Code de commerce, R.123-221 and decree 2022-1299: the SIREN of a business customer on the invoice.',
  ),
  rule(
    'GB',
    'tax_id',
    'business',
    'low',
    'VAT Regulations 1995, reg. 14(2): the customer’s number where it owes the tax; HMRC Notice 725 for Northern Ireland.',
  ),
  rule(
    'CH LI',
    'tax_id',
    'business',
    'low',
    'MWSTG, art. 26: name and place of the recipient as registered; the UID is how a registered business is told.',
  ),
  rule(
    'NO',
    'tax_id',
    'business',
    'medium',
    'Bokføringsforskriften §5-1-2: the organisation number with MVA of the buyer where it owes the tax.',
  ),
  rule('TR', 'tax_id', 'business', 'high', `VUK, art. 230: VKN or TCKN of the buyer; ${CLEARED}.`),
  rule('RS', 'tax_id', 'business', 'high', `VAT Act, art. 42: the PIB of the buyer; ${CLEARED}.`),
  rule('UA', 'tax_id', 'business', 'medium', 'Tax Code, art. 201: the buyer’s tax number on the tax invoice.'),
  rule(
    'IN',
    'tax_id',
    'business',
    'high',
    'CGST Rules 2017, rule 46(d): GSTIN of a registered recipient; input credit is lost without it.',
  ),
  rule(
    'IN',
    'bill_to.region',
    'always',
    'high',
    'CGST Rules 2017, rule 46(n): place of supply with the name of the state decides between IGST and CGST with SGST.',
  ),
  rule(
    'AU',
    'tax_id',
    'business',
    'low',
    'GST Act 1999, s. 29-70(1)(c)(ii): identity or ABN of the recipient from 1,000 AUD on.',
  ),
  rule(
    'US',
    'tax_id',
    'exempt',
    'high',
    'State sales-tax rules (e.g. 830 CMR 64H, Cal. Code Regs. 18 §1668): a sale is exempt only with a certificate that carries the buyer’s number.',
  ),
  rule('US', 'bill_to.region', 'always', 'medium', 'State sales tax is sourced to the state of the customer.'),
  rule('US', 'bill_to.postal_code', 'always', 'medium', 'Local sales-tax rates are found by ZIP code.'),
  rule(
    'CA',
    'bill_to.region',
    'always',
    'medium',
    'Excise Tax Act, sched. IX: the province decides between GST, HST and QST.',
  ),
  rule('BR', 'tax_id', 'always', 'high', `Ajuste SINIEF 07/05: CNPJ or CPF of the recipient; ${CLEARED}.`),
  rule('BR', 'bill_to.region', 'always', 'high', 'ICMS is due by the state of origin and of destination.'),
  rule('MX', 'tax_id', 'always', 'high', `CFF, art. 29-A: RFC of the recipient; ${CLEARED}.`),
  rule(
    'MX',
    'bill_to.postal_code',
    'always',
    'high',
    'CFDI 4.0: the recipient’s fiscal postal code must match its RFC.',
  ),
  rule('AR', 'tax_id', 'business', 'high', 'RG 1415: CUIT of the recipient of an invoice A.'),
  rule('CL', 'tax_id', 'business', 'high', `DL 825, art. 54: RUT of the recipient; ${CLEARED}.`),
  rule('CO', 'tax_id', 'business', 'high', `Estatuto Tributario, art. 617(c): NIT of the buyer; ${CLEARED}.`),
  rule('PE', 'tax_id', 'business', 'high', `Reglamento de Comprobantes de Pago, art. 8: RUC of the buyer; ${CLEARED}.`),
  rule('EC', 'tax_id', 'always', 'high', `Reglamento de Comprobantes de Venta, art. 19: RUC or cédula; ${CLEARED}.`),
  rule(
    'SA',
    'tax_id',
    'business',
    'high',
    `VAT Implementing Regulations, art. 53(5): the buyer’s VAT number on a tax invoice; ${CLEARED}.`,
  ),
  rule('AE', 'tax_id', 'business', 'medium', 'Cabinet Decision 52/2017, art. 59(1): TRN of a registered recipient.'),
  rule(
    'EG',
    'tax_id',
    'business',
    'high',
    `Unified Tax Procedures Act 206/2020: the buyer’s registration; ${CLEARED}.`,
  ),
  rule(
    'IL',
    'tax_id',
    'business',
    'medium',
    'VAT Law, s. 47: the buyer’s number from the threshold of the allocation number on.',
  ),
  rule(
    'ZA',
    'tax_id',
    'business',
    'low',
    'VAT Act 89/1991, s. 20(4)(c): the recipient’s VAT number on a full tax invoice.',
  ),
  rule(
    'KE',
    'tax_id',
    'business',
    'medium',
    'Tax Procedures (Electronic Tax Invoice) Regulations: PIN of a buyer who deducts.',
  ),
  rule(
    'KR',
    'tax_id',
    'business',
    'high',
    `VAT Act, art. 32: business registration number of the recipient; ${CLEARED}.`,
  ),
  rule('TW', 'tax_id', 'business', 'high', 'Uniform Invoice Rules, art. 9: the buyer’s unified business number.'),
  rule('CN', 'tax_id', 'business', 'high', 'SAT announcement 16/2017: taxpayer number of the buyer on a fapiao.'),
  rule(
    'TH',
    'tax_id',
    'business',
    'medium',
    'Revenue Code, s. 86/4 and notification 199: tax id and branch of a registered buyer.',
  ),
  rule('VN', 'tax_id', 'business', 'high', `Decree 123/2020, art. 10(5): the buyer’s tax code; ${CLEARED}.`),
  rule('ID', 'tax_id', 'business', 'high', 'PER-03/PJ/2022: NPWP or NIK of the buyer on the faktur pajak.'),
  rule('MY', 'tax_id', 'business', 'medium', `Income Tax Act 1967, s. 82C: the buyer’s TIN; ${CLEARED}.`),
  rule('PH', 'tax_id', 'business', 'medium', 'NIRC, s. 237: TIN of a VAT-registered buyer.'),
]

/** What a configuration says against the shipped lines: country → field → `off`, or how much its lack matters. */
export type ComplianceChanges = Readonly<Record<string, Readonly<Record<string, Severity | 'off'>>>>

/** The lines that count: shipped ones without those that are taken out, and those that are added, for businesses. */
export function complianceRules(changes: ComplianceChanges): ComplianceRule[] {
  const said = (country: string, field: string) => changes[country]?.[field] ?? changes['*']?.[field]
  const kept = COMPLIANCE.flatMap((r) =>
    r.countries.flatMap((country): ComplianceRule[] => {
      const severity = said(country, r.field) ?? r.severity
      return severity === 'off' ? [] : [{ ...r, countries: [country], severity }]
    }),
  )
  const added = Object.entries(changes).flatMap(([country, fields]) =>
    Object.entries(fields).flatMap(([field, severity]): ComplianceRule[] =>
      severity === 'off' || country === '*' || kept.some((r) => r.field === field && r.countries.includes(country))
        ? []
        : [rule(country, field, 'business', severity, 'Asked for by the configuration.')],
    ),
  )
  return [...kept, ...added]
}

/** The line that asks this country’s customers for the field; undefined: none does. */
export function askedBy(
  rules: readonly ComplianceRule[],
  country: string | null,
  field: string,
): ComplianceRule | undefined {
  return rules.find((r) => r.field === field && country !== null && r.countries.includes(country))
}
