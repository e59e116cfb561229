/** The dry run: what a plan would cost, which differences would vanish and which would appear, by the model's own comparison. */
import { equalFields } from '../../model/compare.ts'
import { hasKind, kindOf } from '../../model/kinds.ts'
import { whereabouts, type Claim } from '../../model/whereabouts.ts'
import type { Context } from '../context.ts'
import { recordsOfEntities, type PlacedRecord } from '../store/facts/placed-records.ts'
import type { Item } from './item.ts'
import type { Reach } from './reach.ts'
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

const BATCH = 10_000

export async function rejudge(
  ctx: Pick<Context, 'facts' | 'landscape'>,
  reach: Reach,
  items: readonly Item[],
  leftOut: LeftOut[],
  live: number,
): Promise<DryRun> {
  let [vanish, appear] = [0, 0]
  for (const [kind, of] of byKind(items)) {
    for (let i = 0; i < of.length; i += BATCH) {
      const batch = of.slice(i, i + BATCH)
      const records = await recordsOfEntities(ctx.facts, kind, [...new Set(batch.map((x) => x.entity))])
      const judged = differences(ctx, kind, batch, records)
      vanish += judged.vanish
      appear += judged.appear
    }
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
  records: readonly PlacedRecord[],
): { vanish: number; appear: number } {
  const entities = new Map<string, PlacedRecord[]>()
  for (const r of records) {
    if (r.deleted) continue
    const list = entities.get(r.entity_id)
    if (list) list.push(r)
    else entities.set(r.entity_id, [r])
  }
  let [vanish, appear] = [0, 0]
  for (const item of items) {
    const group = entities.get(item.entity) ?? []
    const at = whereabouts(landscape, kind, group.map(claim))
    const written = (r: PlacedRecord, field: string): string | undefined => {
      const mine = r.platform === item.platform && r.record_id === item.request.recordId
      return mine && Object.hasOwn(item.after, field) ? (item.after[field] ?? undefined) : r.values[field]
    }
    for (const name of Object.keys(item.after)) {
      const field = kindOf(kind).fields.find((f) => f.name === name)
      if (!field || field.type === 'reference') continue
      const owner = landscape
        .owners(kind, name, at)
        .map((p) => group.find((r) => r.platform === p))
        .find((r) => r && r.values[name] !== undefined)
      if (!owner) continue
      for (const other of group) {
        if (other === owner || !other.held.includes(name)) continue
        if (landscape.standing(kind, name, other.platform, owner.platform, at) !== 'follower') continue
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
        const after = same(written(owner, name), written(other, name))
        if (!before && after) vanish++
        if (before && !after) appear++
      }
    }
  }
  return { vanish, appear }
}

function claim(r: PlacedRecord): Claim {
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
