/**
 * A field: what a canonical record may say about a thing, and the one place that says
 * how it is stored, read, compared, hashed, masked and labelled.
 *
 * Every kind (model/kinds/) is a table of these. ClickHouse columns, validation, API
 * types, dashboard labels and the docs page derive from the table; nothing is written twice.
 */

/** The closed list of field types. Each has one file in model/types/ that says how it reads and compares. */
export type FieldTypeName =
  | 'text' // free words: NFKC, case folded, inner white space folded
  | 'code' // an id or code: NFKC and trimmed, case kept
  | 'name' // a person's or company's everyday name: as text, ß = ss
  | 'legal_name' // as name, with legal forms brought to one spelling
  | 'domain' // lower case, no scheme, www., path or final dot; IDN as punycode
  | 'email' // lower case, domain as punycode
  | 'phone' // E.164
  | 'tax_id' // checked by country, punctuation dropped
  | 'country' // ISO 3166-1 alpha-2 from any usual spelling
  | 'currency' // ISO 4217
  | 'language' // BCP 47, primary subtag compared
  | 'money' // decimal string in major units; its currency is another field
  | 'number' // decimal string
  | 'date' // a calendar day, or a month or year where only that is known
  | 'instant' // UTC, milliseconds
  | 'bool'
  | 'enum' // one of `of`, through the platform's reference map
  | 'payment_terms' // net_<days>, due_on_receipt, prepaid, eom_<days>
  | 'reference' // the id of a record of kind `to`

/** How a field may be shown to people who must not see personal data. */
export type Sensitivity = 'plain' | 'personal'

export interface Field {
  /** Canonical name; dots group an address (`bill_to.country`). */
  name: string
  /** What the dashboard calls it. */
  label: string
  type: FieldTypeName
  /** Ownership group: fields of one group share an owner by default and one stored hash. */
  group: string
  /** Meaning, unit and source, in one sentence. */
  about: string
  /** For `enum`: the closed list of values. */
  of?: readonly string[]
  /** For `reference`: the kinds it may point to (`customer`; a line points to several). */
  to?: readonly string[]
  /** For `money`: the field of the same record that holds its currency. */
  currency?: string
  sensitivity: Sensitivity
  /** Bit of this field in the record's `held`, `empty`, `unmapped` and `invalid` masks. Position in the table: only ever append. */
  bit: number
}

/**
 * The four things a field of one record can be. They are never folded together:
 * `cannot_hold` and `absent` are never compared, `empty` at a follower against a value
 * at the owner is a difference, an `empty` owner has no voice.
 */
export type FieldState = 'value' | 'empty' | 'absent' | 'cannot_hold' | 'unmapped' | 'invalid'

/** ClickHouse column type of a field's value. */
export const COLUMN: Record<FieldTypeName, string> = {
  text: 'Nullable(String)',
  code: 'Nullable(String)',
  name: 'Nullable(String)',
  legal_name: 'Nullable(String)',
  domain: 'Nullable(String)',
  email: 'Nullable(String)',
  phone: 'Nullable(String)',
  tax_id: 'Nullable(String)',
  country: 'LowCardinality(Nullable(String))',
  currency: 'LowCardinality(Nullable(String))',
  language: 'LowCardinality(Nullable(String))',
  money: 'Nullable(Decimal(38, 9))',
  number: 'Nullable(Decimal(38, 9))',
  // Text, because a date may be partial (`2026-11`); ISO order is time order.
  date: 'LowCardinality(Nullable(String))',
  instant: "Nullable(DateTime64(3, 'UTC'))",
  bool: 'LowCardinality(Nullable(String))',
  enum: 'LowCardinality(Nullable(String))',
  payment_terms: 'LowCardinality(Nullable(String))',
  reference: 'Nullable(String)',
}

/**
 * Types whose stored value is what people wrote and whose comparison key is another text.
 * They get a second column `<field>_key`; for all other types the stored value is already normal.
 */
export const KEYED: ReadonlySet<FieldTypeName> = new Set<FieldTypeName>([
  'text',
  'code',
  'name',
  'legal_name',
  'domain',
  'email',
  'phone',
  'tax_id',
  'language',
])

/** The column that stores a field: dots would make ClickHouse think of a Nested column. */
export function column(field: Pick<Field, 'name'>): string {
  return field.name.replaceAll('.', '_')
}

/** The column that equality is tested on. */
export function keyColumn(field: Pick<Field, 'name' | 'type'>): string {
  if (field.type === 'reference') return `${column(field)}_eid`
  return KEYED.has(field.type) ? `${column(field)}_key` : column(field)
}
