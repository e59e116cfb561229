/** Faults of a contract: a source that drops, adds or retypes a field, and says nothing about it. */
import { HOUR } from '../time.ts'
import type { FaultKind } from './fault.ts'

type Fields = Readonly<Record<string, string | null>>

/** Fields that nothing else is compared with: their going breaks no agreement. */
const CHANGES: readonly { field: string | null; says: string; bend(fields: Fields): Record<string, string | null> }[] =
  [
    {
      field: 'plan',
      says: 'no longer has its plan',
      bend: (fields) => Object.fromEntries(Object.entries(fields).filter(([name]) => name !== 'plan')),
    },
    {
      field: null,
      says: 'has a new field for its region',
      bend: (fields) => ({ ...fields, data_region: 'eu-central' }),
    },
    {
      field: 'seats',
      says: 'spells its seats in words',
      bend: ({ seats, ...fields }) => ({ ...fields, seats: seats ? `${seats} seats` : null }),
    },
  ]

export const schemaChange: FaultKind = {
  drift: 'schema_change',
  about: 'A source dropped, added or retyped a field.',
  leadMs: 30 * HOUR,
  possible: (lab) => lab.provisioning !== null && lab.world.company.histories.get(lab.provisioning)!.shapesRows,
  *plant(lab) {
    const { company } = lab.world
    const platform = lab.provisioning!
    // The same done to the same rows again changes nothing.
    if (lab.turn >= CHANGES.length) return lab.full()
    // Only who has read the old shape before can tell.
    const from = lab.end - (28 - 2 * lab.turn) * HOUR
    if (company.now < from) yield from
    const { field, bend, says } = CHANGES[lab.turn]!
    const { now } = company
    company.histories.get(platform)!.reshape({ kind: 'tenant', from: now, bend })
    lab.done({
      category: 'quality',
      cause: null,
      kind: 'tenant',
      fields: field === null ? [] : [field],
      owner: null,
      platform,
      subjects: [],
      checks: ['collecting/schema'],
      injectedAt: now,
      driftFrom: now,
      healsAt: null,
      alternatives: [],
      // What cannot be read any more is told of value by value.
      alsoExpected: field === null ? [] : [{ categories: ['quality'], kinds: ['tenant'], fields: [field] }],
      says: `a tenant of ${platform} ${says}`,
    })
  },
}
