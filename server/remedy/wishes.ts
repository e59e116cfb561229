/** Wishes from findings: the owner's value to the follower that differs, the missing record with all that it refers to. */
import { kindOf } from '../../model/kinds.ts'
import type { Context } from '../context.ts'
import type { StoredFinding } from '../store/facts/findings.ts'
import { issueNumber } from '../store/facts/findings.ts'
import { recordsOfEntities, type PlacedRecord } from '../store/facts/placed-records.ts'
import type { Reach } from './reach.ts'
import { wish, type LeftOut, type Wish } from './wish.ts'

export interface Wished {
  wishes: Wish[]
  left_out: LeftOut[]
}

/** Records of entities, asked once for each kind and kept. */
interface Shelf {
  of(kind: string, entity: string): Promise<PlacedRecord[]>
}

/** Deepest chain of records that rest on one another. */
const DEEP_MAX = 4

export async function wishesOf(
  ctx: Pick<Context, 'facts' | 'config'>,
  reach: Reach,
  findings: readonly StoredFinding[],
): Promise<Wished> {
  const shelf = await shelfFor(ctx, findings)
  const found: Wished = { wishes: [], left_out: [] }
  const changes = new Map<string, Wish>()
  const creations = new Map<string, Wish>()
  for (const f of findings) {
    const out = (why: string) =>
      void found.left_out.push({
        platform: f.platform ?? '',
        kind: f.kind,
        record_id: f.subject.find((s) => s.platform === f.platform)?.record_id ?? null,
        why,
        findings: [f.id],
      })
    if (f.platform === null || f.owner_platform === null) out('Which platform is wrong is not decided.')
    else if (f.category === 'mismatch' && f.field !== null) {
      const why = await change(f, shelf, changes)
      if (why) out(why)
    } else if (f.category === 'missing') {
      const made = await creation({ shelf, reach, creations }, f, f.kind, f.entity_id, f.platform, f.owner_platform, 0)
      if (typeof made === 'string') out(made)
      else {
        made.findings.push(f.id)
        Object.assign(made, about(f))
      }
    } else out(`Writing does not mend ${f.category}: follow the runbook, or make a plan by hand.`)
  }
  found.wishes.push(...creations.values(), ...changes.values())
  return found
}

const about = (f: StoredFinding) => ({
  check: f.check,
  issue: Number(issueNumber(f.issue)),
  money: f.amount_at_risk,
  currency: f.currency,
  since: f.since,
})

async function shelfFor({ facts }: Pick<Context, 'facts'>, findings: readonly StoredFinding[]): Promise<Shelf> {
  const known = new Map<string, PlacedRecord[]>()
  const keep = async (kind: string, entities: readonly string[]) => {
    for (const e of entities) known.set(`${kind} ${e}`, [])
    for (let i = 0; i < entities.length; i += 10_000)
      for (const r of await recordsOfEntities(facts, kind, entities.slice(i, i + 10_000)))
        known.get(`${kind} ${r.entity_id}`)!.push(r)
  }
  const kinds = new Map<string, Set<string>>()
  for (const f of findings) kinds.set(f.kind, (kinds.get(f.kind) ?? new Set()).add(f.entity_id))
  for (const [kind, entities] of kinds) await keep(kind, [...entities])
  return {
    async of(kind, entity) {
      if (!known.has(`${kind} ${entity}`)) await keep(kind, [entity])
      return known.get(`${kind} ${entity}`)!
    },
  }
}

