/**
 * Intake: rows become versions. What did not change is dropped, what is older than what we hold is dropped, what cannot
 * be read goes to quarantine with its bytes; the rest is stored, durably, before anybody moves a cursor.
 */
import type { RawRow, Stream } from '../../connectors/contract.ts'
import type { CanonicalRecord } from '../../model/record.ts'
import { iso } from '../clock.ts'
import type { Context } from '../context.ts'
import { crashpoint } from '../crashpoint.ts'
import { quarantinedIds, resolveQuarantine, writeQuarantine } from '../store/facts/quarantine.ts'
import type { Quarantined } from '../store/facts/quarantine.ts'
import { appendVersions, heads } from '../store/facts/versions.ts'
import type { Head } from '../store/facts/versions.ts'
import type { Enumeration } from './enumeration.ts'
import { openSweep } from './enumeration.ts'
import { QUARANTINE_ROWS, RAW_BYTES } from './limits.ts'
import { PLANNED_CODES } from '../code-actions.ts'
import type { Mapper } from './mapping.ts'
import { markOf, saltOf } from './payloads.ts'
import type { Mark, Payloads } from './payloads.ts'

export interface Counts {
  read: number
  stored: number
  unchanged: number
  /** Older than what we hold: a late or repeated delivery. */
  stale: number
  quarantined: number
  deleted: number
}

export interface IntakeOptions {
  ctx: Context
  platform: string
  stream: Pick<Stream<never>, 'name' | 'kind'>
  mapper: Mapper
  payloads: Payloads
  /** Rows show the present state: an older stamp is taken, unless it is as young as the platform's own lag. */
  present: boolean
  /** One reading names each record once; a second row of an id is a fault of the source. */
  unique: boolean
  lagMs: number
  counts: Counts
  /** Told of every row that was mapped, with what became of it. */
  observe?: ((row: RawRow, record: CanonicalRecord | null) => void) | undefined
}

export interface Intake {
  /** Stores a batch. @param enumeration what the rows count as seen in */
  take(rows: readonly RawRow[], enumeration: Enumeration | null, salt: string): Promise<void>
  /** Closes what quarantine holds of rows without an id: a complete reading had none. */
  allNamed(): Promise<void>
}

interface Candidate {
  record: CanonicalRecord
  row: RawRow
  mark: Mark
}

