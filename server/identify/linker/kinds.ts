/** Kinds that the linker knows how to compare: what of their records tells who they are. */
import { FORM_BY_LETTERS } from '../../../model/types/legal-forms.ts'
import { PUBLIC_MAIL } from '../../../model/types/public-mail.ts'
import { currentTable } from '../../store/facts/columns.ts'
import { ident } from '../../store/facts/ident.ts'
import type { BlockRule, LinkField, LinkSpec } from './spec.ts'

/** Legal forms of one word, and words that stand in every other name. */
const STOP_WORDS = [
  ...[...FORM_BY_LETTERS.keys()].filter((f) => /^[a-z0-9]{2,}$/.test(f)),
  'und',
  'and',
  'the',
  'of',
  'der',
  'die',
  'das',
  'et',
  'de',
  'la',
]
const quoted = (words: Iterable<string>) => [...words].map((w) => `'${w.replaceAll(/['\\]/g, '')}'`).join(', ')

/** Words of a folded text without accents and legal forms, in their order. */
function plainName(value: string): string {
  const bare = `replaceRegexpAll(normalizeUTF8NFKD(ifNull(${value}, '')), '\\\\p{M}', '')`
  const words = `arrayFilter(w -> w != '', splitByNonAlpha(${bare}))`
  const telling = `arrayFilter(w -> w not in (${quoted(STOP_WORDS)}), ${words})`
  return `arrayStringConcat(if(empty(${telling}), ${words}, ${telling}), ' ')`
}

const MAIL_DOMAIN = `if(position(ifNull(email_key, ''), '@') = 0, '', substringIndex(email_key, '@', -1))`
const notPublic = (domain: string) => `if(${domain} in (${quoted(PUBLIC_MAIL)}), '', ${domain})`
const joined = (...parts: string[]) =>
  `[if(${parts.map((p) => `${p} = ''`).join(' or ')}, '', concat('${parts.length}', ${parts.join(`, '|', `)}))]`
const words = (field: string) =>
  `arrayMap(w -> concat('w', w), arrayFilter(w -> lengthUTF8(w) > 2, arraySlice(t_${field}, 1, 4)))`

interface KindSpec {
  fields: readonly LinkField[]
  rules: readonly BlockRule[]
  /** Records that take part. */
  where: string
}

const CUSTOMER: KindSpec = {
  where: `deleted = 0 and ifNull(role, '') not in ('bill_to', 'ship_to') and ifNull(state, '') != 'closed'`,
  fields: [
    {
      name: 'name',
      compare: 'company',
      value: plainName(`coalesce(nullIf(name_key, ''), legal_name_key)`),
      termFrequency: true,
    },
    { name: 'tax_id', compare: 'code', value: 'tax_id_key' },
    { name: 'registration', compare: 'code', value: 'registration_number_key' },
    {
      name: 'domain',
      compare: 'domain',
      value: `coalesce(nullIf(domain_key, ''), ${notPublic(MAIL_DOMAIN)})`,
      termFrequency: true,
    },
    { name: 'mailbox', compare: 'exact', value: `substringIndex(ifNull(email_key, ''), '@', 1)`, termFrequency: true },
    {
      name: 'phone',
      compare: 'phone',
      value: `replaceRegexpAll(ifNull(phone_key, ''), '[^0-9]', '')`,
      termFrequency: true,
    },
    { name: 'street', compare: 'words', value: plainName('bill_to_line1_key') },
    { name: 'postal_code', compare: 'postal', value: 'bill_to_postal_code_key' },
    { name: 'city', compare: 'place', value: plainName('bill_to_city_key'), termFrequency: true },
    { name: 'country', compare: 'exact', value: 'toString(bill_to_country)', termFrequency: true },
  ],
  rules: [
    { name: 'words of the name', keys: words('name'), fixes: [] },
    { name: 'tax id', keys: `[if(f_tax_id = '', '', concat('t', f_tax_id))]`, fixes: ['tax_id'] },
    {
      name: 'registration',
      keys: `[if(f_registration = '', '', concat('r', f_registration))]`,
      fixes: ['registration'],
    },
    { name: 'domain', keys: `[if(f_domain = '', '', concat('d', f_domain))]`, fixes: ['domain'] },
    { name: 'phone', keys: `[if(length(f_phone) < 6, '', concat('p', right(f_phone, 7)))]`, fixes: ['phone'] },
    { name: 'street and postal code', keys: joined('f_street', 'f_postal_code'), fixes: ['street', 'postal_code'] },
  ],
}

const CONTACT: KindSpec = {
  where: 'deleted = 0',
  fields: [
    { name: 'name', compare: 'company', value: plainName('name_key'), termFrequency: true },
    { name: 'mailbox', compare: 'exact', value: `substringIndex(ifNull(email_key, ''), '@', 1)`, termFrequency: true },
    { name: 'domain', compare: 'domain', value: notPublic(MAIL_DOMAIN), termFrequency: true },
    {
      name: 'phone',
      compare: 'phone',
      value: `replaceRegexpAll(ifNull(phone_key, ''), '[^0-9]', '')`,
      termFrequency: true,
    },
    {
      name: 'customer',
      compare: 'exact',
      value: `if(customer_eid = 0, '', toString(customer_eid))`,
      termFrequency: true,
    },
  ],
  rules: [
    { name: 'mail', keys: joined('f_mailbox', 'f_domain'), fixes: ['mailbox', 'domain'] },
    {
      name: 'name at a customer',
      keys: `if(f_customer = '', [], arrayMap(w -> concat(w, f_customer), t_name))`,
      fixes: ['customer'],
    },
    { name: 'phone', keys: `[if(length(f_phone) < 6, '', concat('p', right(f_phone, 7)))]`, fixes: ['phone'] },
    { name: 'name', keys: `[if(f_name = '', '', concat('n', f_name))]`, fixes: ['name'] },
  ],
}

const PRODUCT: KindSpec = {
  where: 'deleted = 0',
  fields: [
    { name: 'name', compare: 'words', value: plainName('name_key'), termFrequency: true },
    { name: 'sku', compare: 'code', value: 'sku_key' },
    { name: 'code', compare: 'code', value: 'code_key' },
    { name: 'plan_code', compare: 'code', value: 'plan_code_key' },
    { name: 'price', compare: 'amount', value: 'toString(price)' },
  ],
  rules: [
    { name: 'words of the name', keys: words('name'), fixes: [] },
    { name: 'sku', keys: `[if(f_sku = '', '', concat('s', f_sku))]`, fixes: ['sku'] },
    { name: 'code', keys: `[if(f_code = '', '', concat('c', f_code))]`, fixes: ['code'] },
  ],
}

const SPECS: Readonly<Record<string, KindSpec>> = { customer: CUSTOMER, contact: CONTACT, product: PRODUCT }

export const LINKED_KINDS = Object.keys(SPECS)

/** @param only condition on a row of the current table that narrows the records, or null for all */
export function specOf(database: string, kind: string, only: string | null): LinkSpec {
  const { fields, rules, where } = SPECS[kind]!
  return {
    kind,
    source: `select *, eid as entity from ${database}.${ident(currentTable(kind))} final where ${where}${only ? ` and ${only}` : ''}`,
    fields,
    rules,
    pairs: 'all',
  }
}
