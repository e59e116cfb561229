/** The dry run: what a plan would cost, which differences would vanish and which would appear, by the model's own comparison. */
import { equalFields } from '../../model/compare.ts'
import { hasKind, kindOf } from '../../model/kinds.ts'
import { whereabouts, type Claim } from '../../model/whereabouts.ts'
import type { Context } from '../context.ts'
import { heldOfEntities, type HeldRecord } from '../store/facts/held-records.ts'
import type { Item } from './item.ts'
import type { Reach } from './reach.ts'
import { ALWAYS, inEntities, type Shelf } from './shelf.ts'
import type { LeftOut } from './wish.ts'

export interface DryRun {
  items: number
  /** Records that were looked at on the platform itself; the others as they were read last. */
  live: number
  left_out: LeftOut[]
  platforms: {
    platform: string
    writes: number
    /** Calls in all: to look, to write and to read back. */
    calls: number
    /** Left in the window now; null: not known. */
    remaining: number | null
    seconds: number | null
  }[]
  /** Differences between platforms, by owner and follower. */
  vanish: number
  appear: number
  reversible: number
}

export interface Simulated {
  leftOut: LeftOut[]
  /** Records that were looked at on the platform itself. */
  live: number
  /** What was read of them and their copies; null: not read yet. */
  shelf: Shelf | null
}

export async function rejudge(
  ctx: Pick<Context, 'facts' | 'landscape'>,
  reach: Reach,
  items: readonly Item[],
  { leftOut, live, shelf }: Simulated,
): Promise<DryRun> {
  let [vanish, appear] = [0, 0]
  for (const [kind, of] of byKind(items)) {
    const known = shelf?.get(kind) ?? (await read(ctx, kind, of))
    const judged = differences(ctx, kind, of, known)
    vanish += judged.vanish
    appear += judged.appear
  }
  return {
    items: items.length,
    live,
    left_out: leftOut,
    platforms: costs(reach, items),
    vanish,
    appear,
    reversible: items.filter((i) => i.undo !== null).length,
  }
}

async function read({ facts }: Pick<Context, 'facts'>, kind: string, items: readonly Item[]): Promise<Entities> {
  const fields = new Set([...ALWAYS, ...items.flatMap((i) => Object.keys(i.after))])
  return inEntities(await heldOfEntities(facts, kind, [...new Set(items.map((i) => i.entity))], fields))
}

type Entities = ReadonlyMap<string, HeldRecord[]>

function byKind(items: readonly Item[]): Map<string, Item[]> {
  const found = new Map<string, Item[]>()
  for (const item of items) {
    const { kind, action } = item.request
    if (action !== 'set_fields' || !hasKind(kind)) continue
    const list = found.get(kind)
    if (list) list.push(item)
    else found.set(kind, [item])
  }
  return found
}

/** Pairs of owner and follower that differ before and after, of the fields that are written. */
export function differences(
  { landscape }: Pick<Context, 'landscape'>,
  kind: string,
  items: readonly Item[],
  entities: Entities,
): { vanish: number; appear: number } {
  let [vanish, appear] = [0, 0]
  const fields = new Map(kindOf(kind).fields.map((f) => [f.name, f]))
  const relations = relationsOf(landscape, kind)
  for (const item of items) {
    const group = (entities.get(item.entity) ?? []).filter((r) => !r.deleted)
    const mine = group.find((r) => r.platform === item.platform && r.record_id === item.request.recordId)
    const { owners, follows } = relations(group)
    for (const name of Object.keys(item.after)) {
      const field = fields.get(name)
      if (!field || field.type === 'reference') continue
      const owner = firstWith(owners(name), group, name)
      if (!owner) continue
      const written = (r: HeldRecord) => (r === mine ? (item.after[name] ?? undefined) : r.values[name])
      for (const other of group) {
        // Where neither is written nothing changes between them.
        if (other === owner || (other !== mine && owner !== mine) || !other.held.includes(name)) continue
        if (!follows(name, other.platform, owner.platform)) continue
        const same = (a: string | undefined, b: string | undefined) =>
          a === b ||
          (a !== undefined &&
            b !== undefined &&
            equalFields(
              field,
              { value: a, currency: owner.values['currency'] },
              { value: b, currency: other.values['currency'] },
            ).equal)
        const before = same(owner.values[name], other.values[name])
        const after = same(written(owner), written(other))
        if (!before && after) vanish++
        if (before && !after) appear++
      }
    }
  }
  return { vanish, appear }
}

function firstWith(owners: readonly string[], group: readonly HeldRecord[], name: string): HeldRecord | undefined {
  for (const platform of owners) {
    const found = group.find((r) => r.platform === platform)
    if (found?.values[name] !== undefined) return found
  }
  return undefined
}

interface Relations {
  owners(field: string): readonly string[]
  follows(field: string, platform: string, owner: string): boolean
}

/** Who owns what and who follows, worked out once for all entities whose records stand alike. */
function relationsOf(landscape: Context['landscape'], kind: string): (group: readonly HeldRecord[]) => Relations {
  const known = new Map<string, Relations>()
  return (group) => {
    const claims = group.map(claim)
    const key = JSON.stringify(claims)
    const found = known.get(key)
    if (found) return found
    const at = whereabouts(landscape, kind, claims)
    const made: Relations = {
      owners: once((field) => landscape.owners(kind, field, at)),
      follows: once((field, platform, owner) => landscape.standing(kind, field, platform, owner, at) === 'follower'),
    }
    known.set(key, made)
    return made
  }
}

function once<T>(ask: (...names: string[]) => T): (...names: string[]) => T {
  const known = new Map<string, T>()
  return (...names) => {
    const key = names.join(' ')
    let answer = known.get(key)
    if (answer === undefined) known.set(key, (answer = ask(...names)))
    return answer
  }
}

function claim(r: HeldRecord): Claim {
  const scope: Record<string, string> = {}
  for (const name of ['legal_entity', 'region', 'brand']) if (r.values[name]) scope[name] = r.values[name]!
  return { platform: r.platform, state: r.unmapped.includes('state') ? null : (r.values['state'] ?? null), scope }
}

function costs(reach: Reach, items: readonly Item[]): DryRun['platforms'] {
  const found = new Map<string, { writes: number; calls: number }>()
  const count = (platform: string, calls: number, writes = 0) => {
    const c = found.get(platform) ?? { writes: 0, calls: 0 }
    found.set(platform, { writes: c.writes + writes, calls: c.calls + calls })
  }
  for (const item of items) {
    // One look before, one after; the owner is asked once.
    const looks = item.request.action === 'redeliver' ? 0 : 2
    count(item.platform, item.calls.length + looks, 1)
    if (item.source) count(item.source.platform, 1)
  }
  return [...found].map(([platform, { writes, calls }]) => {
    const budget = reach.budget(platform)
    return {
      platform,
      writes,
      calls,
      remaining: budget?.remaining ?? null,
      seconds: budget && budget.perSecond > 0 ? Math.ceil(calls / budget.perSecond) : null,
    }
  })
}
