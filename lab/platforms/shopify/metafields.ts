/** Metafields of the simulated shop: fields that Shopify has no place for, ids of other platforms, and the word of a state. */
import { createHash } from 'node:crypto'
import type { SimRecord, SimWrite } from '../../platform.ts'
import type { Plan } from './plans.ts'
import { carriesMetafields, KEPT_KEY, KEY, NAMESPACE, planOf, REFERRED, refKey, STATE, wordOf } from './plans.ts'

/** `namespace.key` → value. */
export function metafieldsOf(record: SimRecord): Record<string, string | null> {
  const { kind, fields, refs } = record
  if (!carriesMetafields(kind)) return {}
  const plan = planOf(kind, record.id)
  const all = [
    ...plan.metafields.map((field) => [field, fields[field] ?? null] as const),
    ...REFERRED.map((platform) => [refKey(platform), refs[platform] ?? null] as const),
    [KEY, fields[KEPT_KEY] ?? null] as const,
    ...(plan.stateWord ? [[STATE, wordOf(record)] as const] : []),
  ]
  return Object.fromEntries(all.map(([key, value]) => [`${NAMESPACE}.${key}`, value]))
}

export const digestOf = (value: string) => createHash('sha256').update(value).digest('hex')

type Change = Required<Pick<SimWrite, 'fields' | 'refs'>> & Pick<SimWrite, 'state'>

/** Null: the shop has no definition of such a metafield. */
export function changeOf(plan: Plan, namespace: unknown, key: string, value: string): Change | null {
  if (namespace !== NAMESPACE) return null
  const platform = REFERRED.find((name) => refKey(name) === key)
  if (platform) return { fields: {}, refs: { [platform]: value } }
  if (key === KEY) return { fields: { [KEPT_KEY]: value }, refs: {} }
  if (key === STATE) return { fields: {}, refs: {}, state: value.replace(/^shop_/, '') }
  return plan.metafields.includes(key) ? { fields: { [key]: value }, refs: {} } : null
}
