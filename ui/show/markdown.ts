/** The little Markdown of runbooks and comments, read into blocks that the page renders as elements. Never into HTML text. */

export type Span = { is: 'text' | 'code' | 'strong' | 'em'; text: string } | { is: 'link'; text: string; href: string }
export type Block =
  | { is: 'paragraph'; spans: Span[] }
  | { is: 'heading'; spans: Span[] }
  | { is: 'list'; ordered: boolean; items: Span[][] }
  | { is: 'code'; text: string }

/** Bound of what is read: a runbook is a page, not a book. */
const CHARACTERS_MAX = 50_000

const INLINE = /`([^`]+)`|\*\*([^*]+)\*\*|(?<![\w*])\*([^*\s][^*]*)\*|\[([^\]]+)\]\(([^)\s]+)\)/g

export function spansOf(text: string): Span[] {
  const spans: Span[] = []
  let from = 0
  for (const m of text.matchAll(INLINE)) {
    if (m.index > from) spans.push({ is: 'text', text: text.slice(from, m.index) })
    from = m.index + m[0].length
    if (m[1] !== undefined) spans.push({ is: 'code', text: m[1] })
    else if (m[2] !== undefined) spans.push({ is: 'strong', text: m[2] })
    else if (m[3] !== undefined) spans.push({ is: 'em', text: m[3] })
    // Only ordinary addresses become links: a script address would run as us.
    else if (/^(?:https?:\/\/|\/(?!\/))/i.test(m[5]!)) spans.push({ is: 'link', text: m[4]!, href: m[5]! })
    else spans.push({ is: 'text', text: m[4]! })
  }
  if (from < text.length) spans.push({ is: 'text', text: text.slice(from) })
  return spans
}

const ITEM = /^\s*(?:(\d+)[.)]|[-*+])\s+(.*)$/

export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = []
  const lines = markdown.slice(0, CHARACTERS_MAX).replaceAll('\r\n', '\n').split('\n')
  let paragraph: string[] = []
  let list: { ordered: boolean; items: string[] } | null = null
  const flush = () => {
    if (paragraph.length) blocks.push({ is: 'paragraph', spans: spansOf(paragraph.join(' ')) })
    if (list) blocks.push({ is: 'list', ordered: list.ordered, items: list.items.map(spansOf) })
    paragraph = []
    list = null
  }
  for (let n = 0; n < lines.length; n++) {
    const line = lines[n]!
    const item = ITEM.exec(line)
    if (line.startsWith('```')) {
      flush()
      const end = lines.findIndex((l, at) => at > n && l.startsWith('```'))
      const until = end === -1 ? lines.length : end
      blocks.push({ is: 'code', text: lines.slice(n + 1, until).join('\n') })
      n = until
    } else if (/^#{1,6}\s/.test(line)) {
      flush()
      blocks.push({ is: 'heading', spans: spansOf(line.replace(/^#+\s+/, '')) })
    } else if (item) {
      const ordered = item[1] !== undefined
      if (!list || list.ordered !== ordered) {
        flush()
        list = { ordered, items: [] }
      }
      list.items.push(item[2]!)
    } else if (line.trim() === '') flush()
    else if (list) list.items[list.items.length - 1] += ` ${line.trim()}`
    else paragraph.push(line.trim())
  }
  flush()
  return blocks
}
