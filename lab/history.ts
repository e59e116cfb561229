/**
 * History: everything that was ever written on one simulated platform, and what a reader sees of it at an instant.
 *
 * Writes are patches with a time. Folding them in order of time gives the versions of a record; a reader sees the
 * newest version that is visible at the laboratory's clock. Time may be looked at backwards and forwards.
 */
import type { ApiFaults, PlatformState, SimRecord, SimWrite } from './platform.ts'

export interface Write {
  at: number
  by: string
  fields?: Record<string, string | null>
  state?: string | null
  /** A status word that is in no reference map; null takes it back. */
  oddStatus?: string | null
  refs?: Record<string, string | null>
  deleted?: boolean
  mergedInto?: string
  /** Readers see it at once. */
  prompt?: boolean
}

/** Rows that readers do not get although they exist, or a stream that stands still; `until` is exclusive. */
interface Veil {
  kind: string
  from: number
  until: number
  /** Ids that are not shown; null: the whole kind is shown as it was at `from`. */
  ids: ReadonlySet<string> | null
  /** Readers cannot tell: the platform answers and counts as if nothing had happened since. */
  silent?: true
}

/** What became of the shape of a kind's rows: another set of fields is shown from then on. */
export interface Reshaped {
  kind: string
  from: number
  bend(fields: Readonly<Record<string, string | null>>): Record<string, string | null>
}

interface Track {
  writes: Write[]
  versions: SimRecord[] | null
}

interface Shown {
  from: number
  until: number
  records: SimRecord[]
}

export interface HistoryOptions {
  name: string
  vendor: string
  now: () => number
  api?: ApiFaults
  /** The platform's clock against ours, added to its stamps. */
  skewMs?: number
  /** How long after a write readers see it. */
  visibleAfterMs?: (at: number) => number
  /**
   * Kind → requests that read its stream, where an API serves it: while the stream stands still they are refused.
   * Without it (file drops) a stream can stand still by itself: nothing new is delivered.
   */
  streams?: Readonly<Record<string, RegExp>>
}

const NO_FAULTS: ApiFaults = { next: () => null }

export class PlatformHistory implements PlatformState {
  readonly name: string
  readonly vendor: string
  readonly now: () => number
  readonly api: ApiFaults
  readonly #skewMs: number
  readonly #visibleAfterMs: (at: number) => number
  readonly #kinds = new Map<string, Map<string, Track>>()
  readonly #shown = new Map<string, Shown>()
  readonly #veils: Veil[] = []
  readonly #reshaped: Reshaped[] = []
  readonly #streams: Readonly<Record<string, RegExp>> | undefined
  /** Ids of records that are made through the API. */
  newId: ((kind: string) => string) | null = null
  /** Told of every write that comes through the API. */
  onChange: ((before: SimRecord | null, after: SimRecord, change: SimWrite) => void) | null = null

  constructor(options: HistoryOptions) {
    this.name = options.name
    this.vendor = options.vendor
    this.now = options.now
    this.#streams = options.streams
    this.api = this.#refusing(options.api ?? NO_FAULTS)
    this.#skewMs = options.skewMs ?? 0
    this.#visibleAfterMs = options.visibleAfterMs ?? (() => 0)
  }

  change(kind: string, id: string | null, change: SimWrite): SimRecord {
    const before = id === null ? null : (this.record(kind, id) ?? null)
    const key = id ?? this.newId?.(kind)
    if (key === undefined) throw new Error(`${this.name} gives out no ids`)
    this.write(kind, key, { ...change, at: this.now(), prompt: true })
    const after = this.versions(kind, key).findLast((version) => version.visibleAt <= this.now())!
    this.onChange?.(before, after, change)
    return after
  }

  write(kind: string, id: string, write: Write): void {
    const records = this.#kinds.get(kind) ?? new Map<string, Track>()
    this.#kinds.set(kind, records)
    const track = records.get(id) ?? { writes: [], versions: null }
    records.set(id, track)
    let place = track.writes.length
    while (place > 0 && track.writes[place - 1]!.at > write.at) place--
    track.writes.splice(place, 0, write)
    track.versions = null
    this.#shown.delete(kind)
  }

  /** Rows that readers will not get between the two instants. */
  hide(kind: string, ids: Iterable<string>, from: number, until: number): void {
    this.#veils.push({ kind, from, until, ids: new Set(ids) })
    this.#shown.delete(kind)
  }

  /** Between the two instants the stream shows what it showed at the first. */
  freeze(kind: string, from: number, until: number): void {
    this.#veils.push({ kind, from, until, ids: null })
    this.#shown.delete(kind)
  }

  /** Between the two instants nothing that changes is told any more, as when a filter was set, and no reader is refused. */
  silence(kind: string, from: number, until: number): void {
    this.#veils.push({ kind, from, until, ids: null, silent: true })
    this.#shown.delete(kind)
  }

  /** From an instant on the rows of a kind have another shape. */
  reshape(reshaped: Reshaped): void {
    this.#reshaped.push(reshaped)
    this.#shown.delete(reshaped.kind)
  }

  /** Is there anything wrong with what readers get of this stream? */
  troubled = (kind: string, at: number) => this.#veils.some((v) => v.kind === kind && v.from <= at && at < v.until)

  /** Since when the stream stands still, or null if it moves. */
  frozenSince(kind: string, at = this.now()): number | null {
    const veil = this.#still(kind, at)
    return veil && !veil.silent ? veil.from : null
  }

