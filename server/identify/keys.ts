/** Identity keys: which fields, when equal, make two records one thing, in order of strength. */
import { column, keyColumn } from '../../model/fields.ts'
import { fieldOf, kindOf } from '../../model/kinds.ts'

export interface IdentityKey {
  /** For people and evidence: `tax_id`, `number`. */
  name: string
  fields: readonly string[]
  /** A strong key refuses weaker ones that disagree with it, and a refusal of its own goes to a person. */
  strong: boolean
}

const strong = (...fields: string[]): IdentityKey => ({ name: fields.join('+'), fields, strong: true })
const weak = (...fields: string[]): IdentityKey => ({ name: fields.join('+'), fields, strong: false })

/** Shipped keys per kind. Kinds not listed are linked by references alone: their numbers mean nothing elsewhere. */
const SHIPPED: Record<string, readonly IdentityKey[]> = {
  customer: [strong('tax_id'), strong('registration_number'), weak('domain'), weak('email')],
  contact: [weak('customer', 'email')],
  product: [strong('sku'), strong('code'), strong('plan_code')],
  quote: [strong('number')],
  contract: [strong('number')],
  order: [strong('number')],
  subscription: [strong('number')],
  invoice: [strong('number')],
  credit: [strong('number')],
  case: [strong('number')],
  shipment: [strong('number')],
  entitlement: [weak('subscription', 'product'), weak('subscription')],
  tenant: [weak('subscription')],
  onboarding: [weak('subscription', 'milestone'), weak('order', 'milestone')],
  renewal: [weak('subscription', 'due_on')],
  posting: [weak('invoice', 'account', 'period')],
}

/**
 * Keys of a kind, as the configuration wants them (`identity.<kind>.keys`) or as shipped. A configured key
 * is as strong as the shipped one over the same fields; an unknown combination is weak.
 */
export function identityKeys(kind: string, configured?: readonly (readonly string[])[]): readonly IdentityKey[] {
  const shipped = SHIPPED[kind] ?? []
  if (!configured) return shipped
  return configured.map((fields) => shipped.find((k) => k.fields.join() === fields.join()) ?? weak(...fields))
}

/**
 * The SQL that gives a record's value of one key, or NULL when a part is missing. Each part is a comparison key, so
 * two platforms that spell a tax id differently still share it.
 * @param row alias of a resolved record (resolve.ts)
 */
export function keySql(kind: string, key: IdentityKey, row: string, publicMail: string): string {
  const parts = key.fields.map((f) => {
    const field = fieldOf(kind, f)
    const value = `${row}.${keyColumn(field)}`
    if (field.type === 'reference') return `if(${value} = 0, null, toString(${value}))`
    // A public mail provider's domain says nothing about who the customer is.
    if (field.type === 'domain') return `if(${value} in (${publicMail}), null, nullIf(${value}, ''))`
    return `nullIf(toString(${value}), '')`
  })
  // concat gives NULL as soon as one part is NULL: half a key is no key.
  const whole = parts.length === 1 ? parts[0]! : `concat(${parts.join(`, '\\n', `)})`
  // A key of fewer fields stands in only where the fuller one cannot be formed.
  const fuller = identityKeys(kind).find(
    (k) => k !== key && k.fields.length > key.fields.length && key.fields.every((f) => k.fields.includes(f)),
  )
  if (!fuller) return whole
  const extra = fuller.fields.find((f) => !key.fields.includes(f))!
  return `if(${row}.${column(fieldOf(kind, extra))} is null, ${whole}, null)`
}

/** Columns of a resolved record that `keySql` reads. */
export function keyColumns(kind: string, keys: readonly IdentityKey[]): string[] {
  const fuller = identityKeys(kind).filter((k) => keys.some((key) => key.fields.every((f) => k.fields.includes(f))))
  const fields = [...keys, ...fuller].flatMap((k) => k.fields.map((f) => fieldOf(kind, f)))
  return [...new Set(fields.flatMap((f) => [keyColumn(f), column(f)]))]
}

/** The column that says what a record of this kind is worth, or a NULL literal. */
export function worthSql(kind: string, row: string): string {
  const worth = kindOf(kind).worth
  return worth ? `toString(${row}.${column({ name: worth })})` : 'cast(null as Nullable(String))'
}
