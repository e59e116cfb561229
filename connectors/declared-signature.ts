/**
 * Declared signature: how a sender proves itself, as its documentation says it and the configuration repeats it. Checked
 * over the bytes as they came, in constant time, with a bounded number of signatures and secrets, and with a tolerance
 * for stamps on both sides of now.
 */
import { createHmac, createPublicKey, timingSafeEqual, verify as verifyBytes, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import type { HookRequest, HookVerdict } from './receiver.ts'
import { secret, type Secret } from './secret.ts'

/** More signatures or keys than this prove nothing and cost time. */
const SIGNATURES_MAX = 20
const SECRETS_MAX = 10

const header = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,100}$/, 'write a header name like X-Signature')
  .transform((name) => name.toLowerCase())
const secrets = (about: string) => z.array(secret(about)).min(1).max(SECRETS_MAX)
const tolerance = z
  .number()
  .int()
  .min(1)
  .max(86_400)
  .default(300)
  .describe('How far the stamp may lie before or after now, in seconds.')
const encoding = z.enum(['hex', 'base64', 'base64url']).default('hex').describe('How the signature is written.')
const prefix = z.string().default('').describe('What stands before each signature in the header (`sha256=`, `v1=`).')
const content = z
  .string()
  .default('{body}')
  .refine((text) => text.includes('{body}'), 'a signature that does not cover {body} proves nothing')
  .describe('What is signed: `{body}`, `{timestamp}`, `{id}`, `{method}`, `{path}` and `{header:NAME}` are put in.')
const stamped = z
  .strictObject({
    header: header.optional().describe('Header that holds the stamp.'),
    parameter: z.string().optional().describe('Or its name inside the signature header (`t` of `t=…,v1=…`).'),
    unit: z.enum(['seconds', 'milliseconds', 'iso']).default('seconds').describe('How the stamp is written.'),
    tolerance,
  })
  .refine((s) => (s.header === undefined) !== (s.parameter === undefined), 'name a header or a parameter')
const common = {
  header: header.describe('Header that holds the signature; several are separated by commas or spaces.'),
  encoding,
  prefix,
  content,
  timestamp: stamped.optional().describe('Where the stamp is; left out: a captured delivery may be sent again.'),
  id_header: header
    .optional()
    .describe('Header that holds the id of the delivery: `{id}`, and the same delivery sent again.'),
}

export const signatureSchema = z
  .discriminatedUnion('scheme', [
    z.strictObject({
      scheme: z
        .literal('standard_webhooks')
        .describe('Standard Webhooks 1.0: webhook-id, webhook-timestamp, webhook-signature.'),
      secrets: secrets('`whsec_…` for HMAC, `whpk_…` for ed25519; several while they rotate.').describe(
        'Keys, newest first.',
      ),
      tolerance,
    }),
    z.strictObject({
      scheme: z.literal('hmac').describe('A keyed hash in a header.'),
      algorithm: z.enum(['sha1', 'sha256', 'sha512']).default('sha256').describe('Hash.'),
      secrets: secrets('Shared secret.').describe('Shared secrets, newest first; several while they rotate.'),
      secret_encoding: z.enum(['text', 'hex', 'base64']).default('text').describe('How the secrets are written.'),
      ...common,
    }),
    z.strictObject({
      scheme: z.literal('ed25519').describe('A public-key signature in a header.'),
      public_keys: z
        .array(z.string().min(40))
        .min(1)
        .max(SECRETS_MAX)
        .describe('Public keys: PEM, or 32 bytes in hexadecimal or base64; several while they rotate.'),
      ...common,
    }),
    z.strictObject({
      scheme: z
        .literal('token')
        .describe('A secret in a header; proves the sender, and neither the bytes nor when they were sent.'),
      header: header.default('authorization').describe('Header that holds it.'),
      prefix: z.string().default('Bearer ').describe('What stands before it.'),
      secrets: secrets('Token.').describe('Tokens, newest first; several while they rotate.'),
    }),
    z.strictObject({
      scheme: z.literal('none').describe('Nothing is signed: what is sent is only a hint that causes a read.'),
    }),
  ])
  .describe('How the sender proves itself.')
export type Signature = z.output<typeof signatureSchema>

const refused = (reason: string): HookVerdict => ({ trust: 'refused', reason })

export function verifyDeclared(signature: Signature, request: HookRequest, now: number): HookVerdict {
  switch (signature.scheme) {
    case 'none':
      return { trust: 'unsigned' }
    case 'token':
      return byToken(signature, request)
    case 'standard_webhooks':
      return standard(signature, request, now)
    default:
      return byHeader(signature, request, now)
  }
}

/** Id of the delivery where the scheme has one: what the sender repeats when it sends again. */
export function declaredId(signature: Signature, request: HookRequest): string | null {
  const name =
    signature.scheme === 'standard_webhooks' ? 'webhook-id' : 'id_header' in signature ? signature.id_header : undefined
  return (name && request.headers[name]?.slice(0, 200)) || null
}

function byToken({ header, prefix, secrets }: Signature & { scheme: 'token' }, request: HookRequest): HookVerdict {
  const given = request.headers[header]
  if (given === undefined) return refused('the token is missing')
  let good = false
  for (const secret of secrets) if (same(digest(given), digest(prefix + secret.reveal()))) good = true
  return good ? { trust: 'token' } : refused('the token is wrong')
}

/** Hashes of equal length, so that the comparison takes equal time. */
const digest = (text: string) => createHmac('sha256', 'token').update(text).digest()
const same = (a: Buffer, b: Buffer) => a.length === b.length && timingSafeEqual(a, b)

