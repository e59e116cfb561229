/** Sign-in at Snowflake: a token that we sign ourselves with a key whose public half the user carries, or one given. */
import { createHash, createPublicKey } from 'node:crypto'
import type { ConnectorContext, Credentials } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import { signJwt } from '../oauth.ts'
import type { Secret } from '../secret.ts'
import type { SnowflakeConfig } from './config.ts'

/** Snowflake refuses tokens that are good for longer than an hour. */
const LIFE_S = 3_000

export async function authorise(
  { config, clock }: ConnectorContext<SnowflakeConfig>,
  credentials: Credentials,
): Promise<Record<string, string>> {
  const { auth, account } = config
  const [kind, token] =
    auth.flow === 'token'
      ? [auth.kind, auth.token.reveal()]
      : [
          'KEYPAIR_JWT',
          await credentials.token('jwt', () => {
            const now = Math.floor(clock.now() / 1000)
            const value = signJwt(claims(account, auth.user, auth.private_key, now), auth.private_key, {
              algorithm: 'RS256',
            })
            return Promise.resolve({ value, expiresAt: (now + LIFE_S) * 1000 })
          }),
        ]
  return { authorization: `Bearer ${token}`, 'x-snowflake-authorization-token-type': kind }
}

/** The account without the region of a locator, both in capitals; the issuer names the key by its fingerprint. */
function claims(account: string, user: string, key: Secret, now: number): object {
  const who = `${account.replace(/\..*$/, '')}.${user}`.toUpperCase()
  return { iss: `${who}.${fingerprint(key)}`, sub: who, iat: now, exp: now + LIFE_S }
}

/** As `DESC USER` shows it: RSA_PUBLIC_KEY_FP. */
export function fingerprint(key: Secret): string {
  try {
    const der = createPublicKey(key.reveal()).export({ type: 'spki', format: 'der' })
    return `SHA256:${createHash('sha256').update(der).digest('base64')}`
  } catch {
    throw new ConnectorError('config', 'The private key cannot be read.', {
      remedy: 'Give an unencrypted PEM file (BEGIN PRIVATE KEY) as auth.private_key.',
    })
  }
}
