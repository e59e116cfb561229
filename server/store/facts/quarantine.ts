/** Quarantine: what a platform sent and we could not read, with its bytes, until it can be read again. */
import type { ControlStore } from '../control/control.ts'
import type { Facts } from './facts.ts'
import { tableOf } from './ident.ts'

export interface Quarantined {
  platform: string
  stream: string
  kind: string
  /** Empty where not even the id could be read. */
  record_id: string
  /** Tells entries without an id apart; computed from the bytes when left out. */
  row_hash?: string
  at: string
  field: string | null
  reason: string
  /** Where it was: page, file and line. */
  place: string
  raw_base64: string
  /** 1: the record was stored all the same, without this field. */
  kept?: number
}

export interface QuarantineRow extends Quarantined {
  row_hash: string
  state: 'open' | 'resolved'
}

export interface QuarantineFilter {
  platform?: string
  stream?: string
  kind?: string
  state?: 'open' | 'resolved'
}

/** The same entry written twice is kept once. */
export async function writeQuarantine(
  facts: Facts,
  control: ControlStore,
  entries: readonly Quarantined[],
): Promise<void> {
  if (!entries.length) return
  const rev = String(control.next('quarantine'))
  await facts.insert(
    'quarantine',
    entries.map((entry) => ({ ...entry, state: 'open', rev })),
  )
}

const conditions = (filter: QuarantineFilter) =>
  (['platform', 'stream', 'kind', 'state'] as const)
    .filter((key) => filter[key] !== undefined)
    .map((key) => `${key} = {${key}:String}`)

export async function quarantine(facts: Facts, filter: QuarantineFilter, limit = 200): Promise<QuarantineRow[]> {
  const where = conditions(filter)
  return facts.query<QuarantineRow>(
    `select platform, stream, kind, record_id, row_hash, at, field, reason, place, raw_base64, state
     from ${tableOf(facts, 'quarantine')} final
     ${where.length ? `where ${where.join(' and ')}` : ''}
     order by at desc, platform, stream, record_id, row_hash
     limit {limit:UInt32}`,
    { ...filter, limit },
  )
}

/** Open entries of each platform, stream and kind. */
export async function quarantineCounts(
  facts: Facts,
): Promise<{ platform: string; stream: string; kind: string; n: number }[]> {
  const rows = await facts.query<{ platform: string; stream: string; kind: string; n: string }>(
    `select platform, stream, kind, count() as n from ${tableOf(facts, 'quarantine')} final
     where state = 'open' group by platform, stream, kind order by platform, stream, kind`,
  )
  return rows.map((row) => ({ ...row, n: Number(row.n) }))
}

/** Ids of records of which something waits in quarantine. */
export function quarantinedIds(facts: Facts, platform: string, kind: string): Promise<Set<string>> {
  return openIds(facts, platform, kind, '')
}

/** The same of one stream alone: several streams of a platform may yield one kind. */
export async function quarantinedIdsOf(facts: Facts, platform: string, stream: string): Promise<Set<string>> {
  const rows = await facts.query<{ record_id: string }>(
    `select distinct record_id from ${tableOf(facts, 'quarantine')} final
     where platform = {platform:String} and stream = {stream:String} and state = 'open' and record_id != ''`,
    { platform, stream },
  )
  return new Set(rows.map((row) => row.record_id))
}

/** Ids of records that exist on a platform but could not be read: their absence and their age are not evidence. */
export function unreadIds(facts: Facts, platform: string, kind: string): Promise<Set<string>> {
  return openIds(facts, platform, kind, 'and kept = 0')
}

async function openIds(facts: Facts, platform: string, kind: string, further: string): Promise<Set<string>> {
  const rows = await facts.query<{ record_id: string }>(
    `select distinct record_id from ${tableOf(facts, 'quarantine')} final
     where platform = {platform:String} and kind = {kind:String} and state = 'open' and record_id != '' ${further}`,
    { platform, kind },
  )
  return new Set(rows.map((row) => row.record_id))
}

/** Closes the open entries of these records: they have been read since. Says how many there were. */
export async function resolveQuarantine(
  facts: Facts,
  control: ControlStore,
  { platform, stream, record_ids }: { platform: string; stream: string; record_ids: readonly string[] },
): Promise<number> {
  const table = tableOf(facts, 'quarantine')
  const open = await facts.query<QuarantineRow>(
    `select platform, stream, kind, record_id, row_hash, at, field, reason, place, raw_base64, kept from ${table} final
     where platform = {platform:String} and stream = {stream:String} and record_id in {record_ids:Array(String)} and state = 'open'`,
    { platform, stream, record_ids },
  )
  if (!open.length) return 0
  const rev = String(control.next('quarantine'))
  await facts.insert(
    'quarantine',
    open.map((entry) => ({ ...entry, state: 'resolved', rev })),
  )
  return open.length
}
