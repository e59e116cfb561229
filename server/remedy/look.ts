/** Looking: what a wish would find, on the platform itself or as it was read last, and whether it is worth doing. */
import type { ActionRequest, Standing } from '../../connectors/action.ts'
import type { Context } from '../context.ts'
import { asError } from '../errors.ts'
import { holds, stillAs, type Compared } from './compare.ts'
import { lookAt, type Reach, type ReachedAction } from './reach.ts'
import { nameOf, storedRecords, type Shelf } from './shelf.ts'
import { aim, wordsFor, type LeftOut, type Wish } from './wish.ts'

/** Records looked at over the wire while drafting; more are judged by what was read of them last, and looked at when applied. */
const LIVE_MAX = 500
const SIDE_BY_SIDE = 8
export type Drafting = Pick<Context, 'config' | 'control' | 'clock' | 'facts' | 'landscape'>

/** What a wish came to once looked at. */
export interface Looked {
  wish: Wish
  reached: ReachedAction
  standing: Standing
  record: Compared | null
  live: boolean
}

export async function look(
  ctx: Drafting,
  reach: Reach,
  wishes: readonly Wish[],
  leftOut: LeftOut[],
): Promise<{ looked: Looked[]; shelf: Shelf | null }> {
  const live = wishes.length <= LIVE_MAX
  const stored = live
    ? null
    : await storedRecords(
        ctx.facts,
        // What is sent again is looked at by its action, or not at all.
        wishes.filter((w) => !ours(w) && w.action !== 'redeliver'),
      )
  const found: (Looked | null)[] = Array.from({ length: wishes.length }, () => null)
  const actions = new Map<string, ReachedAction | null>()
  const actionOf = (w: Wish) => {
    const key = `${w.platform} ${w.action} ${w.kind}`
    if (!actions.has(key)) actions.set(key, reach.action(w.platform, w.action, w.kind))
    return actions.get(key)!
  }
  let next = 0
  const one = async (i: number): Promise<void> => {
    const w = wishes[i]!
    const reached = actionOf(w)
    if (!reached) return leave(leftOut, w, refusal(reach, w))
    try {
      const { standing, record } = await lookAt(reached, requestOf(ctx, w, 'look'))
      found[i] = { wish: w, reached, standing, record, live: true }
    } catch (thrown) {
      leave(leftOut, w, asError(thrown).message)
    }
  }
  const worker = async () => {
    while (next < wishes.length) {
      const i = next++
      const w = wishes[i]!
      const reached = stored && !ours(w) ? actionOf(w) : null
      if (!reached) await one(i)
      else {
        const record = stored!.named.get(nameOf(w.platform, w.kind, w.recordId)) ?? null
        found[i] = { wish: w, reached, standing: UNSEEN, record, live: false }
      }
    }
  }
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker))
  return { looked: found.filter((l): l is Looked => l !== null), shelf: stored?.shelf ?? null }
}

const refusal = (reach: Reach, { platform, action, kind }: Wish) =>
  reach.refuses(platform, action) ?? `${platform} cannot be told to ${action} a ${kind}.`

const UNSEEN: Standing = { row: null, mark: null }

/** Kept by ourselves, or no record at all: looked at by its action, never among the facts. */
const ours = ({ platform }: Wish) => platform === 'plumbline' || platform.includes(':')

/** Left out with its reason, or worth doing. */
export function worthDoing({ wish, record }: Looked, leftOut: LeftOut[]): boolean {
  if (wish.action === 'redeliver') return true
  const after = aim(wish)
  const no = (why: string) => (leave(leftOut, wish, why), false)
  if (wish.action === 'create') return record === null || record.deleted ? true : no('The record exists already.')
  if (record === null || record.deleted) return no(`${wish.platform} has no such record any more.`)
  if (Object.keys(after).length > 0 && holds(wish, record, after)) return no('It is as wanted already.')
  if (wish.expect && !stillAs(wish.kind, record, wish.expect)) return no('The value has moved on since.')
  const unreadable = Object.keys(after).filter((f) => Object.hasOwn(record.invalid, f))
  return unreadable.length === 0 ? true : no(`What it holds in ${unreadable.join(', ')} could not be read.`)
}

export function requestOf({ config }: Pick<Context, 'config'>, w: Wish, key: string): ActionRequest {
  const words = wordsFor(config, w.platform, w.kind, w.fields)
  return {
    action: w.action,
    kind: w.kind,
    recordId: w.recordId,
    fields: w.fields,
    ...(Object.keys(words).length > 0 && { words }),
    references: w.references,
    refs: w.refs,
    key,
  }
}

export function leave(leftOut: LeftOut[], { platform, kind, recordId, findings }: Wish, why: string): void {
  leftOut.push({ platform, kind, record_id: recordId, why, ...(findings.length > 0 && { findings }) })
}
