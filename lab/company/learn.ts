/** Learning: what somebody writes through a platform's API belongs to the company's truth from then on. */
import type { SimRecord, SimWrite } from '../platform.ts'
import type { Company } from './company.ts'
import type { Thing, Values } from './thing.ts'

/**
 * A record that was made is adopted by the thing that it names: changes reach it from now on. A field that was written at
 * its owner is the truth, and travels to the followers as any other change; written at a follower it is only that copy.
 */
export function learn(
  company: Company,
  platform: string,
  before: SimRecord | null,
  after: SimRecord,
  change: SimWrite,
): void {
  const thing = before === null ? adopted(company, platform, after) : thingOf(company, platform, after.kind, after.id)
  if (!thing || before === null) return
  const values: Values = {}
  for (const [field, value] of Object.entries(change.fields ?? {}))
    if (field in thing.values && typeof thing.values[field] !== 'object' && owns(field)) values[field] = value
  const state = change.state !== undefined && change.state !== thing.state && owns('state') ? change.state : undefined
  if (Object.keys(values).length === 0 && state === undefined) return
  company.change(thing, { values, ...(state !== undefined && { state }) }, { source: platform, by: change.by })

  function owns(field: string): boolean {
    return company.owner(thing!, field) === platform
  }
}

/** The thing that a new record names: by another platform's id, else by its number. */
function adopted(company: Company, platform: string, record: SimRecord): Thing | null {
  const number = record.fields['number'] ?? null
  const thing =
    Object.entries(record.refs).flatMap(([other, id]) => thingOf(company, other, record.kind, id) ?? [])[0] ??
    (number === null
      ? undefined
      : company.all(record.kind).find((t) => t.values['number'] === number && !t.on.has(platform)))
  if (!thing || thing.on.has(platform)) return null
  thing.on.set(platform, { id: record.id, since: company.now, last: company.now })
  thing.lost.delete(platform)
  return thing
}

/** The thing that a platform's record is a copy of. */
function thingOf(company: Company, platform: string, kind: string, id: string): Thing | null {
  return company.all(kind).find((thing) => thing.on.get(platform)?.id === id) ?? null
}