function standard(
  { secrets, tolerance }: Signature & { scheme: 'standard_webhooks' },
  request: HookRequest,
  now: number,
): HookVerdict {
  const [id, stamp, given] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((n) => request.headers[n])
  if (!id || !stamp || !given) return refused('the signature is missing')
  const late = outside(stamp, 'seconds', tolerance, now)
  if (late) return refused(late)
  const signed = Buffer.concat([Buffer.from(`${id}.${stamp}.`), request.body])
  const offered = given.split(' ').slice(0, SIGNATURES_MAX)
  let good = false
  for (const secret of secrets) {
    const key = secret.reveal()
    for (const one of offered) {
      const [version, text = ''] = one.split(',')
      const bytes = decoded(text, 'base64')
      if (version === 'v1' && !key.startsWith('whpk_')) {
        const raw = Buffer.from(key.replace(/^whsec_/, ''), 'base64')
        if (same(bytes, createHmac('sha256', raw).update(signed).digest())) good = true
      } else if (version === 'v1a' && key.startsWith('whpk_') && verified(ed25519Key(key.slice(5)), signed, bytes))
        good = true
    }
  }
  return good ? { trust: 'signed' } : refused('the signature is wrong')
}

function byHeader(
  signature: Extract<Signature, { scheme: 'hmac' | 'ed25519' }>,
  request: HookRequest,
  now: number,
): HookVerdict {
  const given = request.headers[signature.header]
  if (!given) return refused('the signature is missing')
  const parts = given.split(/[,\s]+/).filter(Boolean)
  const { timestamp } = signature
  let stamp: string | undefined
  if (timestamp) {
    stamp = timestamp.header
      ? request.headers[timestamp.header]
      : parts.find((p) => p.startsWith(`${timestamp.parameter}=`))?.slice(timestamp.parameter!.length + 1)
    if (!stamp) return refused('the stamp is missing')
    const late = outside(stamp, timestamp.unit, timestamp.tolerance, now)
    if (late) return refused(late)
  }
  const signed = contentOf(signature.content, request, stamp ?? '', declaredId(signature, request) ?? '')
  const offered = parts
    .filter((p) => p.startsWith(signature.prefix))
    .slice(0, SIGNATURES_MAX)
    .map((p) => decoded(p.slice(signature.prefix.length), signature.encoding))
  let good = false
  if (signature.scheme === 'hmac')
    for (const secret of signature.secrets) {
      const due = createHmac(signature.algorithm, keyOf(secret, signature.secret_encoding)).update(signed).digest()
      for (const bytes of offered) if (same(bytes, due)) good = true
    }
  else
    for (const key of signature.public_keys.map(ed25519Key))
      for (const bytes of offered) if (verified(key, signed, bytes)) good = true
  return good ? { trust: 'signed' } : refused('the signature is wrong')
}

/** Node stops decoding at what it does not know: a signature with something behind it is another one. Empty: not decodable. */
function decoded(text: string, encoding: 'hex' | 'base64' | 'base64url'): Buffer {
  const bytes = Buffer.from(text, encoding)
  const again = bytes.toString(encoding).replace(/=+$/, '')
  const given = encoding === 'hex' ? text.toLowerCase() : text.replace(/={1,2}$/, '')
  return again === given ? bytes : Buffer.alloc(0)
}

const keyOf = (secret: Secret, encoding: 'text' | 'hex' | 'base64') =>
  Buffer.from(secret.reveal(), encoding === 'text' ? 'utf8' : encoding)

/** Why the stamp is not good; null: it is. Replayed deliveries are old, and those of a wrong clock may lie ahead. */
function outside(
  stamp: string,
  unit: 'seconds' | 'milliseconds' | 'iso',
  tolerance: number,
  now: number,
): string | null {
  const at =
    unit === 'iso'
      ? Date.parse(stamp)
      : /^\d{1,16}$/.test(stamp)
        ? Number(stamp) * (unit === 'seconds' ? 1000 : 1)
        : NaN
  if (Number.isNaN(at)) return 'the stamp cannot be read'
  if (at < now - tolerance * 1000) return 'the stamp is too old'
  return at > now + tolerance * 1000 ? 'the stamp lies ahead' : null
}

/** The body goes in as bytes: decoding it could change what was signed. */
function contentOf(template: string, request: HookRequest, stamp: string, id: string): Buffer {
  const pieces = template.split(/(\{body\}|\{timestamp\}|\{id\}|\{method\}|\{path\}|\{header:[A-Za-z0-9-]+\})/)
  return Buffer.concat(
    pieces.map((piece): Uint8Array => {
      if (piece === '{body}') return request.body
      if (piece === '{timestamp}') return Buffer.from(stamp)
      if (piece === '{id}') return Buffer.from(id)
      if (piece === '{method}') return Buffer.from(request.method)
      if (piece === '{path}') return Buffer.from(request.path)
      const name = /^\{header:(.+)\}$/.exec(piece)?.[1]
      return Buffer.from(name === undefined ? piece : (request.headers[name.toLowerCase()] ?? ''))
    }),
  )
}

/** Header of a public ed25519 key in DER; its 32 bytes follow. */
const ED25519_DER = Buffer.from('302a300506032b6570032100', 'hex')

function ed25519Key(text: string): KeyObject | null {
  try {
    if (text.includes('BEGIN')) return createPublicKey(text)
    const raw = Buffer.from(text, /^[0-9a-f]{64}$/i.test(text) ? 'hex' : 'base64')
    return createPublicKey({ key: Buffer.concat([ED25519_DER, raw]), format: 'der', type: 'spki' })
  } catch {
    return null
  }
}

function verified(key: KeyObject | null, signed: Buffer, signature: Buffer): boolean {
  if (key === null || signature.length !== 64) return false
  try {
    return verifyBytes(null, signed, key, signature)
  } catch {
    return false
  }
}
