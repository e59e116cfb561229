/** Which of Stripe's types a tax id is of: by its own prefix, else by the country of its customer. */
import { cannot } from '../mark.ts'

const EU = 'AT BE BG CY CZ DE DK EE EL ES FI FR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK XI'.split(' ')
const BY_COUNTRY: Record<string, string> = {
  GB: 'gb_vat',
  CH: 'ch_vat',
  NO: 'no_vat',
  IS: 'is_vat',
  US: 'us_ein',
  AU: 'au_abn',
  BR: 'br_cnpj',
  CA: 'ca_bn',
  IN: 'in_gst',
  JP: 'jp_cn',
  KR: 'kr_brn',
  MX: 'mx_rfc',
  NZ: 'nz_gst',
  SG: 'sg_gst',
  AE: 'ae_trn',
  SA: 'sa_vat',
  ZA: 'za_vat',
}

/** @throws ConnectorError `config` where neither prefix nor country decides */
export function taxIdType(value: string, country: string | null, configured: Readonly<Record<string, string>>): string {
  const prefix = /^[A-Z]{2}/.exec(value.toUpperCase())?.[0] ?? ''
  for (const code of [prefix, country ?? '']) {
    const type = configured[code] ?? (EU.includes(code) || code === 'GR' ? 'eu_vat' : BY_COUNTRY[code])
    if (type !== undefined) return type
  }
  throw cannot(
    `Stripe needs the type of the tax id ${value.slice(0, 4)}…, which neither its prefix nor the customer’s country says.`,
    'Name it under config.write.tax_id_types.',
  )
}
