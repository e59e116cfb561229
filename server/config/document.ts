/** A YAML document: its value, and for every key and value the line and column where it is written. */
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import type { Document, Node } from 'yaml'
import { pathText } from './problem.ts'
import type { Path, Problem, Report } from './problem.ts'

export interface Place {
  line: number
  column: number
}

export interface YamlDocument {
  file: string
  /** Plain value; `{}` for an empty document, undefined when it cannot be read at all. */
  value: unknown
  /** False where the text is no YAML: then the value is a guess. */
  readable: boolean
  report: Report
  /** Nearest written place: a key that is missing is placed at what should hold it. */
  place(path: Path, on?: 'key' | 'value'): Place
}

/** More than any real landscape needs, and little enough to hold. */
export const FILE_BYTES_MAX = 16 * 1024 * 1024

/** Problems go to the list given. */
export function readDocument(file: string, text: string, problems: Problem[]): YamlDocument {
  const lines = new LineCounter()
  const doc = parseDocument(text, {
    lineCounter: lines,
    uniqueKeys: false,
    prettyErrors: false,
    merge: true,
    logLevel: 'error',
  })
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(Math.min(offset, text.length))
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  let readable = doc.errors.length === 0
  const add = (at: Place, path: string, message: string) =>
    problems.push({ level: 'error', file, ...at, path, message })

  for (const e of [...doc.errors, ...doc.warnings]) add(placeAt(e.pos[0]), '', syntaxMessage(e.code, e.message))

  const places: Places = new Map()
  let value: unknown
  try {
    value = doc.toJS() ?? {}
    index(doc, places, (at, path, message) => {
      const first = message === null ? placeAt(places.get(placeKey(path))!.key).line : 0
      add(placeAt(at), pathText(path), message ?? duplicateMessage(path, first))
    })
  } catch (e) {
    // An alias without anchor, or one that explodes.
    readable = false
    const { message } = e as Error
    const alias = /: (\S+)$/.exec(message)?.[1]
    const offset = alias === undefined ? -1 : text.indexOf(`*${alias}`)
    add(
      placeAt(Math.max(offset, 0)),
      '',
      alias === undefined
        ? `cannot be read: ${message}`
        : `*${alias} repeats something that has no anchor &${alias} before it`,
    )
  }

  const place: YamlDocument['place'] = (path, on = 'value') => {
    const exact = places.get(placeKey(path))
    if (exact) return placeAt(exact[on])
    for (let n = path.length - 1; n > 0; n--) {
      const holder = places.get(placeKey(path.slice(0, n)))
      if (holder) return placeAt(holder.key)
    }
    return { line: 1, column: 1 }
  }
  const report: Report = (path, message, { suggestion, level = 'error', on = 'value' } = {}) => {
    const at = place(path, on)
    problems.push({
      level,
      file,
      ...at,
      path: pathText(path),
      message,
      ...(suggestion !== undefined && { suggestion }),
    })
  }
  return { file, value, readable, report, place }
}

type Places = Map<string, { key: number; value: number }>

/** An anchor may hold itself; no configuration is this deep. */
const DEPTH_MAX = 32

/** Fills `places` with the offset of every key and value, and tells of wrong keys; null: it is written twice. */
function index(doc: Document, places: Places, wrong: (at: number, path: Path, message: string | null) => void): void {
  const walk = (node: Node | null | undefined, path: Path): void => {
    if (path.length > DEPTH_MAX) return
    if (isAlias(node)) return walk(node.resolve(doc), path)
    const start = node?.range?.[0] ?? 0
    if (isSeq(node)) {
      node.items.forEach((item, i) => {
        const at = (item as Node | null)?.range?.[0] ?? start
        places.set(placeKey([...path, i]), { key: at, value: at })
        walk(item as Node, [...path, i])
      })
    } else if (isMap(node)) {
      const seen = new Set<string>()
      for (const pair of node.items) {
        const keyNode = pair.key as Node | null
        const valueNode = pair.value as Node | null
        const key = isScalar(keyNode) ? String(keyNode.value) : String(keyNode)
        const at = keyNode?.range?.[0] ?? start
        if (isMap(keyNode) || isSeq(keyNode)) wrong(at, path, 'a list or mapping stands where a key should be')
        else if (seen.has(key) && key !== '<<') wrong(at, [...path, key], null)
        seen.add(key)
        places.set(placeKey([...path, key]), { key: at, value: valueNode?.range?.[0] ?? at })
        walk(valueNode, [...path, key])
      }
    }
  }
  walk(doc.contents as Node | null, [])
}

const placeKey = (path: Path) => JSON.stringify(path.map(String))

function duplicateMessage(path: Path, line: number): string {
  if (path.length === 2 && path[0] === 'platforms')
    return `two platforms have the name "${path[1]}" (the other is in line ${line}); give each platform its own name`
  return `this key is already written in line ${line}; keep one of them`
}

/** The parser's sentences, where ours can say what to do. */
function syntaxMessage(code: string, message: string): string {
  if (code === 'TAB_AS_INDENT') return 'a tab is used to indent; YAML wants spaces'
  if (code === 'MULTIPLE_DOCS') return 'the file holds several YAML documents; keep one and remove the line ---'
  const sentence = message.replace(/;? ?Please.*$|;? ?please use YAML.*$/, '').trim()
  return `not valid YAML: ${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`
}
