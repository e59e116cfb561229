/** The certificate: its shape, the text that is signed, and the sentence that people read. */
import { z } from 'zod'
import { canonical, type Json } from './canonical.ts'

export const KIND = 'plumbline-agreement-certificate'

const whole = z.number().int().nonnegative()
const amounts = z.record(z.string(), z.string())

export const certificateSchema = z.strictObject({
  kind: z.literal(KIND),
  version: z.literal(1),
  id: z.string(),
  company: z.string(),
  issued_at: z.string(),
  as_of: z.string(),
  statement: z.string(),
  customers: z.strictObject({ total: whole, agree: whole, disagree: whole, undecided: whole, alone: whole }),
  fields: z.array(z.strictObject({ name: z.string(), agreed: whole, differing: whole })),
  platforms: z.array(
    z.strictObject({ name: z.string(), title: z.string(), complete_through: z.string(), customers: whole }),
  ),
  left_out: z.array(z.strictObject({ what: z.string(), why: z.string() })),
  checks: z.array(z.strictObject({ id: z.string(), version: z.string(), last_run_at: z.string() })),
  findings: z.strictObject({ open: whole, undecided: whole, in_flight: whole }),
  money_at_risk: z.strictObject({
    findings: whole,
    confirmed: amounts,
    estimated: amounts,
    unpriced: whole,
  }),
  partitions: z.strictObject({
    salt: z.string(),
    bits: whole,
    hashes: z.array(z.strictObject({ prefix: z.string(), subjects: whole, lines: whole, sha256: z.string() })),
  }),
  signature: z.strictObject({
    algorithm: z.literal('Ed25519'),
    key_id: z.string(),
    public_key: z.string(),
    value: z.string(),
  }),
})
export type Certificate = z.output<typeof certificateSchema>
export type Unsigned = Omit<Certificate, 'signature'> & { signature: Omit<Certificate['signature'], 'value'> }

/** What is signed: the whole document but the signature's value, with the key that signs it. */
export const signedText = (of: Unsigned): string => canonical(of as unknown as Json)

/** The file: canonical, with one line break at its end. */
export const fileText = (of: Certificate): string => `${canonical(of as unknown as Json)}\n`

export function withoutValue({ signature: { value: _, ...signature }, ...rest }: Certificate): Unsigned {
  return { ...rest, signature }
}

export function statementOf(c: Pick<Certificate, 'as_of' | 'customers' | 'fields' | 'platforms'>): string {
  const { total, agree, disagree, undecided, alone } = c.customers
  return `As of ${c.as_of}, ${agree} of ${total} customers agree on ${c.fields.length} owned fields in ${c.platforms.length} platforms; ${disagree} disagree, ${undecided} are undecided, ${alone} are known to one platform alone.`
}
