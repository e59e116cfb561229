/** Agreement of custom fields: values that only the configuration knows are compared as text, spaces around them aside. */
import type { Field } from '../../../model/fields.ts'
import { fieldOf } from '../../../model/kinds.ts'
import { customSql, isCustom, isCustomName } from '../../store/facts/custom-field.ts'
import { namedTuple } from './holders.ts'

/** As a field of the model, without a place in its masks. What it holds may be about a person. */
export function customField(name: string): Field {
  const label = name.slice('custom.'.length)
  return { name, label, type: 'code', group: 'custom', about: '', sensitivity: 'personal', bit: -1 }
}

export const anyField = (kind: string, name: string): Field =>
  isCustom(name) ? customField(name) : fieldOf(kind, name)

/** Those that a check names; no pattern stands for them. */
export const customFields = (fields: readonly string[], except: readonly string[]): Field[] =>
  fields.filter((name) => isCustomName(name) && !except.includes(name)).map(customField)

export function customCell({ name }: Field): string {
  const { held, value, key } = customSql(name)
  const none = `cast(null, 'Nullable(String)')`
  return namedTuple([
    ['platform', 'toString(platform)'],
    ['record_id', 'record_id'],
    ['is', `multiIf(not ${held}, 'cannot_hold', ${key} is null, 'empty', 'value')`],
    ['value', value],
    ['key', key],
    ['raw', none],
    ['currency', none],
  ])
}

/** Two records have different values, or one has none where another has. */
export function customDiffers({ name }: Field): string {
  const { held, key } = customSql(name)
  return `ifNull(min(${key}) != max(${key}), 0) or (count(${key}) > 0 and max(${held} and ${key} is null) != 0)`
}