/** The owner's value to the record that differs; several fields of one record are one write. Says why not. */
async function change(f: StoredFinding, shelf: Shelf, changes: Map<string, Wish>): Promise<string | null> {
  const records = await shelf.of(f.kind, f.entity_id)
  const subject = (platform: string | null) => f.subject.find((s) => s.platform === platform)?.record_id
  const target = records.find((r) => r.platform === f.platform && r.record_id === subject(f.platform) && !r.deleted)
  const owner = records.find(
    (r) => r.platform === f.owner_platform && r.record_id === subject(f.owner_platform) && !r.deleted,
  )
  if (!target || !owner) return 'The records of the finding are not there any more.'
  const field = kindOf(f.kind).fields.find((x) => x.name === f.field)
  const value = owner.values[f.field!]
  if (!field || value === undefined) return 'The owner holds no value to take over.'
  if (owner.unmapped.includes(field.name)) return 'The owner’s code waits for an entry in its reference map.'
  let reference: string | null = null
  if (field.type === 'reference') {
    reference = await counterpart(shelf, field.to ?? [], owner, value, target.platform)
    if (reference === null) return `${target.platform} has no record of what it should refer to.`
  }
  const key = `${target.platform} ${f.kind} ${target.record_id} ${owner.platform}`
  const known =
    changes.get(key) ??
    wish({
      ...{
        platform: target.platform,
        kind: f.kind,
        action: 'set_fields',
        recordId: target.record_id,
        entity: f.entity_id,
      },
      ...{ legal_entity: target.values['legal_entity'] ?? owner.values['legal_entity'] ?? null },
      source: { platform: owner.platform, kind: f.kind, record_id: owner.record_id, fields: {} },
      ...about(f),
    })
  if (reference === null) known.fields[field.name] = value
  else known.references[field.name] = reference
  known.source!.fields[field.name] = value
  // An amount without its currency means nothing to whoever writes it.
  if (field.type === 'money' && field.currency && owner.values[field.currency] !== undefined)
    known.currency ??= owner.values[field.currency]!
  known.findings.push(f.id)
  changes.set(key, known)
  return null
}

interface Making {
  shelf: Shelf
  reach: Reach
  creations: Map<string, Wish>
}

/** The record as its owner has it, made on `platform`, after everything that it refers to. Says why not. */
async function creation(
  m: Making,
  f: StoredFinding,
  kind: string,
  entity: string,
  platform: string,
  ownerPlatform: string,
  deep: number,
): Promise<Wish | string> {
  const key = `${platform} ${kind} ${entity}`
  const known = m.creations.get(key)
  if (known) return known
  if (deep > DEEP_MAX) return 'Too many records rest on one another.'
  const reached = m.reach.action(platform, 'create', kind)
  if (!reached) return `${platform} cannot be told to create a ${kind}.`
  const records = await m.shelf.of(kind, entity)
  const owner = records.find((r) => r.platform === ownerPlatform && !r.deleted)
  if (!owner) return `${ownerPlatform} has no ${kind} to take over.`
  const made = wish({
    ...{ platform, kind, action: 'create', recordId: null, entity },
    ...{ legal_entity: owner.values['legal_entity'] ?? null, since: f.since },
    refs: { [ownerPlatform]: owner.record_id },
    source: { platform: ownerPlatform, kind, record_id: owner.record_id, fields: {} },
  })
  for (const field of kindOf(kind).fields) {
    const value = owner.values[field.name]
    if (value === undefined || owner.unmapped.includes(field.name) || !reached.action.fields.includes(field.name))
      continue
    if (field.type !== 'reference') {
      made.fields[field.name] = value
      made.source!.fields[field.name] = value
      continue
    }
    const there = await counterpart(m.shelf, field.to ?? [], owner, value, platform)
    if (there !== null) made.references[field.name] = there
    else {
      const of = await pointedTo(m.shelf, field.to ?? [], owner, value)
      if (!of) continue
      const first = await creation(m, f, of.kind, of.entity_id, platform, ownerPlatform, deep + 1)
      if (typeof first === 'string') return first
      made.from[field.name] = first
    }
    made.source!.fields[field.name] = value
  }
  m.creations.set(key, made)
  return made
}

/** Id, on `platform`, of the thing that `owner` points to by `id`; null: it is not there. */
async function counterpart(
  shelf: Shelf,
  kinds: readonly string[],
  owner: PlacedRecord,
  id: string,
  platform: string,
): Promise<string | null> {
  const of = await pointedTo(shelf, kinds, owner, id)
  if (!of) return null
  const there = (await shelf.of(of.kind, of.entity_id)).find((r) => r.platform === platform && !r.deleted)
  return there?.record_id ?? null
}

/** The record that `owner` points to. Mostly the customer it belongs to, whose entity it carries. */
async function pointedTo(
  shelf: Shelf,
  kinds: readonly string[],
  owner: PlacedRecord,
  id: string,
): Promise<PlacedRecord | null> {
  if (!kinds.includes('customer') || owner.customer_entity_id === '') return null
  const records = await shelf.of('customer', owner.customer_entity_id)
  return records.find((r) => r.platform === owner.platform && r.record_id === id) ?? null
}
