/** File drops: a platform that delivers its state as CSV files in canonical columns, each replaced in one step. */
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { kindOf } from '../../model/kinds.ts'
import type { PlatformHistory } from '../history.ts'
import type { SimRecord } from '../platform.ts'

const COMMON = ['record_id', 'status', 'created_at', 'changed_at', 'changed_by', 'deleted', 'merged_into'] as const

/** Text of one cell; quotes where the text would not survive without. */
function cell(value: string | null | undefined): string {
  if (value === null || value === undefined) return ''
  return /[",\r\n]|^\s|\s$/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
}

/** Name of the file of a kind: `customers.csv`, `support-cases.csv`. */
export function fileOf(kind: string): string {
  return `${kindOf(kind).plural.toLowerCase().replace(/\s+/g, '-')}.csv`
}

/** All records of a kind as CSV. A column exists if any record has the field: what nobody has, the platform cannot hold. */
export function csvOf(kind: string, records: readonly SimRecord[]): string {
  const present = new Set(records.flatMap((record) => Object.keys(record.fields)))
  const names = kindOf(kind).fields.map((f) => f.name)
  // Columns that only this platform knows come last.
  const own = [...present].filter((name) => !names.includes(name)).sort()
  const fields = [...names.filter((name) => present.has(name)), ...own]
  const refs = [...new Set(records.flatMap((record) => Object.keys(record.refs)))].sort()
  const lines = [[...COMMON, ...refs.map((name) => `refs.${name}`), ...fields].join(',')]
  for (const record of [...records].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const common = [
      record.id,
      record.oddStatus ?? record.state,
      new Date(record.createdAt).toISOString(),
      new Date(record.changedAt).toISOString(),
      record.changedBy,
      record.deletedAt === undefined ? 'false' : 'true',
      record.mergedInto,
    ]
    lines.push(
      [...common, ...refs.map((name) => record.refs[name]), ...fields.map((name) => record.fields[name])]
        .map(cell)
        .join(','),
    )
  }
  return `${lines.join('\n')}\n`
}

/**
 * Writes what the platform shows now into the folder. The manifest comes last: it says through which instant each
 * file is complete (a stream that stands still is not complete through now) and how many rows the platform has.
 */
export async function dropFiles(folder: string, state: PlatformHistory, now: number): Promise<void> {
  await mkdir(folder, { recursive: true })
  const files: Record<string, { complete_through: string; rows: number }> = {}
  for (const kind of state.kinds()) {
    const name = fileOf(kind)
    await replace(join(folder, name), csvOf(kind, state.records(kind)))
    files[name] = {
      complete_through: new Date(state.frozenSince(kind, now) ?? now).toISOString(),
      rows: state.count(kind),
    }
  }
  await replace(join(folder, 'manifest.json'), `${JSON.stringify({ files }, null, 2)}\n`)
}

async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.part`, text)
  await rename(`${path}.part`, path)
}
