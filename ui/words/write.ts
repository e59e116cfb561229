/** Writes a source anew in a language: every text that the catalogue knows is replaced, everything else is copied. */
import { GAP, keyOf, type Gap, type Part, type Quoting, type Site } from './site.ts'

/** What a text is called in the language; null: nobody has translated it. */
export type Lookup = (english: string) => string | null

interface Edit {
  start: number
  end: number
  text: () => string
}

export function write(source: string, sites: readonly Site[], lookup: Lookup): string {
  /** A stretch of the source with the texts inside it replaced. */
  const copy = (start: number, end: number, own: readonly Edit[] = []): string => {
    const inside = sites
      .filter((s) => s.start >= start && s.end <= end && !(s.start === start && s.end === end && own.length > 0))
      .map((s): Edit => ({ start: s.start, end: s.end, text: () => sentence(s) }))
    let out = ''
    let at = start
    for (const edit of [...own, ...inside].sort((a, b) => a.start - b.start || b.end - a.end)) {
      if (edit.start < at) continue
      out += source.slice(at, edit.start) + edit.text()
      at = edit.end
    }
    return out + source.slice(at, end)
  }

  const sentence = (site: Site): string => {
    const english = keyOf(site.parts)
    const translated = lookup(english) ?? english
    return filled(translated, site.parts, site.quoting)
  }

  const filled = (text: string, parts: readonly Part[], quoting: Quoting): string => {
    const gaps = new Map(gapsIn(parts).map((g) => [g.n, g]))
    const put = (piece: string): string => {
      let out = ''
      let at = 0
      for (const m of piece.matchAll(GAP)) {
        if (m.index < at) continue
        out += quoted(piece.slice(at, m.index), quoting)
        at = m.index + m[0].length
        const gap = gaps.get(Number(m[1] ?? m[3] ?? m[4]))
        if (!gap) continue
        if (m[3] === undefined) out += gapText(gap, m[2]?.split('|') ?? null)
        else {
          const close = piece.indexOf(`</${m[3]}>`, at)
          const { inside } = gap
          if (!inside || close < 0) continue
          out += copy(gap.start, inside.start) + put(piece.slice(at, close)) + copy(inside.end, gap.end)
          at = close + m[3].length + 3
        }
      }
      return out + quoted(piece.slice(at), quoting)
    }
    return put(text)
  }

  const gapText = (gap: Gap, choices: string[] | null): string => {
    if (gap.is === 'element' || gap.choices.length === 0) return copy(gap.start, gap.end)
    const words = choices ?? []
    // A counted noun takes all words that are left: its forms. Every other choice takes one.
    const spare = words.length - gap.choices.reduce((sum, c) => sum + c.english.split('|').length, 0)
    let n = 0
    const own = gap.choices.map((c): Edit => {
      const forms = c.english.split('|').length + (isForms(source, c.start) ? spare : 0)
      const mine = words.slice(n, (n += forms))
      return {
        start: c.start,
        end: c.end,
        text: () => mine.map((w) => JSON.stringify(w).replaceAll('"', "'")).join(', '),
      }
    })
    return copy(gap.start, gap.end, own)
  }

  return copy(0, source.length)
}

const isForms = (source: string, start: number): boolean =>
  /counted\([^'"`]*$/.test(source.slice(Math.max(0, start - 120), start))

export const gapsIn = (parts: readonly Part[]): Gap[] =>
  parts.flatMap((p) => (typeof p === 'string' ? [] : [p, ...(p.inside ? gapsIn(p.inside.parts) : [])]))

function quoted(text: string, quoting: Quoting): string {
  if (quoting === 'template') return text.replaceAll(/[\\`]|\$\{/g, '\\$&')
  if (quoting === 'string') return text.replaceAll(/[\\'"`]/g, '\\$&').replaceAll('\n', '\\n')
  const safe = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('{', '&#123;').replaceAll('}', '&#125;')
  return quoting === 'attribute' ? safe.replaceAll('"', '&quot;') : safe
}
