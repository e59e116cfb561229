/** Cursors of paged lists: opaque to who holds them, checked when they come back. */
import { PlumblineError } from '../errors.ts'

export interface Key {
  value: number
  number: number
}

export function encodeCursor(key: Key): string {
  return Buffer.from(JSON.stringify([key.value, key.number])).toString('base64url')
}

/** @throws PlumblineError('schema') for anything that we did not hand out. */
export function decodeCursor(cursor: string): Key {
  try {
    const [value, number] = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as unknown[]
    if (typeof value === 'number' && typeof number === 'number') return { value, number }
  } catch {
    // Falls through to the one message.
  }
  throw new PlumblineError('schema', 'This cursor is not one of ours.', { remedy: 'Start from the first page.' })
}
