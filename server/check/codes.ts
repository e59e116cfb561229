/**
 * Codes: what a code without an entry most likely means, learned from the same entities on other platforms, and what
 * entering it would do. Pure: a proposal is never applied by itself.
 */
import { fieldOf } from '../../model/kinds.ts'
import type { Landscape } from '../../model/landscape.ts'
import type { CodeGroup } from '../store/facts/codes.ts'

export interface WaitingCode {
  platform: string
  kind: string
  field: string
  code: string
  records: number
  record_ids: string[]
  since: string | null
  latest: string | null
}

export interface Answer {
  value: string
  /** Records whose entity says so elsewhere. */
  support: number
}

export interface CounterExample {
  entity_id: string
  /** Platform that says otherwise, and what. */
  platform: string
  value: string
}

export interface Proposal extends WaitingCode {
  /** Null: nothing is known of these entities elsewhere. */
  value: string | null
  support: number
  /** Records whose entity says something else. */
  against: number
  /** Records of which no other platform says anything. */
  silent: number
  /** Lower end of what the share of right records may be, by 95 %. */
  confidence: number
  sure: boolean
  others: Answer[]
  counter_examples: CounterExample[]
  /** What the entry would do to findings, judged on the records as they are. */
  effect: { vanish: number; appear: number; appear_on: CounterExample[] }
}

/** Support and confidence from which a proposal may be taken over without much thought. */
const SURE_SUPPORT = 5
const SURE_CONFIDENCE = 0.8

/** One line a code, most records first. */
export function waiting(groups: readonly CodeGroup[]): WaitingCode[] {
  const found = new Map<string, WaitingCode>()
  for (const g of groups) {
    const key = keyOf(g)
    const known = found.get(key)
    if (!known)
      found.set(key, {
        platform: g.platform,
        kind: g.kind,
        field: g.field,
        code: g.code,
        records: g.records,
        record_ids: [...g.record_ids],
        since: g.since,
        latest: g.latest,
      })
    else {
      known.records += g.records
      known.record_ids = [...known.record_ids, ...g.record_ids].slice(0, 5)
      if (g.since !== null && (known.since === null || g.since < known.since)) known.since = g.since
      if (g.latest !== null && (known.latest === null || g.latest > known.latest)) known.latest = g.latest
    }
  }
  return [...found.values()].sort((a, b) => b.records - a.records || (keyOf(a) < keyOf(b) ? -1 : 1))
}

const keyOf = (c: Pick<CodeGroup, 'platform' | 'kind' | 'field' | 'code'>) =>
  JSON.stringify([c.platform, c.kind, c.field, c.code])

export function proposals(groups: readonly CodeGroup[], landscape: Landscape): Proposal[] {
  const byCode = new Map<string, CodeGroup[]>()
  for (const g of groups) byCode.set(keyOf(g), [...(byCode.get(keyOf(g)) ?? []), g])
  return waiting(groups).map((code) => propose(code, byCode.get(keyOf(code))!, landscape))
}

interface Vote {
  group: CodeGroup
  /** Who speaks for the entity, and what it says; null: nobody does. */
  by: string | null
  value: string | null
}

function propose(code: WaitingCode, groups: readonly CodeGroup[], landscape: Landscape): Proposal {
  const votes = groups.map((group): Vote => ({ group, ...speaks(group, landscape) }))
  const tally = new Map<string, number>()
  for (const v of votes)
    if (v.value !== null && legal(code, v.value)) tally.set(v.value, (tally.get(v.value) ?? 0) + v.group.records)
  const ranked = [...tally].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
  const [value = null, support = 0] = ranked[0] ?? []
  const heard = votes.filter((v) => v.value !== null).reduce((sum, v) => sum + v.group.records, 0)
  const silent = code.records - heard
  const against = votes.filter((v) => v.value !== null && v.value !== value)
  const counter = against.flatMap((v) =>
    v.group.entities.map((entity_id) => ({ entity_id, platform: v.by!, value: v.value! })),
  )
  const confidence = wilson(support, heard)
  const appear = value === null ? [] : edges(votes, code, value, landscape)
  return {
    ...code,
    value,
    support,
    against: heard - support,
    silent,
    confidence,
    sure: support >= SURE_SUPPORT && confidence >= SURE_CONFIDENCE,
    others: ranked.slice(1, 6).map(([other, n]) => ({ value: other, support: n })),
    counter_examples: counter.slice(0, 10),
    effect: {
      vanish: value === null ? 0 : code.records - appear.reduce((sum, a) => sum + a.records, 0),
      appear: appear.reduce((sum, a) => sum + a.records, 0),
      appear_on: appear.flatMap((a) => a.on).slice(0, 10),
    },
  }
}

