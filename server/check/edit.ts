/** Editing: one YAML document seen as a form. A field of the form is a change of the text, which keeps its comments and order. */
import { parseDocument } from 'yaml'
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
  const doc = parseDocument(yaml, { logLevel: 'error' })
  let text = yaml
  if (doc.errors.length === 0 && Object.keys(set).length > 0) {
    for (const [key, value] of Object.entries(set)) {
      if (value === '') doc.delete(key)
      else doc.set(key, value)
    }
    text = doc.toString({ lineWidth: 120 })
  }
  const value: unknown = doc.errors.length === 0 ? doc.toJS() : null
  const held = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  const shown = (key: FormKey) => {
    const at = held[key]
    return typeof at === 'string' || typeof at === 'number' ? String(at) : ''
  }
  const form = Object.fromEntries(FORM_KEYS.map((key) => [key, shown(key)])) as Edited['form']
  return { yaml: text, form, ...readCheck(`${id}.yaml`, id, text, undefined) }
}
