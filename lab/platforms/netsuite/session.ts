/** Who may ask the simulated account: its keys, and how signatures and assertions are checked. */
import { constants, createHmac, createPublicKey, generateKeyPairSync, timingSafeEqual, verify } from 'node:crypto'

export const NETSUITE_ACCOUNT = '7654321_SB1'
export const NETSUITE_KEYS = {
  consumer_key: 'lab-consumer-key',
  consumer_secret: 'lab-consumer-secret',
  token_id: 'lab-token-id',
  token_secret: 'lab-token-secret',
}
export const NETSUITE_CERTIFICATE = { client_id: 'lab-client-id', certificate_id: 'lab-certificate' }
const CLOCK_TOLERANCE_S = 300

let keys: { privateKey: string; publicKey: string } | undefined
/** Key pair of the integration's certificate; made when first asked for. */
export function netsuiteKeys(): { privateKey: string; publicKey: string } {
  return (keys ??= generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }))
}

const percent = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)

/** RFC 5849, section 3.4, from the side that checks: realm, freshness, a nonce used once, and the signature itself. */
export function signatureIsGood(request: Request, authorization: string, now: number, nonces: Set<string>): boolean {
  const said = Object.fromEntries(
    [...authorization.matchAll(/(\w+)="([^"]*)"/g)].map(([, k, v]) => [k!, decodeURIComponent(v!)]),
  )
  const { realm, oauth_signature: signature = '', ...signed } = said
  const fresh = Math.abs(Number(signed['oauth_timestamp']) - now / 1000) <= CLOCK_TOLERANCE_S
  const known =
    signed['oauth_consumer_key'] === NETSUITE_KEYS.consumer_key && signed['oauth_token'] === NETSUITE_KEYS.token_id
  const nonce = signed['oauth_nonce'] ?? ''
  if (
    !authorization.startsWith('OAuth ') ||
    realm !== NETSUITE_ACCOUNT ||
    signed['oauth_signature_method'] !== 'HMAC-SHA256' ||
    !fresh ||
    !known ||
    nonces.has(nonce)
  )
    return false
  const url = new URL(request.url)
  const pairs = [...url.searchParams, ...Object.entries(signed)].map(([k, v]) => `${percent(k)}=${percent(v)}`).sort()
  const base = [request.method, `${url.origin}${url.pathname}`, pairs.join('&')].map(percent).join('&')
  const wanted = createHmac(
    'sha256',
    `${percent(NETSUITE_KEYS.consumer_secret)}&${percent(NETSUITE_KEYS.token_secret)}`,
  )
    .update(base)
    .digest()
  const given = Buffer.from(signature, 'base64')
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return false
  // A nonce counts while its timestamp does; a laboratory that runs for days must not keep them all.
  if (nonces.size > 50_000) nonces.clear()
  nonces.add(nonce)
  return true
}

export function assertionIsGood(assertion: string, tokenUrl: string, now: number): boolean {
  const [header = '', claims = '', signature = ''] = assertion.split('.')
  const key = {
    key: createPublicKey(netsuiteKeys().publicKey),
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: 32,
  }
  if (!verify('sha256', Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, 'base64url'))) return false
  const { alg, kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as Record<string, unknown>
  const { iss, aud, exp, scope } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>
  const named =
    alg === 'PS256' &&
    kid === NETSUITE_CERTIFICATE.certificate_id &&
    iss === NETSUITE_CERTIFICATE.client_id &&
    aud === tokenUrl
  return named && String(scope).includes('rest_webservices') && Number(exp) * 1000 > now
}
