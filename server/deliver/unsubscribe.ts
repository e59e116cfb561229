/** Leaving a list by one click: a link that only we can have made, for one address and one list. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { ControlStore } from '../store/control/control.ts'

const KEY = 'unsubscribe.key'

function keyOf(control: Pick<ControlStore, 'get' | 'compareAndSet'>): string {
  control.compareAndSet(KEY, null, randomBytes(32).toString('hex'))
  return control.get(KEY)!
}

const seal = (key: string, what: string) => createHmac('sha256', key).update(what).digest('base64url')

/** Null unless a public https address is known: mail programs call nothing else. */
export function unsubscribeLink(
  control: Pick<ControlStore, 'get' | 'compareAndSet'>,
  publicUrl: string | undefined,
  list: string,
  address: string,
): string | null {
  if (!publicUrl?.startsWith('https://')) return null
  const what = Buffer.from(JSON.stringify([list, address])).toString('base64url')
  return `${publicUrl.replace(/\/$/, '')}/unsubscribe/${what}.${seal(keyOf(control), what)}`
}

/** What a link stands for; null where we did not make it. */
export function readUnsubscribe(
  control: Pick<ControlStore, 'get' | 'compareAndSet'>,
  token: string,
): { list: string; address: string } | null {
  const [what = '', given = ''] = token.split('.')
  const made = seal(keyOf(control), what)
  if (given.length !== made.length || !timingSafeEqual(Buffer.from(given), Buffer.from(made))) return null
  const [list, address] = JSON.parse(Buffer.from(what, 'base64url').toString('utf8')) as [string, string]
  return { list, address }
}
