/** Own changes: what became different in the product's own configuration, and since when it is in force. Looked at before every look. */
import { createHash } from 'node:crypto'
import type { Context } from '../../context.ts'

export interface OwnChange {
  /** Epoch ms at which it was first in force. */
  at: number
  /** Platform whose mapping or settings changed; null: what holds for all. */
  platform: string | null
  says: string
}

const KEY = 'own changes'
/** Changes that are kept. */
const KEPT = 500

interface Kept {
  prints: Record<string, string>
  changes: OwnChange[]
}

type Named = { name: string; platform: string | null; says: string; of: unknown }

/** What is told apart, so that a change can be named. */
function partsOf({ config, checks }: Pick<Context, 'config' | 'checks'>): Named[] {
  const platforms = Object.entries(config.platforms).flatMap(([name, p]): Named[] => [
    {
      name: `mapping ${name}`,
      platform: name,
      says: `the mapping of ${name} was changed`,
      of: [p.mapping, p.maps, p.timezone],
    },
    {
      name: `platform ${name}`,
      platform: name,
      says: `the role, scope or ownership of ${name} was changed`,
      of: [p.role, p.scope, p.owns, p.maintenance],
    },
  ])
  return [
    ...platforms,
    { name: 'maps', platform: null, says: 'a reference map was changed', of: config.reference_maps },
    {
      name: 'ownership',
      platform: null,
      says: 'the ownership of fields was changed',
      of: [config.ownership, config.issuer],
    },
    {
      name: 'edges',
      platform: null,
      says: 'windows or tolerances of edges were changed',
      of: [config.edges, config.calendars],
    },
    {
      name: 'checks',
      platform: null,
      says: 'checks were added, taken away or changed',
      of: checks.map((c) => [c.id, c.version]),
    },
  ]
}

const print = (of: unknown) =>
  createHash('sha256')
    .update(JSON.stringify(of ?? null))
    .digest('hex')
    .slice(0, 16)

/** Compares with what was in force at the last look; the first look of all has nothing to compare with. */
export function noticeOwnChanges(ctx: Pick<Context, 'config' | 'checks' | 'control' | 'clock'>): OwnChange[] {
  const before = kept(ctx.control.get(KEY))
  const parts = partsOf(ctx)
  const prints = Object.fromEntries(parts.map((p) => [p.name, print(p.of)]))
  const fresh = before
    ? parts
        // A platform that is new or gone changes nothing of what was seen before.
        .filter((p) => before.prints[p.name] !== undefined && before.prints[p.name] !== prints[p.name])
        .map(({ platform, says }): OwnChange => ({ at: ctx.clock.now(), platform, says }))
    : []
  if (fresh.length > 0 || JSON.stringify(before?.prints) !== JSON.stringify(prints))
    ctx.control.set(
      KEY,
      JSON.stringify({ prints, changes: [...(before?.changes ?? []), ...fresh].slice(-KEPT) } satisfies Kept),
    )
  return fresh
}

export const ownChanges = ({ control }: Pick<Context, 'control'>): OwnChange[] => kept(control.get(KEY))?.changes ?? []

const kept = (text: string | null): Kept | null => (text === null ? null : (JSON.parse(text) as Kept))
