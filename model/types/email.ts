/** A mail address. Stored as written; compared in lower case, with the domain as punycode. */
import { visible } from '../fold.ts'
import { invalid, keyed, written, type Read } from '../reading.ts'
import { hostKey } from './domain.ts'

const LENGTH_MAX = 512
const REASON = 'This is not one mail address; write it as name@example.com.'

export const readEmail: Read = (raw) => {
  const text = written(raw)
  if (typeof text !== 'string') return text
  const key = text.length > LENGTH_MAX ? null : emailKey(text)
  return key ? keyed(text, key) : invalid(REASON, text.slice(0, LENGTH_MAX))
}

/** `"Name" <a@b.c>` and `mailto:a@b.c` are `a@b.c`. Dots and tags before the @ are kept: they are the provider's business. */
export function emailKey(text: string): string | null {
  const bare = visible(text).trim()
  const address = (/<([^<>]+)>$/.exec(bare)?.[1] ?? bare)
    .replace(/^mailto:/i, '')
    .trim()
    .normalize('NFC')
    .toLowerCase()
  const at = address.lastIndexOf('@')
  const local = address.slice(0, at)
  if (at < 1 || at > 64 || /[\s@,;<>"()[\]\\:]/.test(local)) return null
  // Unlike a web domain, a mail domain keeps its www.
  const host = hostKey(address.slice(at + 1).replace(/\.$/, ''))
  return host && `${local}@${host}`
}

/** The domain of a mail key. */
export function mailDomain(key: string): string {
  return key.slice(key.lastIndexOf('@') + 1)
}