/** The owner's word counts where it has one; else the others', where they are of one mind. */
function speaks(group: CodeGroup, landscape: Landscape): { by: string | null; value: string | null } {
  const owners = landscape.owners(group.kind, group.field, { state: null, scope: {} })
  for (const owner of owners) {
    const said = group.said.find(([platform]) => platform === owner)
    if (said) return { by: owner, value: said[1] }
  }
  const values = new Set(group.said.map(([, value]) => value))
  return values.size === 1 ? { by: group.said[0]![0], value: group.said[0]![1] } : { by: null, value: null }
}

/** Records on which the entry would show a difference: where who speaks says something else than the entry. */
function edges(votes: readonly Vote[], code: WaitingCode, value: string, landscape: Landscape) {
  return votes.flatMap((v) => {
    const { group } = v
    const owners = landscape.owners(group.kind, group.field, { state: null, scope: {} })
    const rank = (p: string) => (owners.includes(p) ? owners.indexOf(p) : Infinity)
    // The code's own platform may be the one that speaks: then the others are held against it.
    const mine = group.said.length > 0 && rank(code.platform) < Math.min(...group.said.map(([p]) => rank(p)))
    const against = (mine ? group.said : v.by === null ? [] : [[v.by, v.value!] as [string, string]]).filter(
      ([platform, said]) =>
        said !== value && counts(group, mine ? platform : code.platform, mine ? code.platform : platform, landscape),
    )
    if (against.length === 0) return []
    return [
      {
        records: group.records,
        on: group.entities.map((entity_id) => ({ entity_id, platform: against[0]![0], value: against[0]![1] })),
      },
    ]
  })
}

function counts(group: CodeGroup, follower: string, owner: string, landscape: Landscape): boolean {
  const stands = landscape.standing(group.kind, group.field, follower, owner, { state: null, scope: {} })
  return stands !== 'advisory' && stands !== 'absent'
}

/** An enumeration knows only its own values. */
function legal({ kind, field }: WaitingCode, value: string): boolean {
  const { of } = fieldOf(kind, field)
  return of === undefined || of.includes(value)
}

/** Lower end of Wilson's interval for a share of right answers, 95 %. */
export function wilson(right: number, all: number): number {
  if (all === 0) return 0
  const z = 1.96
  const p = right / all
  const low =
    (p + (z * z) / (2 * all) - z * Math.sqrt((p * (1 - p)) / all + (z * z) / (4 * all * all))) / (1 + (z * z) / all)
  return Math.max(0, Math.round(low * 1000) / 1000)
}

export interface Conflict {
  kind: string
  field: string
  code: string
  /** What the code means on each platform: by its entry, or as learned. */
  means: { platform: string; value: string; by: 'entry' | 'learned'; records: number }[]
}

/** Codes that mean two things: on two platforms, or by their entry and by what the other platforms say. */
export function conflicting(
  mapped: readonly CodeGroup[],
  proposed: readonly Proposal[],
  landscape: Landscape,
): Conflict[] {
  const found = new Map<string, Conflict>()
  const add = (kind: string, field: string, code: string, means: Conflict['means'][number]) => {
    const key = JSON.stringify([kind, field, code.trim().toLowerCase()])
    const conflict = found.get(key) ?? { kind, field, code, means: [] }
    found.set(key, conflict)
    const known = conflict.means.find(
      (m) => m.platform === means.platform && m.value === means.value && m.by === means.by,
    )
    if (known) known.records += means.records
    else conflict.means.push({ ...means })
  }
  for (const g of mapped) {
    if (g.value === null) continue
    add(g.kind, g.field, g.code, { platform: g.platform, value: g.value, by: 'entry', records: g.records })
  }
  for (const p of [...proposed, ...proposals(mapped, landscape)])
    if (p.value !== null && p.sure)
      add(p.kind, p.field, p.code, { platform: p.platform, value: p.value, by: 'learned', records: p.support })
  return [...found.values()]
    .filter((c) => new Set(c.means.map((m) => m.value)).size > 1)
    .map((c) => ({ ...c, means: c.means.sort((a, b) => (a.platform < b.platform ? -1 : 1) || (a.by < b.by ? -1 : 1)) }))
    .sort((a, b) => total(b) - total(a))
}

const total = (c: Conflict) => c.means.reduce((sum, m) => sum + m.records, 0)

/** The entries to copy into plumbline.yaml: under the map that the platform uses, or a new one with the line that names it. */
export function snippet(
  p: Pick<Proposal, 'platform' | 'kind' | 'field' | 'code' | 'value'>,
  map: string | null,
): string {
  if (p.value === null) return ''
  const name = map ?? `${p.kind}_${p.field.replaceAll('.', '_')}`
  const entry = [
    `reference_maps:`,
    `  ${name}:`,
    `    entries:`,
    `      ${p.platform}:`,
    `        ${JSON.stringify(p.code)}: ${p.value}`,
  ]
  const use = map === null ? [`platforms:`, `  ${p.platform}:`, `    maps: { ${p.kind}.${p.field}: ${name} }`] : []
  return `${[...entry, ...use].join('\n')}\n`
}
