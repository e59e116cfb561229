/** Where words stand in code: which attributes and properties are read by people, and which literals are codes. */

/** Attributes that people read or hear, and the one that a style sheet shows in narrow windows. */
export const READ_ATTRIBUTES = new Set([
  'title',
  'aria-label',
  'aria-description',
  'aria-valuetext',
  'aria-roledescription',
  'placeholder',
  'alt',
  'label',
  'data-of',
])
/** Properties of objects, and of components, whose words are read whatever they look like. */
export const READ_PROPERTIES =
  /^(title|titles|says|said|label|labels|words|text|none|question|about|how|detail|why|unit|empty|hint|said|verb|noun|one|many)$/
/** Names of constants, functions' results and variables that hold nothing but words. */
export const READ_NAMES = /(WORDS|TITLES|words|Words)$/
/** Properties whose strings are codes, addresses or queries, whatever they look like. */
export const CODE_PROPERTIES =
  /^(name|q|href|class|is|as|key|id|value|sort|order|pattern|strength|icon|mood|kind|kinds|type|rule|path|headers|method|look|step|query|readers|field|fields|state|style|timeStyle|dateStyle)$/
/** Attributes of components that never hold words. */
export const CODE_ATTRIBUTES =
  /^(class|id|href|name|value|type|role|for|style|src|d|points|transform|viewBox|x|y|key|as|is|of|level)$/

/** Calls whose literals name things of the machine. */
export const CODE_CALLS = new Set([
  'addEventListener', 'removeEventListener', 'querySelector', 'querySelectorAll', 'getElementById', 'closest',
  'getAttribute', 'setAttribute', 'removeAttribute', 'getItem', 'setItem', 'removeItem', 'has', 'includes', 'startsWith',
  'endsWith', 'indexOf', 'split', 'replace', 'replaceAll', 'match', 'test', 'param', 'delete', 'createElement', 'RegExp',
  'Error', 'URL', 'NumberFormat', 'DateTimeFormat', 'PluralRules', 'ListFormat', 'RelativeTimeFormat', 'DurationFormat',
  'BroadcastChannel', 'EventSource', 'Blob', 'matches', 'open', 'checks', 'matchMedia', 'searchParams', 'localeCompare',
]) // prettier-ignore

/** Elements that stand inside a sentence; every other element ends one. */
export const INLINE = new Set(['a', 'abbr', 'b', 'bdi', 'code', 'em', 'i', 'kbd', 'mark', 'small', 'span', 'strong', 'sub', 'sup', 'time', 'tspan']) // prettier-ignore
/** What is typed, not read: commands, keys, source. */
export const VERBATIM = new Set(['code', 'kbd', 'pre', 'samp', 'style', 'script'])

export const hasWords = (text: string): boolean => /\p{L}{2}/u.test(text)

/** Whether a literal of a script is likely to be read by somebody: a sentence, or a word written as a title. */
export function looksRead(text: string): boolean {
  const value = text.trim()
  if (/^[Mm]\d|^\([a-z-]+:/.test(value)) return false
  if (!hasWords(value) || /^[a-z_-]+:\S/.test(value) || /^[./?#&]/.test(value) || /:\/\/|^[\w-]+=/.test(value))
    return false
  return /\p{L}{2}.*\s|\s.*\p{L}{2}/u.test(value) || /^\p{Lu}\p{Ll}+$/u.test(value) || /\p{L}{2}…$/u.test(value)
}
