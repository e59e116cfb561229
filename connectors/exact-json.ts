/**
 * Exact JSON: numbers that a JavaScript number cannot carry arrive as strings, everything else as JSON.parse gives it.
 *
 * One scan over the text finds the risky number tokens, the depth and the count of members; risky tokens are put into
 * quotes and JSON.parse does the rest, so documents with 64-bit ids cost little more than documents without. A key
 * that occurs twice in one object is refused: parsers disagree on which one wins. `__proto__` stays an own property.
 */

export const MAX_DEPTH = 64

/** The text is not JSON, or is JSON that must not be trusted. The message names what and where (character). */
export class JsonError extends Error {
  readonly at: number
  constructor(reason: string, at: number) {
    super(`${reason} (at character ${at + 1})`)
    this.name = 'JsonError'
    this.at = at
  }
}

/** @throws JsonError */
export function parseExact(text: string): unknown {
  // A byte order mark is no part of the document.
  const body = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
  const found = scan(body)
  let value: unknown
  try {
    value = JSON.parse(found.risky.length === 0 ? body : quoted(body, found.risky))
  } catch (error) {
    // The engine's message quotes the document, which may hold personal data: only its position is kept.
    const at = /position (\d+)/.exec((error as Error).message)?.[1]
    throw new JsonError('not valid JSON', at === undefined ? Math.max(0, body.length - 1) : Number(at))
  }
  if (found.members !== members(value)) throw new JsonError('a key occurs twice in one object', 0)
  return value
}

/**
 * The value as JSON text that `parseExact` reads back to the same value: what connectors keep as `raw`
 * of a row that came as one element of a page.
 */
export function rawText(value: unknown): string {
  return JSON.stringify(value) ?? 'null'
}

interface Scan {
  /** Start, end and replacement of every number that would lose digits. */
  risky: { start: number; end: number; as: string }[]
  members: number
}

const QUOTE = 34
const BACKSLASH = 92

/** Walks over the text once. Grammar is JSON.parse's work; this only has to be right about where strings end. */
function scan(text: string): Scan {
  const risky: Scan['risky'] = []
  let count = 0
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === QUOTE) i = stringEnd(text, i)
    else if (c === 58) count++
    else if (c === 123 || c === 91) {
      if (++depth > MAX_DEPTH) throw new JsonError(`nested deeper than ${MAX_DEPTH} levels`, i)
    } else if (c === 125 || c === 93) depth--
    else if (c === 45 || (c >= 48 && c <= 57)) {
      const end = numberEnd(text, i + 1)
      // Fifteen digits always survive; an exponent may overflow even with one.
      if (end - i > 15 || hasExponent(text, i, end)) {
        const as = replacement(text.slice(i, end), i)
        if (as !== null) risky.push({ start: i, end, as })
      }
      i = end - 1
    }
  }
  return { risky, members: count }
}

function stringEnd(text: string, start: number): number {
  for (let i = start + 1; ;) {
    const end = text.indexOf('"', i)
    if (end < 0) return text.length
    let slashes = 0
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes++
    if (slashes % 2 === 0) return end
    i = end + 1
  }
}

function numberEnd(text: string, from: number): number {
  let i = from
  for (; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (!((c >= 48 && c <= 57) || c === 46 || c === 43 || c === 45 || c === 101 || c === 69)) break
  }
  return i
}

function hasExponent(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const c = text.charCodeAt(i)
    if (c === 101 || c === 69) return true
  }
  return false
}

const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/

/** The token as plain decimal text if a JavaScript number would lose something of it, else null. */
function replacement(token: string, at: number): string | null {
  if (!NUMBER.test(token)) return null // JSON.parse refuses it with its own words
  const value = Number(token)
  if (!Number.isFinite(value)) throw new JsonError(`the number ${token.slice(0, 40)} is out of range`, at)
  const plain = plainDecimal(token)
  if (plain === null) throw new JsonError(`the number ${token.slice(0, 40)} is out of range`, at)
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) return plain
  return plainDecimal(String(value)) === plain ? null : plain
}

/** Plain decimal text without exponent or needless zeros; null if that would be longer than anybody means. */
function plainDecimal(token: string): string | null {
  const [, sign, whole, fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(token)!
  const shift = Number(exponent)
  if (Math.abs(shift) > 400) return null
  let digits = whole! + fraction
  let point = whole!.length + shift
  if (point < 0) {
    digits = '0'.repeat(-point) + digits
    point = 0
  }
  if (point > digits.length) digits += '0'.repeat(point - digits.length)
  const left = digits.slice(0, point).replace(/^0+(?=\d)/, '') || '0'
  const right = digits.slice(point).replace(/0+$/, '')
  const text = right ? `${left}.${right}` : left
  return text === '0' ? '0' : sign + text
}

function quoted(text: string, risky: Scan['risky']): string {
  const parts: string[] = []
  let from = 0
  for (const { start, end, as } of risky) {
    parts.push(text.slice(from, start), '"', as, '"')
    from = end
  }
  parts.push(text.slice(from))
  return parts.join('')
}

/** Members of all objects in the value: fewer than the text has means that a key was overwritten. */
function members(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  let count = 0
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object' && item !== null) count += members(item)
    return count
  }
  const object = value as Record<string, unknown>
  for (const key of Object.keys(object)) {
    count++
    const inner = object[key]
    if (typeof inner === 'object' && inner !== null) count += members(inner)
  }
  return count
}
