/** Passwords and tokens: how secrets of people are made, stored and compared. */
import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

/** OWASP's scrypt setting (N=2^17, r=8, p=1): about 128 MiB and half a second a guess. */
const LOG_N = 17
const R = 8
const P = 1
const KEY_BYTES = 32
const MAX_MEMORY = 256 * 1024 * 1024

/** NIST SP 800-63B-4: a password that is the only factor has at least 15 characters; no composition rules. */
export const PASSWORD_MIN = 15
export const PASSWORD_MAX = 128

/** Hashing takes 128 MiB each: more than two at a time would let sign-ins take the memory of everything else. */
const HASHES_AT_ONCE = 2
let running = 0
const waiting: (() => void)[] = []

async function derive(password: string, salt: Buffer, logN: number, r: number, p: number): Promise<Buffer> {
  if (running >= HASHES_AT_ONCE) await new Promise<void>((go) => waiting.push(go))
  running++
  try {
    return await new Promise((resolve, reject) =>
      scrypt(password.normalize('NFC'), salt, KEY_BYTES, { N: 2 ** logN, r, p, maxmem: MAX_MEMORY }, (error, key) =>
        error ? reject(error) : resolve(key),
      ),
    )
  } finally {
    running--
    waiting.shift()?.()
  }
}

const b64 = (b: Buffer) => b.toString('base64').replace(/=+$/, '')

/** PHC string: algorithm and cost travel with the hash, so both can change later. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  return `$scrypt$ln=${LOG_N},r=${R},p=${P}$${b64(salt)}$${b64(await derive(password, salt, LOG_N, R, P))}`
}

/** Takes as long for an account that does not exist: pass null as its hash. */
export async function passwordMatches(password: string, phc: string | null): Promise<boolean> {
  const parts = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([^$]+)\$([^$]+)$/.exec(phc ?? '')
  if (!parts) {
    await derive(password, Buffer.alloc(16), LOG_N, R, P)
    return false
  }
  const expected = Buffer.from(parts[5]!, 'base64')
  const actual = await derive(
    password,
    Buffer.from(parts[4]!, 'base64'),
    Number(parts[1]),
    Number(parts[2]),
    Number(parts[3]),
  )
  return expected.length === actual.length && timingSafeEqual(expected, actual)
}

/** The few passwords of the required length that everybody tries first. */
const COMMON =
  /^(.)\1+$|^(?:0123456789|1234567890|abcdefghij|qwertyuiop)|^(?:password|passwort|plumbline|letmein|welcome|admin)[\d!@#$%^&*._-]*$/i

/** Why a new password will not do, as a sentence, or null. */
export function passwordProblem(password: string, email: string): string | null {
  const length = [...password].length
  if (length < PASSWORD_MIN)
    return `The password has ${length} characters; it needs at least ${PASSWORD_MIN}. A short sentence is fine.`
  if (length > PASSWORD_MAX) return `The password is longer than ${PASSWORD_MAX} characters.`
  if (COMMON.test(password) || password.toLowerCase().includes(email.toLowerCase()))
    return 'This password is easy to guess. Take a sentence that only you would write.'
  return null
}

/** 256 random bits; what is stored is `digest` of it. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** API tokens carry a name that secret scanners find and a checksum that catches typing mistakes. */
export function newApiToken(): string {
  const body = newSecret()
  return `plb_${body}${digest(body).slice(0, 6)}`
}

export function digest(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}
