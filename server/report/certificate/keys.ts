/** Keys that sign certificates: Ed25519, kept in the data folder. A new one retires the old, whose certificates stay good. */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto'
import { iso } from '../../clock.ts'
import type { Context } from '../../context.ts'

interface Kept {
  id: string
  /** SubjectPublicKeyInfo and PKCS #8, DER in base64url. */
  public: string
  private: string
  created_at: string
  retired_at: string | null
}

export type PublicKey = Omit<Kept, 'private'> & { pem: string }

const KEY = 'certificate.keys'
type Stores = Pick<Context, 'control' | 'clock'>

/** First 32 digits of the SHA-256 of the public key: what people compare. */
export function keyId(spki: Uint8Array): string {
  return createHash('sha256').update(spki).digest('hex').slice(0, 32)
}

function kept({ control }: Pick<Context, 'control'>): Kept[] {
  return JSON.parse(control.get(KEY) ?? '[]') as Kept[]
}

function made(now: number): Kept {
  const pair = generateKeyPairSync('ed25519')
  const spki = pair.publicKey.export({ format: 'der', type: 'spki' })
  return {
    id: keyId(spki),
    public: spki.toString('base64url'),
    private: pair.privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64url'),
    created_at: iso(now),
    retired_at: null,
  }
}

/** All keys that ever signed, the present one first. */
export function publicKeys(ctx: Pick<Context, 'control'>): PublicKey[] {
  return kept(ctx)
    .map(({ private: _, ...key }) => ({ ...key, pem: pemOf(Buffer.from(key.public, 'base64url')) }))
    .reverse()
}

/** Makes a new key, also the first; the old one signs no more. */
export function rotate(ctx: Stores, actor: string): PublicKey {
  const { control, clock } = ctx
  return control.transaction(() => {
    const now = clock.now()
    const key = made(now)
    const before = kept(ctx).map((k) => ({ ...k, retired_at: k.retired_at ?? iso(now) }))
    control.set(KEY, JSON.stringify([...before, key]))
    control.audit({
      at: now,
      actor,
      action: 'certificate.key',
      object: `key ${key.id}`,
      detail: { retired: before.at(-1)?.id ?? null },
    })
    return publicKeys(ctx)[0]!
  })
}

export interface Signer {
  id: string
  publicKey: string
  sign(text: string): string
}

/** The present key; the first call makes one. */
export function signer(ctx: Stores): Signer {
  if (kept(ctx).length === 0) rotate(ctx, 'system')
  const key = kept(ctx).at(-1)!
  const secret = createPrivateKey({ key: Buffer.from(key.private, 'base64url'), format: 'der', type: 'pkcs8' })
  return {
    id: key.id,
    publicKey: key.public,
    sign: (text) => sign(null, Buffer.from(text), secret).toString('base64url'),
  }
}

const pemOf = (spki: Uint8Array) =>
  createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' }).export({
    format: 'pem',
    type: 'spki',
  }) as string

/** A public key from PEM or base64url DER; null if it is none of Ed25519. */
export function readPublicKey(text: string): { key: KeyObject; id: string } | null {
  try {
    const key = text.includes('-----BEGIN')
      ? createPublicKey(text)
      : createPublicKey({ key: Buffer.from(text, 'base64url'), format: 'der', type: 'spki' })
    if (key.asymmetricKeyType !== 'ed25519') return null
    return { key, id: keyId(key.export({ format: 'der', type: 'spki' })) }
  } catch {
    return null
  }
}

/** Base64url with the same bytes spelled otherwise is not the same signature. */
export function signed(text: string, signature: string, key: KeyObject): boolean {
  const bytes = Buffer.from(signature, 'base64url')
  return bytes.length === 64 && bytes.toString('base64url') === signature && verify(null, Buffer.from(text), key, bytes)
}