export function createIntake(options: IntakeOptions): Intake {
  const { ctx, platform, stream, mapper, payloads, counts } = options
  let waiting: Set<string> | null = null
  let noted = 0
  const refused: Quarantined[] = []

  /** The row is not stored. */
  function refuse(row: RawRow, id: string, field: string | null, reason: string): void {
    counts.quarantined++
    note(row, id, field, reason, 0)
  }

  /** @param kept 1: a version of the record is stored all the same */
  function note(row: RawRow, id: string, field: string | null, reason: string, kept: 0 | 1): void {
    if (++noted > QUARANTINE_ROWS) return
    const bytes = Buffer.from(row.bytes ?? Buffer.from(row.raw)).subarray(0, RAW_BYTES)
    refused.push({
      platform,
      stream: stream.name,
      kind: stream.kind,
      record_id: id,
      at: iso(ctx.clock.now()),
      field,
      reason: reason.slice(0, 500),
      place: row.at ?? '',
      raw_base64: bytes.toString('base64'),
      kept,
    })
  }

  /** Maps one row; what cannot be mapped is refused by name and never stops the others. */
  function mapped(row: RawRow): CanonicalRecord | null {
    if (row.unreadable !== undefined) refuse(row, row.id ?? '', null, row.unreadable)
    else {
      try {
        return mapper.map(row)
      } catch (error) {
        const named = error instanceof Error && error.name === 'MappingError'
        const field = named ? (error as Error & { field: string }).field : null
        refuse(
          row,
          row.id ?? '',
          field,
          named ? error.message : `the row cannot be mapped: ${error instanceof Error ? error.message : String(error)}`,
        )
      }
    }
    return null
  }

  function candidates(rows: readonly RawRow[], enumeration: Enumeration | null, salt: string): Candidate[] {
    const found: Candidate[] = []
    const marks = new Map<string, Mark>()
    const sweep = openSweep(ctx.control, { platform, stream: stream.name, kind: stream.kind })
    const see = (id: string) => {
      if (sweep && sweep !== enumeration) sweep.seen.add(id)
      return enumeration === null || enumeration.seen.add(id)
    }
    // The same bytes mean something else once a plan has said what a code means.
    const salted = saltOf(`${salt}\n${ctx.control.get(PLANNED_CODES) ?? ''}`)
    for (const row of rows) {
      counts.read++
      const mark = markOf(row.raw, salted)
      if (row.id !== null && row.unreadable === undefined && payloads.same(row.id, mark)) {
        counts.unchanged++
        see(row.id)
        continue
      }
      const record = mapped(row)
      options.observe?.(row, record)
      const id = record?.record_id ?? row.id
      if (id === null || id === '') {
        if (enumeration) enumeration.nameless++
        continue
      }
      // Whatever comes of it, the bytes remembered for this record are no longer its last ones.
      payloads.forget(id)
      const first = see(id)
      if (!record) continue
      const twin = marks.get(id)
      marks.set(id, mark)
      if (options.unique && !first && twin?.[0] === mark[0] && twin[1] === mark[1]) counts.unchanged++
      else if (options.unique && !first) {
        counts.quarantined++
        note(row, id, 'record_id', 'the id occurs more than once in this reading; the first row is kept', 1)
      } else found.push({ record, row, mark })
    }
    return found
  }

  function isStale(record: CanonicalRecord, head: Head): boolean {
    if (record.changed_at === null || head.changedAt === null || record.changed_at >= head.changedAt) return false
    return !options.present || ctx.clock.now() - Date.parse(head.changedAt) < options.lagMs
  }

  /** Drops what the store already has. In order, so that several versions of one record in a batch all count. */
  function fresh(found: readonly Candidate[], known: Map<string, Head>): Candidate[] {
    const kept: Candidate[] = []
    for (const candidate of found) {
      const { record } = candidate
      const head = known.get(record.record_id)
      if (head && head.versionHash === record.version_hash) counts.unchanged++
      else if (head && isStale(record, head)) {
        counts.stale++
        continue
      } else kept.push(candidate)
      known.set(record.record_id, {
        versionHash: record.version_hash,
        changedAt: record.changed_at,
        deleted: record.deleted,
      })
    }
    return kept
  }

  async function closeRead(found: readonly Candidate[]): Promise<void> {
    waiting ??= await quarantinedIds(ctx.facts, platform, stream.kind)
    if (waiting.size === 0) return
    const read = found
      .filter(({ record }) => Object.keys(record.invalid).length === 0)
      .map(({ record }) => record.record_id)
    const again = read.filter((id) => waiting!.has(id))
    if (again.length === 0) return
    await resolveQuarantine(ctx.facts, ctx.control, { platform, stream: stream.name, record_ids: again })
    for (const id of again) waiting.delete(id)
  }

  return {
    async take(rows, enumeration, salt) {
      const found = candidates(rows, enumeration, salt)
      const known =
        found.length > 0
          ? await heads(ctx.facts, platform, stream.kind, [...new Set(found.map((c) => c.record.record_id))])
          : new Map<string, Head>()
      const kept = fresh(found, known)
      for (const { record, row } of kept) {
        const names = Object.keys(record.invalid)
        if (names.length > 0)
          note(row, record.record_id, names[0]!, names.map((name) => `${name}: ${record.invalid[name]}`).join('; '), 1)
      }
      crashpoint('collect-read')
      // Closing comes first: a record that was read in one row and refused in another stays in quarantine. Both come
      // before the versions: once those are stored, a repetition sees nothing new and would write no note.
      await closeRead(found)
      await writeQuarantine(ctx.facts, ctx.control, refused.splice(0))
      crashpoint('collect-quarantined')
      await appendVersions(
        ctx.facts,
        ctx.control,
        stream.kind,
        stream.name,
        kept.map((c) => c.record),
        ctx.clock.now(),
      )
      counts.stored += kept.length
      crashpoint('collect-inserted')
      for (const { record, mark } of found)
        if (known.get(record.record_id)?.versionHash === record.version_hash) payloads.remember(record.record_id, mark)
    },
    async allNamed() {
      await resolveQuarantine(ctx.facts, ctx.control, { platform, stream: stream.name, record_ids: [''] })
    },
  }
}
