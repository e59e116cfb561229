/** Marks for platforms without one of their own: a digest of the object, so that two looks at it can be compared. */
import { createHash } from 'node:crypto'
import type { ActionOutcome, ActionRequest, Standing } from './action.ts'
import { ConnectorError } from './contract.ts'

/** @param passing keys at any depth that change without anybody writing (signed addresses, counters) */
export function markOf(value: unknown, passing: readonly string[] = []): string {
  const text = JSON.stringify(value, (key, part: unknown) => (passing.includes(key) ? undefined : ordered(part)))
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}

/** Platforms do not promise the order of keys. */
function ordered(part: unknown): unknown {
  if (typeof part !== 'object' || part === null || Array.isArray(part)) return part
  return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/**
 * The look right before a write against the one that the plan was made of; null: the record stands as it was seen.
 * @param noun what the platform calls its records
 */
export function movedSince(standing: Standing, now: Standing, noun: string): ActionOutcome | null {
  if (now.mark === standing.mark && (now.row === null) === (standing.row === null)) return null
  if (now.row === null) return { status: 'conflict', reason: `the ${noun} is gone` }
  return { status: 'conflict', reason: `the ${noun} was ${standing.row === null ? 'made' : 'changed'} meanwhile` }
}

/** What is to be written: the platform's own word where a reference map names one, else the canonical text. */
export function wordOf(request: ActionRequest, field: string): string | null {
  const value = request.fields[field] ?? null
  return value === null ? null : (request.words?.[field] ?? value)
}

/** A field, reference or value that this platform cannot be given: known before anything is sent. */
export function cannot(what: string, remedy?: string): ConnectorError {
  return new ConnectorError('config', what, { retryable: false, ...(remedy && { remedy }) })
}

/** @throws ConnectorError `config` for the first field that the action does not know */
export function onlyKnown(request: ActionRequest, fields: readonly string[], references: readonly string[]): void {
  for (const field of Object.keys(request.fields))
    if (!fields.includes(field)) throw cannot(`${request.action} of ${request.kind} cannot write ${field}.`)
  for (const field of Object.keys(request.references))
    if (!references.includes(field) && !fields.includes(field))
      throw cannot(`${request.action} of ${request.kind} cannot refer by ${field}.`)
}
