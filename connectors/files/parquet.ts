/** Parquet: rows of a columnar file, with decimals, 64-bit integers, dates and instants exactly as they are stored. */
import { parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import type { FileMetaData, SchemaElement } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import type { RawRow } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import { rawText } from '../exact-json.ts'
import { kindOf } from '../../model/kinds.ts'
import type { Row } from './columns.ts'
import type { Batch } from './csv.ts'

/** Rows unpacked at a time. */
const ROWS_A_BATCH = 5_000

/** @throws ConnectorError `schema` if the file is cut off or damaged */
export async function* readParquet(
  bytes: Uint8Array,
  { file, kind }: { file: string; kind: string | null },
): AsyncGenerator<Batch> {
  const buffer = bytes.buffer as ArrayBuffer
  const source = {
    byteLength: bytes.byteLength,
    slice: (from: number, to?: number) =>
      buffer.slice(bytes.byteOffset + from, bytes.byteOffset + (to ?? bytes.byteLength)),
  }
  const damaged = (cause: unknown) =>
    new ConnectorError('schema', `${file} is not a complete Parquet file.`, {
      file,
      cause,
      remedy: 'Write it under another name and rename it when it is finished.',
    })
  let metadata: FileMetaData
  try {
    metadata = await parquetMetadataAsync(source, { geoparquet: false })
  } catch (error) {
    throw damaged(error)
  }
  const { columns, read } = plan(metadata, kind)
  const total = Number(metadata.num_rows)
  for (let from = 0; from < total || from === 0; from += ROWS_A_BATCH) {
    const to = Math.min(total, from + ROWS_A_BATCH)
    let rows: Row[]
    try {
      // Unmarked bytes stay bytes: the library would decode them leniently.
      rows =
        total === 0
          ? []
          : await parquetReadObjects({
              file: source,
              metadata,
              rowStart: from,
              rowEnd: to,
              compressors,
              utf8: false,
              geoparquet: false,
              parsers: PARSERS,
            })
    } catch (error) {
      throw damaged(error)
    }
    yield { columns, declared: true, rows: rows.map((row, i) => rowOf(row, read, `${file} row ${from + i + 1}`)) }
  }
}

const strict = new TextDecoder('utf-8', { fatal: true })
const UNREADABLE = Symbol('unreadable')

const PARSERS = {
  stringFromBytes: (bytes: Uint8Array | undefined) => bytes && text(bytes),
  jsonFromBytes: (bytes: Uint8Array | undefined) => bytes && text(bytes),
  dateFromDays: (days: number) => new Date(days * 86_400_000).toISOString().slice(0, 10),
  timestampFromMicroseconds: (micros: bigint) => new Date(Number(micros / 1000n)),
}

function text(bytes: Uint8Array): string | typeof UNREADABLE {
  try {
    return strict.decode(bytes)
  } catch {
    return UNREADABLE
  }
}

type Reader = (value: unknown) => unknown

/** The columns, with groups written as dots, and how the values of each are brought to text without loss. */
function plan(metadata: FileMetaData, kind: string | null): { columns: string[]; read: Map<string, Reader> } {
  const [root, ...elements] = metadata.schema
  const read = new Map<string, Reader>()
  let at = 0
  const walk = (children: number, path: string[]) => {
    for (let i = 0; i < children; i++) {
      const element = elements[at++]!
      const here = [...path, element.name]
      const grouped =
        element.num_children &&
        element.repetition_type !== 'REPEATED' &&
        (path.length > 0 || isGroup(element.name, kind)) &&
        !element.converted_type
      if (grouped) walk(element.num_children!, here)
      else {
        read.set(here.join('.'), readerOf(element))
        skip(element)
      }
    }
  }
  const skip = (element: SchemaElement) => {
    for (let n = element.num_children ?? 0; n > 0; n--) skip(elements[at++]!)
  }
  walk(root!.num_children ?? 0, [])
  return { columns: [...read.keys()], read }
}

const isGroup = (name: string, kind: string | null) =>
  kind !== null &&
  (name === 'refs' || name === 'custom' || kindOf(kind).fields.some((f) => f.name.startsWith(`${name}.`)))

function readerOf(element: SchemaElement): Reader {
  const logical = element.logical_type
  if (element.converted_type === 'DECIMAL' || logical?.type === 'DECIMAL') {
    const scale = element.scale ?? (logical?.type === 'DECIMAL' ? logical.scale : 0)
    // The library multiplies by a power of ten in floating point: it must not know that this is a decimal.
    delete element.converted_type
    delete element.logical_type
    return (value) => decimal(unscaled(value), scale)
  }
  // A wall clock without a zone stays one: the platform's zone decides.
  const local = logical?.type === 'TIMESTAMP' && logical.isAdjustedToUTC === false
  return (value) => plain(value, local)
}

function plain(value: unknown, local: boolean): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Date) return local ? value.toISOString().slice(0, -1) : value.toISOString()
  if (value instanceof Uint8Array) return text(value)
  if (typeof value === 'number' && !Number.isFinite(value)) return UNREADABLE
  return value ?? null
}

function unscaled(value: unknown): bigint | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'bigint') return value
  if (typeof value === 'number') return BigInt(value)
  const hex = Buffer.from(value as Uint8Array).toString('hex')
  return hex === '' ? 0n : BigInt.asIntN(hex.length * 4, BigInt(`0x${hex}`))
}

function decimal(value: bigint | null, scale: number): string | null {
  if (value === null) return null
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0')
  const point = digits.length - scale
  return `${value < 0n ? '-' : ''}${digits.slice(0, point)}${scale > 0 ? `.${digits.slice(point)}` : ''}`
}

function rowOf(row: Row, read: ReadonlyMap<string, Reader>, at: string): RawRow {
  const value: Row = {}
  let spoiled: string | null = null
  for (const [column, reader] of read) {
    const cell = reader(reach(row, column))
    if (cell === UNREADABLE) spoiled = column
    else value[column] = cell
  }
  const raw = rawText(value)
  return spoiled === null
    ? { id: null, value, raw, at }
    : {
        id: null,
        value: null,
        raw,
        at,
        unreadable: `the column ${spoiled} holds what is neither valid text nor a number`,
      }
}

function reach(row: Row, column: string): unknown {
  if (column in row) return row[column]
  return column.split('.').reduce<unknown>((inner, key) => (inner as Row | null | undefined)?.[key], row)
}
