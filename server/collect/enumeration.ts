/**
 * An enumeration: the platform lists everything it has, and what we hold alive and did not see in it is gone.
 *
 * The ids seen live in memory. A sweep that fails half-way goes on at its cursor as long as the process lives; after a
 * restart it begins again, because half a list of what exists proves nothing about the rest.
 *
 * The stop for mass disappearance: if more than the configured share would vanish at once (and at least
 * `DISAPPEARED_MIN` records), or if the list is empty while we hold records, nothing is deleted and a person is asked.
 * An empty answer is far more often a mistake than news, however small the stream.
 */
import { randomUUID } from 'node:crypto'
import type { Context } from '../context.ts'
import type { ControlStore } from '../store/control/control.ts'
import { liveKeys } from '../store/facts/versions.ts'
import type { KeySet } from './key-set.ts'
import { createKeySet } from './key-set.ts'
import { DISAPPEARED_MIN } from './limits.ts'

export interface Enumeration {
  id: string
  /** Epoch ms. */
  startedAt: number
  seen: KeySet
  /** Rows of which not even the id could be read: any of them may be the one that seems to be gone. */
  nameless: number
}

export function createEnumeration(startedAt: number): Enumeration {
  return { id: randomUUID(), startedAt, seen: createKeySet(), nameless: 0 }
}

interface StreamKey {
  platform: string
  stream: string
  kind: string
}

const open = new WeakMap<ControlStore, Map<string, Enumeration>>()

/** The unfinished sweep of a stream, if this process has one. Reads of changes meanwhile add what they see to it. */
export function openSweep(control: ControlStore, { platform, stream }: StreamKey): Enumeration | null {
  return open.get(control)?.get(`${platform}/${stream}`) ?? null
}

export function keepSweep(control: ControlStore, { platform, stream }: StreamKey, sweep: Enumeration | null): void {
  const sweeps = open.get(control) ?? new Map<string, Enumeration>()
  open.set(control, sweeps)
  if (sweep) sweeps.set(`${platform}/${stream}`, sweep)
  else sweeps.delete(`${platform}/${stream}`)
}

export type Outcome =
  | { is: 'gone'; ids: string[]; live: number }
  /** Too much would vanish: nothing is deleted until a person has looked. */
  | { is: 'stopped'; reason: string; gone: number }
  /** Rows without a readable id stand in the way of any conclusion. */
  | { is: 'unsure'; note: string }

/** What a complete enumeration means for the records that we hold alive. */
export async function conclude(
  ctx: Context,
  key: StreamKey,
  { seen, nameless }: Enumeration,
  share: number,
): Promise<Outcome> {
  const ids: string[] = []
  let live = 0
  for await (const batch of liveKeys(ctx.facts, key.platform, key.kind, key.stream)) {
    live += batch.length
    for (const id of batch) if (!seen.has(id)) ids.push(id)
  }
  if (ids.length === 0) return { is: 'gone', ids, live }
  if (nameless > 0)
    return {
      is: 'unsure',
      note: `${ids.length} records were not listed, but ${nameless} rows could not be read at all; nothing is taken as deleted.`,
    }
  const tooMany = seen.size === 0 || (ids.length >= DISAPPEARED_MIN && ids.length > live * share)
  if (!tooMany || allowed(ctx, key, ids.length)) return { is: 'gone', ids, live }
  const reason =
    seen.size === 0
      ? `The platform listed nothing, while ${live} records are known.`
      : `${ids.length} of ${live} records were no longer listed, more than the allowed ${Math.round(share * 100)} %.`
  return { is: 'stopped', reason, gone: ids.length }
}

const allowanceOf = ({ platform, stream }: StreamKey) => `disappeared ${platform}/${stream}`

/** Remembers how much a person is asked about: once the stop is lifted, that much may vanish, once. */
export function ask(ctx: Context, key: StreamKey, gone: number): void {
  ctx.control.set(allowanceOf(key), String(gone))
}

/** The question is settled: what vanishes next is judged anew. */
export function settle(ctx: Context, key: StreamKey): void {
  if (ctx.control.get(allowanceOf(key))) ctx.control.set(allowanceOf(key), '')
}

function allowed(ctx: Context, key: StreamKey, gone: number): boolean {
  const asked = ctx.control.get(allowanceOf(key))
  if (!asked || ctx.control.stream(key.platform, key.stream)?.stopped) return false
  // A few more may have gone since the question was asked.
  return gone <= Number(asked) * 1.1 + DISAPPEARED_MIN
}
