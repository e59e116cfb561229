/**
 * Past: what each platform's records said of one entity, and when. States at an instant, what differs between two
 * instants, and the spans during which platforms disagreed with what began each. Pure; shared by server and tests.
 */
import type { FieldState } from './fields.ts'

/** A field of one version of a record. */
export interface Said {
  is: FieldState
  /** Canonical text; null unless it is a value or an unmapped code. */
  value: string | null
  /** What is compared; null unless it is a value. */
  key: string | null
}

/** One state of a record, known from an instant until its next version. Instants are epoch ms. */
export interface Version {
  platform: string
  record_id: string
  /** Number that rises with every version of the store. */
  seq: string
  observedAt: number
  changedAt: number | null
  changedBy: string | null
  correlationId: string | null
  deleted: boolean
  mergedInto: string | null
  state: string | null
  fields: Readonly<Record<string, Said>>
}

/** The spans during which a record was known to belong to the entity. */
export interface Membership {
  platform: string
  record_id: string
  spans: readonly { from: number; to: number | null; rule: string; evidence: string }[]
}

export interface EntityPast {
  entity: string
  kind: string
  memberships: readonly Membership[]
  /** Of all records that ever belonged to it, in order of `seq`. */
  versions: readonly Version[]
}

export interface RecordThen {
  version: Version
  link: Membership['spans'][number]
}

const keyOf = (r: { platform: string; record_id: string }) => `${r.platform}\n${r.record_id}`

/** The records of the entity as known at an instant: those that belonged to it then, each in its latest version. */
export function recordsAt(past: EntityPast, at: number): RecordThen[] {
  const latest = new Map<string, Version>()
  for (const v of past.versions) if (v.observedAt <= at) latest.set(keyOf(v), v)
  return past.memberships
    .flatMap((m): RecordThen[] => {
      const link = m.spans.find((s) => s.from <= at && (s.to === null || at < s.to))
      const version = latest.get(keyOf(m))
      return link && version ? [{ version, link }] : []
    })
    .sort((a, b) => (keyOf(a.version) < keyOf(b.version) ? -1 : 1))
}

/** Every instant at which the entity became another than it was, oldest first. */
export function turningPoints(past: EntityPast): number[] {
  const own = past.memberships.flatMap((m) => m.spans.flatMap((s) => [s.from, ...(s.to === null ? [] : [s.to])]))
  return [...new Set([...own, ...past.versions.map((v) => v.observedAt)])].sort((a, b) => a - b)
}

/** Who speaks for a field: platforms in the order in which they are asked. */
export type Owners = (field: string, records: readonly RecordThen[]) => readonly string[]

/** A span during which platforms said different things about one field. */
export interface Disagreement {
  field: string
  from: number
  /** Null: they still do. */
  to: number | null
  owner: string | null
  /** What each platform said when it began. */
  said: { platform: string; record_id: string; is: FieldState; value: string | null }[]
  began: Beginning
}

export const BEGINNINGS = ['owner_changed', 'follower_wrote', 'appeared', 'joined', 'left'] as const

/**
 * What made them disagree: the owner took a new value that others did not have; a follower wrote another one; a record
 * appeared that differs; a record came to be known as the same thing, or no longer.
 */
export interface Beginning {
  is: (typeof BEGINNINGS)[number]
  platform: string
  record_id: string
  /** The version that brought it; null where a link did. */
  version: Version | null
  before: string | null
  after: string | null
}

/** Do live records say different things about the field? The owner's empty value has no voice; a follower's empty one against a value is a difference. */
export function differ(field: string, records: readonly RecordThen[], owner: string | null): boolean {
  const told = records.flatMap((r) => {
    const said = r.version.fields[field]
    return !r.version.deleted && said && (said.is === 'value' || said.is === 'empty')
      ? [{ ...said, platform: r.version.platform }]
      : []
  })
  const keys = new Set(told.flatMap((t) => (t.is === 'value' && t.key !== null ? [t.key] : [])))
  if (keys.size > 1) return true
  return keys.size === 1 && told.some((t) => t.is === 'empty' && t.platform !== owner)
}

/** The first platform of the owners that has a value. */
export function speaker(field: string, records: readonly RecordThen[], owners: Owners): string | null {
  const speaks = (p: string) =>
    records.some((r) => r.version.platform === p && !r.version.deleted && r.version.fields[field]?.is === 'value')
  return owners(field, records).find(speaks) ?? null
}

/** Spans of disagreement over these fields, oldest first, over everything that is known. */
export function disagreements(past: EntityPast, fields: readonly string[], owners: Owners): Disagreement[] {
  const all: Disagreement[] = []
  const open = new Map<string, Disagreement>()
  let before: RecordThen[] = []
  for (const at of turningPoints(past)) {
    const now = recordsAt(past, at)
    for (const field of fields) {
      const owner = speaker(field, now, owners)
      const is = differ(field, now, owner)
      const known = open.get(field)
      if (is && !known) {
        const found: Disagreement = {
          field,
          from: at,
          to: null,
          owner,
          said: now.map(({ version: v }) => ({
            platform: v.platform,
            record_id: v.record_id,
            is: v.fields[field]?.is ?? 'cannot_hold',
            value: v.fields[field]?.value ?? null,
          })),
          began: beginning(field, before, now, owner),
        }
        open.set(field, found)
        all.push(found)
      } else if (!is && known) {
        known.to = at
        open.delete(field)
      }
    }
    before = now
  }
  return all
}

/** Which of the records moved the field between two turning points; of several the follower's own writing explains least. */
function beginning(
  field: string,
  before: readonly RecordThen[],
  now: readonly RecordThen[],
  owner: string | null,
): Beginning {
  const was = new Map(before.map((r) => [keyOf(r.version), r]))
  const text = (v: Version | undefined) => v?.fields[field]?.value ?? null
  const moved = now
    .map((r) => ({ r, old: was.get(keyOf(r.version)) }))
    .filter(
      ({ r, old }) =>
        !old ||
        old.version.fields[field]?.key !== r.version.fields[field]?.key ||
        old.version.deleted !== r.version.deleted,
    )
  const chosen = moved.find(({ r }) => r.version.platform === owner) ?? moved[0]
  if (!chosen) {
    const there = new Set(now.map((r) => keyOf(r.version)))
    const gone = before.find((r) => !there.has(keyOf(r.version))) ?? now[0]!
    return {
      is: 'left',
      platform: gone.version.platform,
      record_id: gone.version.record_id,
      version: null,
      before: text(gone.version),
      after: null,
    }
  }
  const { r, old } = chosen
  const { platform, record_id } = r.version
  const joined = !old && before.length > 0 && r.link.from > r.version.observedAt
  const is = joined ? 'joined' : !old ? 'appeared' : platform === owner ? 'owner_changed' : 'follower_wrote'
  return {
    is,
    platform,
    record_id,
    version: joined ? null : r.version,
    before: text(old?.version),
    after: text(r.version),
  }
}
