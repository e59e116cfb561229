/** Reference maps: read from where they are written, this file or one of their own (YAML or CSV). */
import { readFileSync, statSync } from 'node:fs'
import { dirname, extname, isAbsolute, join } from 'node:path'
import { csvRowsOf, OpenQuote, type CsvRow } from '../../connectors/csv-rows.ts'
import { FILE_BYTES_MAX, readDocument } from './document.ts'
import { reportMistakes } from './mistakes.ts'
import { at } from './names.ts'
import { pathText } from './problem.ts'
import type { Path, Problem, Report } from './problem.ts'
import { mapEntries, mapFileSchema } from './rules-schema.ts'

/** The entries of one map, with the way to say something about one of them. */
export interface WrittenMap {
  /** Who → code → canonical value. */
  entries: Record<string, Record<string, string>>
  report(who: string, code: string | null, message: string, detail?: Parameters<Report>[2]): void
}

/** Reads the entries of a map. Null (with problems reported) when they cannot be read. */
export function readMap(
  configFile: string,
  name: string,
  map: unknown,
  report: Report,
  problems: Problem[],
): WrittenMap | null {
  const file = at(map, 'file')
  if (file !== undefined && at(map, 'entries') !== undefined) return null
  if (typeof file !== 'string') {
    const parsed = mapEntries.safeParse(at(map, 'entries'))
    const base = ['reference_maps', name, 'entries']
    return parsed.success
      ? {
          entries: parsed.data,
          report: (who, code, ...rest) => report(code === null ? [...base, who] : [...base, who, code], ...rest),
        }
      : null
  }
  const shown = isAbsolute(file) ? file : join(dirname(configFile), file)
  const here: Path = ['reference_maps', name, 'file']
  let text: string
  try {
    if (statSync(shown).size > FILE_BYTES_MAX) throw new Error(`is larger than ${FILE_BYTES_MAX / 1024 / 1024} MB`)
    text = readFileSync(shown, 'utf8')
  } catch (e) {
    const missing = (e as NodeJS.ErrnoException).code === 'ENOENT'
    report(here, `the file ${shown} ${missing ? 'does not exist' : `cannot be read: ${(e as Error).message}`}`)
    return null
  }
  if (extname(file).toLowerCase() === '.csv') return readCsv(shown, text, problems)
  if (/^\.ya?ml$/i.test(extname(file))) return readYaml(shown, text, problems)
  report(here, 'a reference map is a .yaml, .yml or .csv file')
  return null
}

/** The same words as inline: `entries`, or the whole map with its owner. */
function readYaml(file: string, text: string, problems: Problem[]): WrittenMap | null {
  const doc = readDocument(file, text, problems)
  if (!doc.readable) return null
  const parsed = mapFileSchema.safeParse(doc.value)
  if (!parsed.success) {
    reportMistakes(mapFileSchema, parsed.error.issues, doc.value, [], doc.report)
    return null
  }
  return {
    entries: parsed.data.entries,
    report: (who, code, ...rest) => doc.report(code === null ? ['entries', who] : ['entries', who, code], ...rest),
  }
}

const COLUMNS = ['platform', 'code', 'value']

function readCsv(file: string, text: string, problems: Problem[]): WrittenMap | null {
  const add = (line: number, path: string, message: string, detail: Parameters<Report>[2] = {}) =>
    problems.push({
      level: detail.level ?? 'error',
      file,
      line,
      column: 1,
      path,
      message,
      ...(detail.suggestion !== undefined && { suggestion: detail.suggestion }),
    })
  let rows: CsvRow[]
  try {
    rows = csvRowsOf(text)
  } catch (e) {
    if (!(e instanceof OpenQuote)) throw e
    add(e.line, '', `not valid CSV: ${e.message}; close it, or double the quotes inside the cell`)
    return null
  }
  const [header, ...body] = rows
  const columns = COLUMNS.map((name) => header?.cells.findIndex((cell) => cell.trim().toLowerCase() === name) ?? -1)
  if (columns.includes(-1)) {
    add(1, '', `the first line must name the columns ${COLUMNS.join(', ')}`)
    return null
  }
  const lines = new Map<string, number>()
  // Without prototype: the file chooses the keys.
  const entries = Object.create(null) as WrittenMap['entries']
  for (const { cells, line, fault } of body) {
    const [who = '', code = '', value = ''] = columns.map((i) => cells[i]?.trim())
    const key = JSON.stringify([who, code])
    if (fault) add(line, '', `not valid CSV: ${fault}`)
    else if (who === '' || code === '' || value === '') add(line, '', 'needs a platform (or *), a code and a value')
    else if (lines.has(key)) add(line, pathText([who, code]), `this code is already in line ${lines.get(key)}`)
    else {
      lines.set(key, line)
      if (!lines.has(who)) lines.set(who, line)
      const codes = (entries[who] ??= Object.create(null) as Record<string, string>)
      codes[code] = value
    }
  }
  return {
    entries,
    report: (who, code, message, detail) =>
      void add(
        lines.get(code === null ? who : JSON.stringify([who, code])) ?? 1,
        pathText(code === null ? [who] : [who, code]),
        message,
        detail,
      ),
  }
}
