/** A mail as plain text: what the HTML says, line by line. */
import { clean, SEVERITY_MARKS, type MailContent, type MailPart } from './parts.ts'

export function mailText({ parts }: MailContent): string {
  return (
    parts
      .map(partText)
      .filter((text) => text !== '')
      .join('\n\n') + '\n'
  )
}

function partText(p: MailPart): string {
  switch (p.part) {
    case 'badge':
      return clean([`${SEVERITY_MARKS[p.severity]} ${p.word}`, ...p.tags].join(' · '))
    case 'title':
    case 'text':
      return clean(p.text)
    case 'heading':
      return `${clean(p.text)}\n${'-'.repeat(Math.min(72, clean(p.text).length))}`
    case 'facts': {
      const width = Math.max(0, ...p.facts.map((f) => clean(f.name).length))
      return p.facts.map((f) => `${clean(f.name).padEnd(width)}  ${clean(f.value)}`).join('\n')
    }
    case 'rows':
      return [
        ...p.rows.map(
          (r) =>
            `${clean(r.ref)}  ${clean(r.title)}${r.amount ? `  ${clean(r.amount)}` : ''}${r.detail ? `\n    ${clean(r.detail)}` : ''}${r.url ? `\n    ${r.url}` : ''}`,
        ),
        ...(p.more ? [clean(p.more)] : []),
      ].join('\n')
    case 'figures':
      return p.figures.map((f) => clean(`${f.name}: ${f.value} ${f.change}`)).join('\n')
    case 'bars': {
      const width = Math.max(0, ...p.bars.map((b) => clean(b.name).length))
      return p.bars.map((b) => `${clean(b.name).padEnd(width)}  ${clean(b.value)}`).join('\n')
    }
    case 'table': {
      const all = [p.head, ...p.rows].map((row) => row.map(clean))
      const widths = p.head.map((_, i) => Math.max(...all.map((row) => (row[i] ?? '').length)))
      return all
        .map((row) =>
          row
            .map((cell, i) => (p.numeric.includes(i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
            .join('  ')
            .trimEnd(),
        )
        .join('\n')
    }
    case 'actions':
      return p.links.map((l) => `${clean(l.label)}: ${l.url}`).join('\n')
    case 'small':
      return [clean(p.text), ...p.links.map((l) => `${clean(l.label)}: ${l.url}`)].join('\n')
  }
}
