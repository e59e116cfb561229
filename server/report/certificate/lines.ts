/**
 * Partitions: what the certificate says of single customers without saying who they are. A customer becomes a hash of
 * its entity id, a value a hash of its comparison key, both with the certificate's salt; customers whose hashes begin
 * alike are one partition, and one hash covers all of it. Whoever has the records can make the same hashes.
 */
import { createHash } from 'node:crypto'

export interface Partition {
  /** First bits of the subject hashes, as hexadecimal digits of as many bits as needed. */
  prefix: string
  /** Customers with at least one value that two platforms hold alike, and how many such values. */
  subjects: number
  lines: number
  sha256: string
}

/** Partitions hold about this many customers, so that nobody can guess the values of one. */
const SUBJECTS_PER_PARTITION = 256
const BITS_MAX = 12

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** Bits of the prefix for so many customers. */
export function bitsFor(customers: number): number {
  return Math.max(0, Math.min(BITS_MAX, Math.floor(Math.log2(Math.max(1, customers / SUBJECTS_PER_PARTITION)))))
}

export function subjectHash(salt: string, entityId: string): string {
  return sha256(`${salt}\nsubject\n${entityId}`)
}

/** The value is bound to subject and field, so that equal values of two customers do not show. */
export function valueHash(salt: string, subject: string, field: string, key: string): string {
  return sha256(`${salt}\nvalue\n${subject}\n${field}\n${key}`)
}

export interface Partitions {
  /** `agreed`: field → comparison key that two or more platforms share and none contradicts. */
  add(entityId: string, agreed: readonly (readonly [field: string, key: string])[]): void
  finished(): Partition[]
}

export function partitions(salt: string, bits: number): Partitions {
  const byPrefix = new Map<string, { subjects: string[]; lines: number }>()
  for (let n = 0; n < 2 ** bits; n++) byPrefix.set(prefixOf(n, bits), { subjects: [], lines: 0 })
  return {
    add(entityId, agreed) {
      if (agreed.length === 0) return
      const subject = subjectHash(salt, entityId)
      const lines = agreed.map(([field, key]) => `${subject} ${field} ${valueHash(salt, subject, field, key)}\n`).sort()
      const part = byPrefix.get(
        prefixOf(bits === 0 ? 0 : Number.parseInt(subject.slice(0, 8), 16) >>> (32 - bits), bits),
      )!
      // One hash a customer is kept, not its lines: a million customers fit.
      part.subjects.push(`${subject} ${sha256(lines.join(''))}\n`)
      part.lines += lines.length
    },
    finished: () =>
      [...byPrefix].map(([prefix, { subjects, lines }]) => ({
        prefix,
        subjects: subjects.length,
        lines,
        sha256: sha256(subjects.sort().join('')),
      })),
  }
}

const prefixOf = (n: number, bits: number) => n.toString(16).padStart(Math.ceil(bits / 4), '0')
