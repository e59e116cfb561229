/** Where a sentence begins and ends: what belongs to it, and where it lies in the source. */
import type { Part, Site } from './site.ts'
import { stringOf, type Node } from './syntax.ts'

/** Neighbouring strings as one. */
export function joined(parts: readonly Part[]): Part[] {
  const out: Part[] = []
  for (const part of parts) {
    const last = out.at(-1)
    if (typeof part === 'string' && typeof last === 'string')
      out[out.length - 1] = (last + part).replaceAll(/ {2,}/g, ' ')
    else if (part !== '') out.push(part)
  }
  return out
}

/** What does not belong to a sentence at its ends: blocks, comments, spaces. */
export function ends(node: Node): boolean {
  if (node.type === 'Text') return (node['data'] as string).trim() === ''
  if (node.type === 'ExpressionTag') return stringOf(node['expression'] as Node)?.trim() === ''
  return node.type.endsWith('Block') || ['Comment', 'RenderTag', 'ConstTag', 'DeclarationTag'].includes(node.type)
}

/** Spaces at the ends stay outside: what is replaced begins and ends with words or gaps. */
export function trimmed(given: Part[], first: Node, last: Node): { parts: Part[]; start: number; end: number } {
  const parts = [...given]
  let { start } = first
  let { end } = last
  const head = parts[0]
  if (typeof head === 'string') {
    start += head.length === 0 ? 0 : leading(first, head)
    parts[0] = head.trimStart()
  }
  const n = parts.length - 1
  const tail = parts[n]
  if (typeof tail === 'string') {
    end -= trailing(last, tail)
    parts[n] = tail.trimEnd()
  }
  return { parts, start, end }
}
const leading = (node: Node, text: string) => spaces(node, text, /^[ \t\r\n]*/)
const trailing = (node: Node, text: string) => spaces(node, text, /[ \t\r\n]*$/)
const spaces = (node: Node, text: string, where: RegExp) =>
  where.exec(node.type === 'Text' ? (node['raw'] as string) : text)![0].length

/** The same text elsewhere: so many places further on. */
export function moved(site: Site, by: number): Site {
  const shift = (parts: Part[]): Part[] =>
    parts.map((p) =>
      typeof p === 'string'
        ? p
        : {
            ...p,
            start: p.start + by,
            end: p.end + by,
            choices: p.choices.map((c) => ({ ...c, start: c.start + by, end: c.end + by })),
          },
    )
  return { ...site, start: site.start + by, end: site.end + by, parts: shift(site.parts) }
}