  #still(kind: string, at: number): Veil | undefined {
    return this.#veils.find((v) => v.kind === kind && v.ids === null && v.from <= at && at < v.until)
  }

  /** As of when readers see a kind at an instant. */
  #seenAt(kind: string, at: number): number {
    return this.#still(kind, at)?.from ?? at
  }

  /** Rows of this platform are whole objects that it may shape anew; an API has its columns. */
  get shapesRows(): boolean {
    return this.#streams === undefined
  }

  /** Can readers notice that this stream stands still? */
  canStop(kind: string): boolean {
    return this.#streams === undefined || kind in this.#streams
  }

  #refusing(api: ApiFaults): ApiFaults {
    const streams = Object.entries(this.#streams ?? {})
    if (streams.length === 0) return api
    return {
      next: (request) =>
        streams.some(([kind, path]) => path.test(request.path) && this.frozenSince(kind) !== null)
          ? { kind: 'error', status: 503 }
          : api.next(request),
    }
  }

  kinds(): string[] {
    return [...this.#kinds.keys()]
  }

  records(kind: string): SimRecord[] {
    const at = this.now()
    const known = this.#shown.get(kind)
    if (known && known.from <= at && at < known.until) return known.records
    const shown = this.#look(kind, at)
    this.#shown.set(kind, shown)
    return shown.records
  }

  record(kind: string, id: string): SimRecord | undefined {
    const track = this.#kinds.get(kind)?.get(id)
    if (!track) return undefined
    const at = this.now()
    if (this.#veils.some((v) => v.kind === kind && v.ids?.has(id) && v.from <= at && at < v.until)) return undefined
    return this.#shaped(newest(this.#fold(kind, id, track), this.#seenAt(kind, at)), at)
  }

  /** How many records the platform itself knows of now, rows that readers do not get included. */
  count(kind: string, at = this.now()): number {
    const seenAt = this.#seenAt(kind, at)
    let count = 0
    for (const [id, track] of this.#kinds.get(kind) ?? []) if (newest(this.#fold(kind, id, track), seenAt)) count++
    return count
  }

  /** All versions of a record, oldest first, whether or not they are visible yet. */
  versions(kind: string, id: string): readonly SimRecord[] {
    const track = this.#kinds.get(kind)?.get(id)
    return track ? this.#fold(kind, id, track) : []
  }

  /** What was written, for faults that need to know what is still to come. */
  writes(kind: string, id: string): readonly Write[] {
    return this.#kinds.get(kind)?.get(id)?.writes ?? []
  }

  /** Builds what is shown at an instant, and until when that stays true: a page of a thousand rows is then one look-up. */
  #look(kind: string, at: number): Shown {
    const seenAt = this.#seenAt(kind, at)
    const veils = this.#veils.filter((v) => v.kind === kind)
    const hidden = veils.filter((v) => v.ids && v.from <= at && at < v.until)
    let from = -Infinity
    let until = Infinity
    const edge = (time: number) => {
      if (time <= at) from = Math.max(from, time)
      else until = Math.min(until, time)
    }
    for (const veil of veils) {
      edge(veil.from)
      edge(veil.until)
    }
    for (const { kind: of, from } of this.#reshaped) if (of === kind) edge(from)
    const records: SimRecord[] = []
    for (const [id, track] of this.#kinds.get(kind) ?? []) {
      const versions = this.#fold(kind, id, track)
      for (const version of versions) edge(version.visibleAt)
      const version = this.#shaped(newest(versions, seenAt), at)
      if (version && !hidden.some((v) => v.ids!.has(id))) records.push(version)
    }
    return { from, until, records }
  }

  #shaped(version: SimRecord | undefined, at: number): SimRecord | undefined {
    const bent = this.#reshaped.filter((r) => r.kind === version?.kind && r.from <= at)
    return version && bent.length > 0
      ? { ...version, fields: bent.reduce((fields, r) => r.bend(fields), version.fields) }
      : version
  }

  #fold(kind: string, id: string, track: Track): SimRecord[] {
    if (track.versions) return track.versions
    const versions: SimRecord[] = []
    let before: SimRecord | undefined
    for (const write of track.writes) {
      const next: SimRecord = {
        id,
        kind,
        fields: { ...before?.fields, ...write.fields },
        state: write.state === undefined ? (before?.state ?? null) : write.state,
        refs: referring(before?.refs, write.refs),
        createdAt: before?.createdAt ?? write.at + this.#skewMs,
        changedAt: write.at + this.#skewMs,
        visibleAt: Math.max(before?.visibleAt ?? 0, write.at + (write.prompt ? 0 : this.#visibleAfterMs(write.at))),
        changedBy: write.by,
      }
      const odd = write.oddStatus === undefined ? before?.oddStatus : (write.oddStatus ?? undefined)
      if (odd !== undefined) next.oddStatus = odd
      const deletedAt = write.deleted === undefined ? before?.deletedAt : write.deleted ? next.changedAt : undefined
      if (deletedAt !== undefined) next.deletedAt = deletedAt
      const mergedInto = write.mergedInto ?? before?.mergedInto
      if (mergedInto !== undefined) next.mergedInto = mergedInto
      versions.push(next)
      before = next
    }
    track.versions = versions
    return versions
  }
}

function referring(
  before: Record<string, string> = {},
  changed: Record<string, string | null> = {},
): Record<string, string> {
  const refs = { ...before }
  for (const [platform, id] of Object.entries(changed)) {
    if (id === null) delete refs[platform]
    else refs[platform] = id
  }
  return refs
}

function newest(versions: readonly SimRecord[], at: number): SimRecord | undefined {
  for (let i = versions.length - 1; i >= 0; i--) if (versions[i]!.visibleAt <= at) return versions[i]
  return undefined
}
