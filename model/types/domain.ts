/** A web domain. Stored as written; compared in lower case, without scheme, www., path and final dot, IDN as punycode. */
import { domainToASCII } from 'node:url'
import { getDomain } from 'tldts'
import { visible } from '../fold.ts'
import { invalid, keyed, written, type Read } from '../reading.ts'
import { PUBLIC_MAIL } from './public-mail.ts'

const LENGTH_MAX = 2048
const HOST = /^(?=.{3,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})$/

export const readDomain: Read = (raw) => {
  const text = written(raw)
  if (typeof text !== 'string') return text
  const key = text.length > LENGTH_MAX ? null : domainKey(text)
  return key
    ? keyed(text, key)
    : invalid('This is not a web domain; write it as example.com.', text.slice(0, LENGTH_MAX))
}

/** The domain that an address or host name means, or null. */
export function domainKey(text: string): string | null {
  const bare = visible(text).trim().toLowerCase()
  const host = bare
    .replace(/^(?:[a-z][a-z0-9+.-]*:)?\/\//, '')
    .replace(/[/?#\s].*$/s, '')
    .replace(/:\d{1,5}$/, '')
    .replace(/\.$/, '')
  return hostKey(host)?.replace(/^(?:www\d?\.)+(?=[^.]+\.)/, '') ?? null
}

/** A host name in punycode, or null if it is none. */
export function hostKey(host: string): string | null {
  // Folding and punycode are dear, and most hosts need neither.
  const ascii = HOST.test(host) && !host.includes('xn--') ? host : domainToASCII(host)
  return HOST.test(ascii) ? ascii : null
}

/** The part that somebody registered (`shop.example.co.uk` → `example.co.uk`): what identity goes by. */
export function registrableDomain(key: string): string | null {
  return getDomain(key, { allowPrivateDomains: true })
}

/** Does the domain belong to a provider of mailboxes for everybody? Such a domain identifies nobody. */
export function isPublicMail(key: string): boolean {
  return PUBLIC_MAIL.has(key) || PUBLIC_MAIL.has(registrableDomain(key) ?? '')
}
