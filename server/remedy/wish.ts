/** A wish: one change that somebody wants on one record, before anybody has looked. Findings, exceptions, hands and undos make them. */
import type { ActionName } from '../../connectors/action.ts'
import { kindOf } from '../../model/kinds.ts'
import type { Config } from '../config/schema.ts'
import type { Fields, Item, Source } from './item.ts'

export interface Wish {
  platform: string
  kind: string
  action: ActionName
  /** Null for `create`. */
  recordId: string | null
  fields: Fields
  references: Record<string, string>
  refs: Record<string, string>
  source: Source | null
  /** Reference field → the wish that makes the record it points to. */
  from: Record<string, Wish>
  entity: string
  money: string | null
  currency: string | null
  legal_entity: string | null
  findings: string[]
  check: string | null
  issue: number | null
  event: Item['event']
  effect: Item['effect']
  /** What the record must hold for the wish to make sense: undo refuses where the value has moved on. */
  expect: Fields | null
  /** When the difference or the event began (ISO): for the order by age. */
  since: string | null
}

/** A wish with everything that most of them lack. */
export function wish(given: Pick<Wish, 'platform' | 'kind' | 'action' | 'recordId' | 'entity'> & Partial<Wish>): Wish {
  return {
    fields: {},
    references: {},
    refs: {},
    source: null,
    from: {},
    money: null,
    currency: null,
    legal_entity: null,
    findings: [],
    check: null,
    issue: null,
    event: null,
    effect: null,
    expect: null,
    since: null,
    ...given,
  }
}

export interface LeftOut {
  platform: string
  kind: string
  record_id: string | null
  why: string
  /** Findings that it would have mended, where findings asked for it. */
  findings?: string[]
}

/** Kinds in the order in which a platform can make them: what is referred to comes first. */
const ORDER = ['product', 'customer', 'contact', 'opportunity', 'quote', 'contract', 'order', 'line', 'shipment']
const LATER = [
  'subscription',
  'entitlement',
  'tenant',
  'onboarding',
  'invoice',
  'posting',
  'payment',
  'credit',
  'case',
  'renewal',
]
const RANK = new Map([...ORDER, ...LATER].map((kind, i) => [kind, i]))
export const rankOf = (kind: string): number => RANK.get(kind) ?? RANK.size

/** What a record holds after the wish: written fields and references, and what holding and cancelling mean. */
export function aim({ action, kind, fields, references, refs }: Wish): Fields {
  const after: Fields = { ...fields, ...references }
  for (const [platform, id] of Object.entries(refs)) after[`refs.${platform}`] = id
  if (action === 'redeliver') return {}
  const has = (field: string) => kindOf(kind).fields.some((f) => f.name === field)
  if (action === 'cancel') {
    const { states } = kindOf(kind)
    const ended = ['cancelled', 'void', 'revoked', 'deprovisioned', 'terminated', 'closed'].find((s) =>
      states.includes(s),
    )
    if (ended) after['state'] ??= ended
  }
  if (action === 'hold' || action === 'release') {
    if (has('credit_hold')) after['credit_hold'] ??= String(action === 'hold')
    else {
      const state = action === 'hold' ? ['paused', 'suspended', 'blocked'] : ['active', 'booked', 'in_progress']
      const found = state.find((s) => kindOf(kind).states.includes(s))
      if (found) after['state'] ??= found
    }
  }
  return after
}

/** The platform's own words for values that go through a reference map: the first code that means the value. */
export function wordsFor(config: Config, platform: string, kind: string, fields: Fields): Record<string, string> {
  const words: Record<string, string> = {}
  const settings = config.platforms[platform]
  if (!settings) return words
  for (const [field, value] of Object.entries(fields)) {
    if (value === null) continue
    const own = settings.mapping?.[kind]?.fields?.[field]
    const name = (typeof own === 'object' ? own.map : undefined) ?? settings.maps?.[`${kind}.${field}`]
    const map = name === undefined ? undefined : config.reference_maps[name]
    if (!map || !('entries' in map)) continue
    for (const who of [platform, settings.connector, settings.role, '*']) {
      const code = Object.entries(map.entries[who] ?? {}).find(([, meaning]) => meaning === value)?.[0]
      if (code === undefined) continue
      words[field] = code
      break
    }
  }
  return words
}
