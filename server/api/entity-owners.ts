/** Owners of an entity's fields at an instant, and which of its fields platforms may disagree about. */
import { kindOf } from '../../model/kinds.ts'
import type { Owners, RecordThen } from '../../model/past.ts'
import { whereabouts } from '../../model/whereabouts.ts'
import type { Context } from '../context.ts'

/** Fields that are compared over time: a reference is an id of its platform's own and says nothing by itself. */
export function comparedFields(kind: string): string[] {
  return kindOf(kind)
    .fields.filter((f) => f.type !== 'reference')
    .map((f) => f.name)
}

/** Owners as they were then: by the state and the legal entity that the records said they were in. */
export function ownersOf({ landscape }: Pick<Context, 'landscape'>, kind: string): Owners {
  const known = new WeakMap<readonly RecordThen[], ReturnType<typeof whereabouts>>()
  const placed = (records: readonly RecordThen[]) => {
    const before = known.get(records)
    if (before) return before
    const claims = records.flatMap(({ version: v }) => {
      const legal = v.fields['legal_entity']
      const scope: Record<string, string> = legal?.is === 'value' ? { legal_entity: legal.value! } : {}
      return v.deleted ? [] : [{ platform: v.platform, state: v.state, scope }]
    })
    const found = whereabouts(landscape, kind, claims)
    known.set(records, found)
    return found
  }
  return (field, records) => landscape.owners(kind, field, placed(records))
}
