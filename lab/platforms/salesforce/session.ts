/** Sessions of the simulated org: who may ask for one, and how an assertion is checked. */
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'

export const SALESFORCE_CLIENT = {
  id: 'lab-connected-app',
  secret: 'lab-consumer-secret',
  refreshToken: 'lab-refresh-token',
  username: 'plumbline@lab.example',
}

let keys: { privateKey: string; publicKey: string } | undefined
/** Key pair of the connected app's certificate; made when first asked for. */
export function salesforceKeys(): { privateKey: string; publicKey: string } {
  return (keys ??= generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }))
}

/** Why a token request is refused, in the vendor's words; undefined: it is good. */
export function refusal(form: FormData, now: number): string | undefined {
  const said = (name: string) => String(form.get(name) ?? '')
  const grant = said('grant_type')
  if (grant === 'urn:ietf:params:oauth:grant-type:jwt-bearer')
    return assertionIsGood(said('assertion'), now) ? undefined : 'invalid_grant'
  if (said('client_id') !== SALESFORCE_CLIENT.id || said('client_secret') !== SALESFORCE_CLIENT.secret)
    return 'invalid_client'
  if (grant === 'client_credentials') return undefined
  if (grant === 'refresh_token')
    return said('refresh_token') === SALESFORCE_CLIENT.refreshToken ? undefined : 'invalid_grant'
  return 'unsupported_grant_type'
}

function assertionIsGood(assertion: string, now: number): boolean {
  const [header = '', claims = '', signature = ''] = assertion.split('.')
  const key = createPublicKey(salesforceKeys().publicKey)
  if (!verify('RSA-SHA256', Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, 'base64url'))) return false
  const { iss, sub, aud, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>
  const left = Number(exp) * 1000 - now
  return (
    iss === SALESFORCE_CLIENT.id &&
    sub === SALESFORCE_CLIENT.username &&
    /^https:\/\/(login|test)\.salesforce\.com$/.test(String(aud)) &&
    left > 0 &&
    left <= 180_000
  )
}
