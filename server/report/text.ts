/** The report as plain text: the same content in the same order, readable in 76 columns. */
import type { Block, Line, ReportContent } from './content.ts'
import { oneLine, seen } from './escape.ts'
import type { HtmlOptions } from './html.ts'

const WIDTH = 76
const BAR = 20

export function reportText(content: ReportContent, options: Omit<HtmlOptions, 'as' | 'theme'>): string {
  const { origin, links = [], unsubscribe } = options
  const all = [...content.links.map((l) => ({ text: l.text, href: l.href ?? '/' })), ...links]
  return seen(
    [
      content.title,
      '='.repeat(Math.min(WIDTH, content.title.length)),
      content.meta.map((m) => oneLine(m)).join(' · '),
      ...(content.notice === null ? [] : ['', wrap(content.notice)]),
      ...(content.clear === null ? [] : ['', wrap(content.clear)]),
      ...content.blocks.flatMap((b) => ['', b.title, '-'.repeat(b.title.length), ...block(b, origin)]),
      '',
      ...all.map((l) => `${l.text}: ${origin}${l.href}`),
      '',
      wrap(content.why),
      ...(unsubscribe ? [unsubscribe] : []),
      content.footer,
      '',
    ].join('\n'),
  )
}

function block(b: Block, origin: string): string[] {
  switch (b.is) {
    case 'lines':
      return b.lines.flatMap((l) => line(l, origin))
    case 'numbers':
      return b.cells.map((c) =>
        wrap(
          `${c.label}: ${c.value}${c.change === null ? '' : ` (${c.change})`}${c.note === null ? '' : `; ${c.note}`}`,
        ),
      )
    case 'bars':
      return [
        ...(b.none === null ? [] : [b.none]),
        ...b.bars.map(
          (x) =>
            `${'#'.repeat(Math.max(1, Math.round(x.share * BAR))).padEnd(BAR)} ${x.value.padStart(6)}  ${oneLine(x.label)}`,
        ),
        ...(b.more === null ? [] : [b.more]),
      ]
    case 'items':
      return [
        ...(b.none === null ? [] : [b.none]),
        ...b.rows.flatMap((r) => [
          wrap(`${oneLine(r.ref)}  ${oneLine(r.title)}${r.right === '' ? '' : `  ${oneLine(r.right)}`}`),
          wrap(oneLine(r.detail, 400), '    '),
          `    ${origin}${r.href}`,
        ]),
        ...(b.more === null ? [] : line(b.more, origin)),
      ]
    case 'notes':
      return b.lines.map((l) => wrap(l))
  }
}

const line = (l: Line, origin: string): string[] => [
  wrap(`- ${oneLine(l.text, 400)}`),
  ...(l.href === null ? [] : [`    ${origin}${l.href}`]),
]

/** Breaks at spaces; a word longer than a line stays whole. */
function wrap(text: string, indent = ''): string {
  const out: string[] = []
  let now = indent
  for (const word of text.split(/[ \r\n]+/)) {
    if (now.length > indent.length && now.length + word.length + 1 > WIDTH) {
      out.push(now)
      now = indent
    }
    now += now.length > indent.length ? ` ${word}` : word
  }
  return [...out, now].join('\n')
}
