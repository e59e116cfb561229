/** The form of a connector's settings, made from the schema that the connector brings: what is asked, in which words, what may be left out. */
import { z } from 'zod'
import type { Connector } from '../../connectors/contract.ts'
import { isMarked } from '../config/shape.ts'

interface Base {
  /** Keys from the connector's settings down to this one. */
  path: string[]
  about: string
  required: boolean
}
export type FormField =
  | (Base & { type: 'text' | 'secret' | 'path' | 'number' | 'switch'; default: string | null })
  | (Base & { type: 'choice'; choices: string[]; default: string | null })
  | (Base & { type: 'group'; fields: FormField[] })
  /** One of several shapes, told apart by the value under `by`. */
  | (Base & { type: 'variants'; by: string; variants: { value: string; about: string; fields: FormField[] }[] })
  /** What no form can show: written as YAML. */
  | (Base & { type: 'yaml'; default: null })

interface Json {
  type?: string | string[]
  properties?: Record<string, Json>
  required?: string[]
  enum?: unknown[]
  const?: unknown
  anyOf?: Json[]
  oneOf?: Json[]
  description?: string
  default?: unknown
  mark?: 'secret' | 'path'
}

/** What a plan writes and what a platform sends are decided later: a first look only reads. */
const LATER = new Set(['write', 'webhook'])
const DEPTH_MAX = 4

/** What must be said comes first; the rest keeps the connector's own order. */
export function formOf(connector: Pick<Connector<never>, 'config'>): FormField[] {
  const schema = z.toJSONSchema(connector.config, {
    io: 'input',
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      for (const mark of ['secret', 'path'] as const)
        if (isMarked(zodSchema, mark)) Object.assign(jsonSchema, { type: 'string', mark, anyOf: undefined })
    },
  }) as Json
  return inside(schema, []).filter((f) => !LATER.has(f.path[0]!))
}

/** @param needed false inside of a group that may be left out whole: nothing in it must be said */
function inside(schema: Json, path: string[], needed = true): FormField[] {
  const fields = Object.entries(schema.properties ?? {}).map(([key, inner]) =>
    fieldOf(inner, [...path, key], needed && schema.required?.includes(key) === true),
  )
  return [...fields.filter((f) => f.required), ...fields.filter((f) => !f.required)]
}

function fieldOf(schema: Json, path: string[], required: boolean): FormField {
  const base = { path, about: schema.description ?? '', required }
  const yaml = { ...base, type: 'yaml', default: null } as const
  const shown = schema.default === undefined || typeof schema.default === 'object' ? null : String(schema.default)
  if (schema.mark) return { ...base, type: schema.mark, default: shown }
  const branches = schema.anyOf ?? schema.oneOf
  if (branches) return path.length < DEPTH_MAX ? (variantsOf(base, branches) ?? yaml) : yaml
  if (schema.enum?.every((v) => typeof v === 'string'))
    return { ...base, type: 'choice', choices: schema.enum, default: shown }
  if (schema.type === 'boolean') return { ...base, type: 'switch', default: shown }
  if (schema.type === 'integer' || schema.type === 'number') return { ...base, type: 'number', default: shown }
  if (schema.type === 'string') return { ...base, type: 'text', default: shown }
  if (schema.properties && path.length < DEPTH_MAX)
    return { ...base, type: 'group', fields: inside(schema, path, required) }
  return yaml
}

/** Objects that one constant tells apart, such as ways to sign in; null where the branches are of another sort. */
function variantsOf(base: Base, branches: Json[]): FormField | null {
  const by = Object.entries(branches[0]?.properties ?? {}).find(([, p]) => typeof p.const === 'string')?.[0]
  if (by === undefined || !branches.every((b) => typeof b.properties?.[by]?.const === 'string')) return null
  const variants = branches.map((branch) => {
    const { [by]: told, ...properties } = branch.properties!
    const fields = inside({ ...branch, properties }, base.path)
    return { value: String(told!.const), about: branch.description ?? '', fields }
  })
  return { ...base, type: 'variants', by, variants }
}
