/** File names: which file holds which kind, and in which order the files of a series are read. */
import { KINDS } from '../../model/kinds.ts'
import type { FilesConfig } from './config.ts'

export type Format = 'csv' | 'ndjson' | 'parquet'

export interface FoundFile {
  name: string
  path: string
  size: number
  modifiedAt: number
  /** What the store calls the bytes, where it does. */
  etag?: string
  kind: string
  format: Format
  /** Digits of the date in the name, padded: text order is time order. A file without a date is the newest of its kind. */
  order: string
  /** Where it is written otherwise than the settings say of all files. */
  encoding?: FilesConfig['encoding'] | undefined
}

const FORMATS: Record<string, Format> = {
  csv: 'csv',
  tsv: 'csv',
  txt: 'csv',
  ndjson: 'ndjson',
  jsonl: 'ndjson',
  parquet: 'parquet',
}
/** Files of recorded events are no kind of record. */
export const EVENTS = 'event'

/** Order of a file whose name has no date. */
export const UNDATED = '9'.repeat(17)

/** Singular and plural names of all kinds, spaces and hyphens as underscores. */
const KIND_NAMES = new Map([
  ...KINDS.flatMap((k) => [k.name, pluralOf(k.name), k.plural, k.title].map((name) => [fold(name), k.name] as const)),
  ['events', EVENTS] as const,
])

/** `opportunity` → `opportunities`: what files and streams of a kind are called. */
export function pluralOf(kind: string): string {
  return kind.endsWith('y') ? `${kind.slice(0, -1)}ies` : `${kind}s`
}

type Listed = { name: string; path: string; size: number; modifiedAt: number; etag?: string }

/** The files that hold records of this platform, oldest first within each kind. Other files are none of ours. */
export function findFiles(
  listed: readonly Listed[],
  config: Pick<FilesConfig, 'prefix' | 'pattern' | 'files'>,
  platform: string,
): FoundFile[] {
  if (config.files) return named(listed, config.files)
  const plain: FoundFile[] = []
  const prefixed: FoundFile[] = []
  for (const file of listed) {
    const found = config.pattern ? byPattern(file, config.pattern) : byDefault(file, config.prefix ?? platform)
    if (found) (found.own ? prefixed : plain).push(found.file)
  }
  const files = config.pattern ? [...plain, ...prefixed] : config.prefix ? prefixed : preferOwn(plain, prefixed)
  return files.sort((a, b) => compare(a.order, b.order) || a.modifiedAt - b.modifiedAt || compare(a.name, b.name))
}

/** Files that the settings name one by one. */
function named(listed: readonly Listed[], names: NonNullable<FilesConfig['files']>): FoundFile[] {
  return Object.entries(names).flatMap(([kind, given]) => {
    const { name, encoding } = typeof given === 'string' ? { name: given, encoding: undefined } : given
    return listed
      .filter((file) => file.name === name)
      .flatMap((file) => {
        const format = FORMATS[file.name.split('.').at(-1)!.toLowerCase()]
        return format ? [{ ...file, kind, format, order: UNDATED, encoding }] : []
      })
  })
}

/** In a folder shared by several platforms, files that carry our name win over those that carry none, kind by kind. */
function preferOwn(plain: FoundFile[], own: FoundFile[]): FoundFile[] {
  const kinds = new Set(own.map((f) => f.kind))
  return [...own, ...plain.filter((f) => !kinds.has(f.kind))]
}

const DATE =
  /^(.*?)[-_.]?(\d{4}(?:[-_]?\d{2}(?:[-_]?\d{2}(?:[-_T ]?\d{2}(?:[-_:.]?\d{2}(?:[-_:.]?\d{2}(?:[-_.]?\d{3})?)?)?Z?)?)?)?)$/

function byDefault(file: Listed, prefix: string): { file: FoundFile; own: boolean } | null {
  const [, stem, extension] = /^(.+)\.([A-Za-z]+)$/.exec(file.name) ?? []
  const format = FORMATS[(extension ?? '').toLowerCase()]
  if (!stem || !format) return null
  const [, before, date] = DATE.exec(stem) ?? [, stem, undefined]
  const name = fold(before!)
  const wanted = fold(prefix)
  const own = name.startsWith(`${wanted}_`)
  const kind = KIND_NAMES.get(own ? name.slice(wanted.length + 1) : name)
  return kind ? { file: { ...file, kind, format, order: orderOf(date) }, own } : null
}

function byPattern(file: Listed, pattern: string): { file: FoundFile; own: boolean } | null {
  const source = pattern
    .split(/(\{kind\}|\{date\}|\*)/)
    .map((part) =>
      part === '{kind}'
        ? '(?<kind>.+?)'
        : part === '{date}'
          ? '(?<date>\\d[\\d_:.TZ-]*)'
          : part === '*'
            ? '.*'
            : part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'),
    )
    .join('')
  const match = new RegExp(`^${source}$`, 'i').exec(file.name)
  const format = FORMATS[file.name.split('.').at(-1)!.toLowerCase()]
  const kind = KIND_NAMES.get(fold(match?.groups?.['kind'] ?? ''))
  return kind && format ? { file: { ...file, kind, format, order: orderOf(match!.groups!['date']) }, own: true } : null
}

function orderOf(date: string | undefined): string {
  return date === undefined ? UNDATED : date.replace(/\D/g, '').padEnd(17, '0')
}

function fold(name: string): string {
  return name.toLowerCase().replace(/[\s.-]+/g, '_')
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
