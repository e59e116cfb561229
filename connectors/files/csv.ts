/** CSV: the header as column names and the rows as objects of text, each row judged by itself. */
import type { RawRow } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import { csvRows, OpenQuote } from '../csv-rows.ts'
import type { CsvRow } from '../csv-rows.ts'
import type { Row } from './columns.ts'

export interface Batch {
  columns: string[]
  /** The file names its columns itself; without it they are those that its rows happen to have. */
  declared: boolean
  rows: RawRow[]
}

interface CsvOptions {
  file: string
  encoding: string
  delimiter?: string | undefined
}

/** @throws ConnectorError `schema` where the file breaks off; the rows before have been yielded. */
export async function* readCsv(
  chunks: AsyncIterable<Uint8Array>,
  { file, encoding, delimiter }: CsvOptions,
): AsyncGenerator<Batch> {
  const [first, rest] = await firstLine(asUtf8(chunks, encoding))
  if (first === null) return
  let columns: string[] | null = null
  let idAt = -1
  try {
    for await (const read of csvRows(
      rest,
      delimiter ?? sniff(first),
      first.includes('\n') || !first.includes('\r') ? '\n' : '\r',
    )) {
      if (columns === null && read.length > 0) {
        columns = headerOf(read.shift()!.cells)
        idAt = columns.findIndex((c) => /^(record[_\s-]?)?id$/i.test(c))
      }
      if (columns) yield { columns, declared: true, rows: read.map((row) => rowOf(row, columns!, idAt, file)) }
    }
  } catch (error) {
    if (!(error instanceof OpenQuote)) throw error
    throw new ConnectorError(
      'schema',
      `${file} has a quote in line ${error.line} that is never closed; the rows before it are read, the rest is not.`,
      {
        file,
        line: error.line,
        remedy: 'Close the quote, or double the quotes inside a quoted cell.',
      },
    )
  }
}

/** The header is text; a column without a name is left out. */
function headerOf(cells: string[]): string[] {
  return cells.map((cell) => decoded(cell)?.trim() ?? '').map((name) => (name === '__proto__' ? '' : name))
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Latin1 characters back to the bytes that they stand for, and those to text; null if they are no UTF-8. */
function decoded(bytes: string): string | null {
  if (!/[\u0080-\u00ff]/.test(bytes)) return bytes
  try {
    return strict.decode(Buffer.from(bytes, 'latin1'))
  } catch {
    return null
  }
}

function rowOf({ cells, raw, line, fault }: CsvRow, columns: string[], idAt: number, file: string): RawRow {
  const at = `${file} line ${line}`
  const text = decoded(raw)
  // Only the first column cannot have been shifted by the fault itself.
  const id = () => (idAt === 0 ? (decoded(cells[0] ?? '') ?? '').trim() || null : null)
  if (text === null)
    return {
      id: id(),
      value: null,
      raw,
      bytes: Buffer.from(raw, 'latin1'),
      at,
      unreadable: 'the row is not valid UTF-8 text',
    }
  if (fault) return { id: id(), value: null, raw: text, at, unreadable: fault }
  // A spreadsheet leaves empty cells behind the last column.
  while (cells.length > columns.length && cells.at(-1) === '') cells.pop()
  if (cells.length !== columns.length)
    return {
      id: id(),
      value: null,
      raw: text,
      at,
      unreadable: `the row has ${cells.length} columns where the header has ${columns.length}`,
    }
  const plain = text.length === raw.length
  const value: Row = {}
  for (let i = 0; i < columns.length; i++)
    if (columns[i] !== '') value[columns[i]!] = plain ? cells[i] : decoded(cells[i]!)
  return { id: null, value, raw: text, at }
}

/** The separator that stands most often in the first line, outside of quotes. */
function sniff(head: string): string {
  const bare = head.split(/[\r\n]/, 1)[0]!.replace(/"[^"]*"/g, '')
  const counts = [',', ';', '\t', '|'].map((d) => [d, bare.split(d).length] as const)
  return counts.reduce((best, next) => (next[1] > best[1] ? next : best))[0]
}

/** Other encodings are brought to UTF-8 first; a byte order mark is dropped, and one for UTF-16 is believed. */
export async function* asUtf8(chunks: AsyncIterable<Uint8Array>, encoding: string): AsyncGenerator<Buffer> {
  let decoder: TextDecoder | null | undefined
  for await (const chunk of chunks) {
    let bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    if (decoder === undefined) {
      const wide = bytes[0] === 0xff && bytes[1] === 0xfe
      if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) bytes = bytes.subarray(3)
      decoder = wide ? new TextDecoder('utf-16le') : encoding === 'utf-8' ? null : new TextDecoder(encoding)
    }
    yield decoder ? Buffer.from(decoder.decode(bytes, { stream: true })) : bytes
  }
  const tail = decoder?.decode()
  if (tail) yield Buffer.from(tail)
}

/** The beginning up to the first line end, and everything again from there. Null for a file without bytes. */
async function firstLine(chunks: AsyncGenerator<Buffer>): Promise<[string | null, AsyncIterable<Buffer>]> {
  const head: Buffer[] = []
  let text = ''
  while (!/[\r\n]./s.test(text) && text.length < 1_000_000) {
    const next = await chunks.next()
    if (next.done) break
    head.push(next.value)
    text += next.value.toString('latin1')
  }
  async function* all() {
    yield* head
    yield* chunks
  }
  return [text === '' ? null : text, all()]
}
