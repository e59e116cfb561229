/** The body of a delivery as a JSON object, read strictly. */
import { createHash } from 'node:crypto'
import { MappingError } from './contract.ts'
import { JsonError, parseExact } from './exact-json.ts'

/** @throws MappingError for what is no JSON object in UTF-8: it goes to quarantine with its bytes */
export function jsonObject(body: Uint8Array): Record<string, unknown> {
  let value: unknown
  try {
    value = parseExact(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch (error) {
    throw new MappingError('body', error instanceof JsonError ? error.message : 'is no JSON text in UTF-8')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new MappingError('body', 'is no object')
  return value as Record<string, unknown>
}

/** Key of a delivery without an id of its own. */
export function hashKey(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('hex')
}
