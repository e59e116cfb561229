/** A list written down: as Markdown for a ticket, or as CSV for a spreadsheet. */
import { csvCell } from '../../export.ts'
import type { ListTable } from './list.ts'

const safe = (text: string) =>
  text
    .replaceAll('\\', '\\\\')
    .replaceAll('|', '\\|')
    .replaceAll(/\s*\n\s*/g, ' ')

/** @param origin address that people use, for the links */
export function listMarkdown(table: ListTable, origin: string): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const shown = table.rows.length
  return [
    `**${table.title}** \`${table.query.replaceAll('`', "'") || 'everything'}\`: ${shown === table.total ? String(shown) : `${shown} of ${table.total}`}, as of ${table.as_of}`,
    '',
    line(table.columns.map(safe)),
    line(table.columns.map(() => '---')),
    ...table.rows.map(({ href, cells }) =>
      line(
        cells.map((c, n) => {
          const text = c === null ? '' : safe(c)
          // Square brackets of the text must not end the link's.
          return n === 0
            ? `[${(text || '–').replaceAll(/[[\]]/g, '\\$&')}](${origin}${href.replaceAll(')', '%29')})`
            : text
        }),
      ),
    ),
    '',
  ].join('\n')
}

/** With byte-order mark and guarded cells, as every export. */
export function listCsv(table: ListTable, origin: string): string {
  const line = (cells: readonly (string | null)[]) => `${cells.map(csvCell).join(',')}\r\n`
  return (
    `\ufeff${line([...table.columns, 'Link'])}` +
    table.rows.map(({ href, cells }) => line([...cells, origin + href])).join('')
  )
}
