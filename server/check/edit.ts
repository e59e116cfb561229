/** Editing: one YAML document seen as a form. A field of the form is a change of the text, which keeps its comments and order. */
import { isMap, isNode, isScalar, parseDocument, stringify } from 'yaml'
import type { Problem } from '../config/problem.ts'
import type { Check } from './contract.ts'
import { readCheck } from './read.ts'

/** Keys of the form: those that every check has. What belongs to its kind is edited as YAML. */
export const FORM_KEYS = ['title', 'why', 'fix', 'kind', 'severity', 'owner', 'window', 'tolerance', 'remedy'] as const
export type FormKey = (typeof FORM_KEYS)[number]

export interface Edited {
  yaml: string
  form: Record<FormKey, string>
  check: Check | null
  problems: Problem[]
}

/** Reads the text; with `set`, after writing these fields into it. An empty field takes its key out. */
export function edited(id: string, yaml: string, set: Partial<Record<FormKey, string>> = {}): Edited {
  let text = yaml
  for (const [key, value] of Object.entries(set)) text = withField(text, key, value)
  const doc = parseDocument(text, { logLevel: 'error' })
  const value: unknown = doc.errors.length === 0 ? doc.toJS() : null
  const held = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  const shown = (key: FormKey) => {
    const at = held[key]
    return typeof at === 'string' || typeof at === 'number' ? String(at) : ''
  }
  const form = Object.fromEntries(FORM_KEYS.map((key) => [key, shown(key)])) as Edited['form']
  return { yaml: text, form, ...readCheck(`${id}.yaml`, id, text, undefined) }
}

/** The text with one key changed, added or taken out; every other byte stays. A text that is no map stays as it is. */
function withField(text: string, key: string, value: string): string {
  const { contents, errors } = parseDocument(text, { logLevel: 'error', keepSourceTokens: true })
  if (errors.length > 0 || (contents !== null && !isMap(contents))) return text
  const pair = contents?.items.find((p) => isScalar(p.key) && p.key.value === key)
  if (!pair || !isScalar(pair.key) || !isNode(pair.value)) return value === '' ? text : added(text, key, value)
  const [from] = pair.key.range!
  const [start, end, after] = pair.value.range!
  if (value === '') return text.slice(0, from) + text.slice(after).replace(/^\n/, '')
  const was = text.slice(start, end)
  const line = written(value).replace(/\n$/, '')
  return text.slice(0, start) + line + (was.endsWith('\n') ? '\n' : '') + text.slice(end)
}

/** A new key stands before the examples, which are long and come last. */
function added(text: string, key: string, value: string): string {
  const line = `${key}: ${written(value).replace(/\n?$/, '\n')}`
  const at = /^examples:/m.exec(text)?.index
  if (at !== undefined) return text.slice(0, at) + line + text.slice(at)
  return text === '' || text.endsWith('\n') ? text + line : `${text}\n${line}`
}

/** One value in YAML: several lines as a block, one as it must be quoted. */
function written(value: string): string {
  if (!value.includes('\n')) return stringify(value, { lineWidth: 0 })
  const lines = value.trimEnd().split('\n')
  return `|\n${lines.map((l) => (l === '' ? '' : `  ${l}`)).join('\n')}\n`
}
