/** Verifying a certificate offline: its spelling, its signature, its sums, and with records at hand its hashes. */
import { format, parse } from '../../../model/decimal.ts'
import { canonicalise } from '../../../model/canonicalise.ts'
import { KEYED } from '../../../model/fields.ts'
import { kindOf } from '../../../model/kinds.ts'
import { PlumblineError } from '../../errors.ts'
import { canonical, type Json } from './canonical.ts'
import { certificateSchema, signedText, statementOf, withoutValue, type Certificate } from './document.ts'
import { readPublicKey, signed } from './keys.ts'
import { partitions } from './lines.ts'

export interface Verified {
  certificate: Certificate
  /** Everything that is wrong, in words; empty: it is genuine and, where records were given, they match. */
  problems: string[]
  /** Customers and values found in the records; null where none were given. */
  compared: { customers: number; values: number } | null
}

/**
 * @param text the file as it is
 * @param key public key that is trusted, PEM or base64url; left out: the one inside the file, which proves only that
 *   nothing was changed since somebody signed it
 * @throws PlumblineError `schema` if the file is no certificate at all
 */
export function verifyCertificate(text: string, key?: string): Verified {
  const document = read(text)
  const parsed = certificateSchema.safeParse(document)
  if (!parsed.success || document === null)
    throw new PlumblineError('schema', 'This file is no agreement certificate, or it is broken.', {
      remedy: 'Download it again: GET /v1/certificates/<id>.',
    })
  const certificate = parsed.data
  const problems: string[] = []
  if (`${canonical(document)}\n` !== text)
    problems.push('The file is not spelled as it was signed: some byte was changed.')
  const { signature } = certificate
  const own = readPublicKey(signature.public_key)
  const trusted = key === undefined ? own : readPublicKey(key)
  if (!own || own.id !== signature.key_id) problems.push('The key in the file does not match its own identifier.')
  if (!trusted) problems.push('The public key is no Ed25519 key.')
  else if (trusted.id !== signature.key_id)
    problems.push(`It was signed by key ${signature.key_id}, not by ${trusted.id}.`)
  else if (!signed(signedText(withoutValue(certificate)), signature.value, trusted.key))
    problems.push('The signature does not fit: the content was changed after it was signed.')
  problems.push(...sums(certificate))
  return { certificate, problems, compared: null }
}

function read(text: string): { [name: string]: Json } | null {
  try {
    const value = JSON.parse(text) as Json
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : null
  } catch {
    return null
  }
}

/** What must add up in every honest certificate. */
function sums(c: Certificate): string[] {
  const { total, agree, disagree, undecided, alone } = c.customers
  return [
    ...(agree + disagree + undecided + alone === total ? [] : ['The customers do not add up.']),
    ...(statementOf(c) === c.statement ? [] : ['The statement does not say what the figures say.']),
    ...(c.partitions.hashes.length === 2 ** c.partitions.bits ? [] : ['A partition is missing.']),
    ...(c.partitions.hashes.reduce((n, p) => n + p.lines, 0) === c.fields.reduce((n, f) => n + f.agreed, 0)
      ? []
      : ['The partitions do not hold as many values as the fields say.']),
  ]
}

/** A record as `plumbline export records --kind customer` writes it; further names are ignored. */
export type GivenRecord = Record<string, unknown>

/** Makes the certificate's hashes again from records, and says which partitions differ. */
export async function verifyRecords(verified: Verified, records: AsyncIterable<GivenRecord>): Promise<Verified> {
  const { certificate } = verified
  const listed = new Set(certificate.platforms.map((p) => p.name))
  const said = new Map<string, Map<string, { keys: Set<string>; platforms: Set<string> }>>()
  for await (const record of records) {
    const { platform, entity_id: entity, deleted } = record
    if (typeof platform !== 'string' || !listed.has(platform) || typeof entity !== 'string' || deleted === true)
      continue
    if (record['role'] === 'bill_to' || record['role'] === 'ship_to') continue
    const fields = said.get(entity) ?? new Map<string, { keys: Set<string>; platforms: Set<string> }>()
    said.set(entity, fields)
    for (const [field, key] of keysOf(record, platform)) {
      const of = fields.get(field) ?? { keys: new Set(), platforms: new Set() }
      of.keys.add(key)
      of.platforms.add(platform)
      fields.set(field, of)
    }
  }
  const { salt, bits, hashes } = certificate.partitions
  const made = partitions(salt, bits)
  const names = certificate.fields.map((f) => f.name)
  let values = 0
  for (const [entity, fields] of said) {
    const agreed = names.flatMap((name): [string, string][] => {
      const of = fields.get(name)
      return of && of.keys.size === 1 && of.platforms.size > 1 ? [[name, [...of.keys][0]!]] : []
    })
    values += agreed.length
    made.add(entity, agreed)
  }
  const again = new Map(made.finished().map((p) => [p.prefix, p]))
  const wrong = hashes.filter((p) => again.get(p.prefix)?.sha256 !== p.sha256)
  const problems =
    wrong.length === 0
      ? []
      : [
          `The records give other values in ${wrong.length} of ${hashes.length} partitions (${wrong
            .slice(0, 5)
            .map((p) => `${p.prefix || 'all'}: ${again.get(p.prefix)?.lines ?? 0} values, certified ${p.lines}`)
            .join('; ')}).`,
        ]
  return {
    ...verified,
    problems: [...verified.problems, ...problems],
    compared: { customers: said.size, values },
  }
}

const CUSTOMER = kindOf('customer')
const CONTEXT = { timezone: 'UTC', held: [], map: () => null }

/** Comparison keys of one record, made from its values by the same rules as when it was read. */
function keysOf(given: GivenRecord, platform: string): [field: string, key: string][] {
  const unmapped = Array.isArray(given['unmapped']) ? (given['unmapped'] as unknown[]) : []
  const fields = Object.fromEntries(
    CUSTOMER.fields.flatMap((f) => {
      const value = given[f.name]
      return value === undefined || value === null || value === '' || unmapped.includes(f.name) ? [] : [[f.name, value]]
    }),
  )
  const record = canonicalise(CUSTOMER, { record_id: 'x', fields } as Parameters<typeof canonicalise>[1], {
    ...CONTEXT,
    platform,
  })
  return CUSTOMER.fields.flatMap((f): [string, string][] => {
    if (f.type === 'reference' || record.unmapped.includes(f.name) || record.invalid[f.name] !== undefined) return []
    const value = record.values[f.name]
    if (value === undefined || value === null) return []
    const key = KEYED.has(f.type) ? (record.keys[f.name] ?? null) : value
    return key === null ? [] : [[f.name, f.type === 'money' || f.type === 'number' ? plainNumber(key) : key]]
  })
}

const plainNumber = (text: string) => (parse(text) ? format(text) : text)
