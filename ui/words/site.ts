/** A text on its way through translation: the sentence as a key, and what stands in its gaps. */

/** A place of the source that is copied: an expression, an element, a block. */
export interface Gap {
  is: 'expression' | 'element'
  n: number
  start: number
  end: number
  /** Literals inside an expression that belong to the sentence: the outcomes of a condition, the forms of a counted noun. */
  choices: Choice[]
  /** Of an element whose words belong to the sentence: its inside. */
  inside: { start: number; end: number; parts: Part[] } | null
}
/** One literal, or a counted noun whose forms are all replaced together. */
export interface Choice {
  start: number
  end: number
  english: string
}
export type Part = string | Gap

/** How words are written where the text stands. */
export type Quoting = 'markup' | 'attribute' | 'string' | 'template'

export interface Site {
  start: number
  end: number
  parts: Part[]
  quoting: Quoting
}

/** The key: `{0}` for an expression, `{0:one|other}` with its choices, `<1>words</1>` and `<1/>` for elements. */
export const keyOf = (parts: readonly Part[]): string =>
  parts.map((p) => (typeof p === 'string' ? p : gapKey(p))).join('')

function gapKey(gap: Gap): string {
  if (gap.is === 'expression')
    return gap.choices.length ? `{${gap.n}:${gap.choices.map((c) => c.english).join('|')}}` : `{${gap.n}}`
  return gap.inside ? `<${gap.n}>${keyOf(gap.inside.parts)}</${gap.n}>` : `<${gap.n}/>`
}

/** Gaps in order of their numbers: what a translation must name as often as its key does. */
export function gapsOf(text: string): string[] {
  const found = [...text.matchAll(GAP)].map((m) => (m[1] ? `{${m[1]}}` : m[3] ? `<${m[3]}>` : `<${m[4]!}/>`))
  return found.sort()
}

/** `{n}`, `{n:choices}`, `<n>`, `<n/>`; closing tags are found by their opening ones. */
export const GAP = /\{(\d+)(?::([^{}]*))?\}|<(\d+)>|<(\d+)\/>/g
