/** Files to compare: found, sampled with the files connector's own readers, and guessed. */
import { createReadStream, existsSync, openSync, readFileSync, readSync, closeSync, statSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { readCsv, type Batch } from '../../connectors/files/csv.ts'
import { readNdjson } from '../../connectors/files/ndjson.ts'
import { readParquet } from '../../connectors/files/parquet.ts'
import { PlumblineError } from '../errors.ts'
import { guessColumns, guessKind, type Guess } from './guess.ts'
import { profileOf, SAMPLE_ROWS, type Cells, type ColumnProfile } from './profile.ts'

export interface Given {
  platform: string
  path: string
}

export type Encoding = 'utf-8' | 'utf-16le' | 'windows-1252'

export interface GuessedFile extends Given {
  file: string
  folder: string
  kind: string
  encoding: Encoding
  profiles: ColumnProfile[]
  guess: Guess
}

/** `crm=accounts.csv`; @throws PlumblineError config with what to write instead */
export function given(argument: string): Given {
  const [, platform, path] = /^([^=]+)=(.+)$/.exec(argument) ?? []
  const wrong = (text: string, remedy: string) => new PlumblineError('config', text, { remedy })
  if (!platform || !path)
    throw wrong(
      `"${argument}" names no platform.`,
      'Write platform=file, for example crm=accounts.csv erp=customers.csv.',
    )
  if (!/^[a-z][a-z0-9-]*$/.test(platform))
    throw wrong(
      `"${platform}" is not a name for a platform.`,
      'Use lower case letters, digits and hyphens: crm, sap-eu.',
    )
  if (!existsSync(path) || !statSync(path).isFile())
    throw wrong(
      `There is no file ${path}.`,
      'Check the path; folders are read by the files connector, see docs/files.md.',
    )
  if (!/\.(csv|tsv|txt|ndjson|jsonl|parquet)$/i.test(path))
    throw wrong(
      `${path} is neither CSV, NDJSON nor Parquet.`,
      'Save the table as CSV first; semicolons, commas and tabs are all read.',
    )
  return { platform, path: resolve(path) }
}

/** @param maps `column=field` or `platform.column=field`; an empty field leaves the column out */
export async function guessFiles(files: readonly Given[], maps: readonly string[]): Promise<GuessedFile[]> {
  const sampled: Omit<GuessedFile, 'guess'>[] = []
  for (const f of files) {
    const encoding = encodingOf(f.path)
    const { columns, rows } = await sample(f.path, encoding)
    if (columns.length === 0 || rows.length === 0)
      throw new PlumblineError('schema', `${f.path} has no rows.`, {
        remedy: 'The first line names the columns, and each further line is a record.',
      })
    const profiles = profileOf(columns, rows)
    const file = basename(f.path)
    sampled.push({ ...f, file, folder: dirname(f.path), encoding, profiles, kind: guessKind(file, profiles) })
  }
  for (const s of sampled) {
    const first = sampled.find((o) => o.platform === s.platform)!
    if (first.folder !== s.folder || (first !== s && first.kind === s.kind))
      throw new PlumblineError('config', `${first.file} and ${s.file} cannot both be ${s.platform}.`, {
        remedy: 'Files of one platform lie in one folder and hold different kinds.',
      })
  }
  const fixed = (s: (typeof sampled)[number]) => fixedOf(s, maps)
  // First the ids, because cross references are recognised by them.
  const alone = sampled.map((s) => guessColumns(s.kind, s.profiles, fixed(s)))
  for (const text of maps) usedMap(text, sampled)
  return sampled.map((s, i) => {
    const others = sampled.flatMap((o, j) => {
      if (o.platform === s.platform || o.kind !== s.kind) return []
      const id = o.profiles.find((p) => p.column === alone[j]!.columns['record_id'])
      return id ? [{ platform: o.platform, ids: id.values }] : []
    })
    const guess = guessColumns(s.kind, s.profiles, fixed(s), others)
    if (guess.columns['record_id'] === undefined)
      throw new PlumblineError('schema', `No column of ${s.file} tells its records apart.`, {
        remedy: `Name one: --map "${s.platform}.${s.profiles[i]?.column ?? 'Column'}=record_id". Its values must all be different.`,
      })
    return { ...s, guess }
  })
}

interface Map {
  platform: string | null
  column: string
  field: string
}

function mapOf(text: string): Map {
  const at = text.lastIndexOf('=')
  if (at < 1)
    throw new PlumblineError('config', `--map "${text}" says nothing.`, {
      remedy: 'Write --map "Column=field" or --map "crm.Column=field"; docs/model.md lists the fields.',
    })
  const [, platform, column] = /^([a-z][a-z0-9-]*)\.(.+)$/.exec(text.slice(0, at)) ?? []
  return { platform: platform ?? null, column: column ?? text.slice(0, at), field: text.slice(at + 1).trim() }
}

const means = (m: Map, text: string, s: { platform: string; profiles: ColumnProfile[] }): string | null => {
  const own = m.platform === null || m.platform === s.platform ? m.column : text.slice(0, text.lastIndexOf('='))
  return s.profiles.find((p) => p.column.toLowerCase() === own.toLowerCase())?.column ?? null
}

function fixedOf(s: { platform: string; profiles: ColumnProfile[] }, maps: readonly string[]): Record<string, string> {
  const fixed: Record<string, string> = {}
  for (const [i, text] of maps.entries()) {
    const m = mapOf(text)
    const column = means(m, text, s)
    if (column !== null) fixed[m.field === '' ? `custom.left_out_${i + 1}` : m.field] = column
  }
  return fixed
}

function usedMap(
  text: string,
  sampled: readonly { platform: string; profiles: ColumnProfile[]; file: string }[],
): void {
  const m = mapOf(text)
  if (sampled.some((s) => means(m, text, s) !== null)) return
  throw new PlumblineError('config', `No file has a column “${m.column}”.`, {
    remedy: sampled.map((s) => `${s.file}: ${s.profiles.map((p) => p.column).join(', ')}`).join('\n'),
  })
}

/** Bytes that tell the encoding; a file that is UTF-8 so far will be to its end. */
const LOOKED_AT = 4 * 1024 * 1024

function encodingOf(path: string): Encoding {
  if (/\.parquet$/i.test(path)) return 'utf-8'
  const bytes = Buffer.alloc(Math.min(LOOKED_AT, statSync(path).size))
  const handle = openSync(path, 'r')
  readSync(handle, bytes, 0, bytes.length, 0)
  closeSync(handle)
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    return 'utf-8'
  } catch {
    return 'windows-1252'
  }
}

async function sample(path: string, encoding: Encoding): Promise<{ columns: string[]; rows: Cells[] }> {
  const file = basename(path)
  const batches: AsyncIterable<Batch> = /\.parquet$/i.test(path)
    ? readParquet(readFileSync(path), { file, kind: null })
    : /\.(ndjson|jsonl)$/i.test(path)
      ? readNdjson(createReadStream(path), { file, encoding, kind: null })
      : readCsv(createReadStream(path), { file, encoding })
  const columns = new Set<string>()
  const rows: Cells[] = []
  for await (const batch of batches) {
    for (const c of batch.columns) columns.add(c)
    for (const row of batch.rows) if (row.value !== null) rows.push(row.value as Cells)
    if (rows.length >= SAMPLE_ROWS) break
  }
  return { columns: [...columns], rows: rows.slice(0, SAMPLE_ROWS) }
}
