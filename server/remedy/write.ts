/**
 * Writing one item: claim, look, compare, SENDING, perform, read back. Nothing is sent before the journal says so on disk,
 * and what was sent without an answer is read back and never blindly repeated.
 */
import type { CanonicalRecord } from '../../model/record.ts'
import type { Context } from '../context.ts'
import { crashpoint } from '../crashpoint.ts'
import { asError, PlumblineError } from '../errors.ts'
import { inTurn } from '../store/turns.ts'
import type { PlanItemRow } from '../store/control/remedy-rows.ts'
import { changedBeside, heldFields, holds, stillAs, writesOfOthers } from './compare.ts'
import type { Item, ItemResult, ReplayRequest } from './item.ts'
import { mayRepeat, type ItemState } from './item-state.ts'
import { moveItem } from './journal.ts'
import { lookAt, type Reach } from './reach.ts'

export interface Writing {
  ctx: Pick<Context, 'control' | 'clock' | 'log'>
  reach: Reach
  plan: string
  /** Who holds the plan: actor and fence. */
  holder: string
  /** Waits for the platform's turn at the pace of the plan. */
  pace(platform: string): Promise<void>
}

type Look = Awaited<ReturnType<typeof lookAt>>

export interface Written {
  seq: number
  state: ItemState
  /** The records to be read again by collecting. */
  item: Item
  recordId: string | null
  /** Fields that changed though nobody asked for it. */
  beside: string[]
  /** The platform or its budget says: not now. The plan pauses. */
  later: PlumblineError | null
}

/** Takes one pending item to wherever it leads; null if somebody else has it, or the plan is no longer being applied. */
export function writeItem(w: Writing, row: PlanItemRow): Promise<Written | null> {
  // Two plans that write one record take turns here; the journal refuses what comes from another process.
  return inTurn(w.ctx.control, `write ${row.target}`, () => write(w, row))
}

async function write(w: Writing, row: PlanItemRow): Promise<Written | null> {
  const { control, clock } = w.ctx
  const item = JSON.parse(row.body) as Item
  const end = (state: ItemState | null, more: Partial<Written> = {}): Written | null =>
    state === null
      ? null
      : { seq: row.seq, state, item, recordId: item.request.recordId, beside: [], later: null, ...more }

  const request = linked(w, item)
  if (request === null) {
    const says = 'A record that it refers to was not made.'
    return end(moveItem(control, { ...row, state: 'pending' }, 'block', clock.now(), { says }))
  }
  const claim = control.claimItem({ ...row, key: item.request.key, holder: w.holder, claimedAt: clock.now() })
  if (!claim) return null
  crashpoint('remedy-claimed')
  const claimed = { ...row, state: 'claimed' }
  const skip = (result: ItemResult) => end(moveItem(control, claimed, 'skip', clock.now(), result))
  const release = (later: PlumblineError) => end(moveItem(control, claimed, 'release', clock.now()), { later })

  const reached = w.reach.action(item.platform, item.request.action, item.request.kind)
  if (!reached) return release(cannot(item))
  let look: Look
  try {
    if (request.action !== 'redeliver') await w.pace(item.platform)
    look = await lookAt(reached, request)
    const moved = await movedAtSource(w, item)
    if (moved) return skip({ says: moved })
  } catch (thrown) {
    return release(asError(thrown))
  }
  const refusal = reasonToSkip(item, look.record)
  if (refusal) return skip(refusal)
  crashpoint('remedy-looked')

  const mark = look.standing.mark
  if (!control.beginSending(w.plan, row.seq, w.holder, mark, clock.now())) {
    moveItem(control, claimed, 'release', clock.now())
    return null
  }
  crashpoint('remedy-sending')
  const sending = { ...row, state: 'sending' }
  const found = look.record ? heldFields(look.record, Object.keys(item.after)) : null
  let recordId: string
  try {
    await w.pace(item.platform)
    const outcome = await reached.action.perform(reached.context(), request, look.standing)
    crashpoint('remedy-performed')
    if (outcome.status !== 'done') {
      const move = outcome.status === 'conflict' ? 'conflicted' : 'refused'
      // Of several calls the first may have been made, and an earlier attempt may have arrived late: what is there tells.
      if (move === 'refused' ? item.calls.length > 1 : claim.attempt > 1) {
        const result: ItemResult = { says: outcome.reason, found, attempt: claim.attempt }
        const ours = await writtenAfterAll(w, row, item, request, result, move)
        if (ours) return ours
      }
      return end(moveItem(control, sending, move, clock.now(), { says: outcome.reason, found }))
    }
    recordId = outcome.recordId
  } catch (thrown) {
    const error = asError(thrown)
    if (error.code === 'config' && item.calls.length <= 1)
      return end(moveItem(control, sending, 'refused', clock.now(), { says: error.message, found }))
    if (nothingLeft(error, item))
      return end(moveItem(control, sending, 'unsent', clock.now(), { says: error.message }), { later: error })
    const lost = moveItem(control, sending, 'lost', clock.now(), { says: error.message, found })
    if (lost === null) return null
    return await resolveUnknown(w, { ...row, state: 'unknown' })
  }
  const sent = moveItem(control, sending, 'accepted', clock.now(), {
    says: 'The platform accepted it.',
    record_id: recordId,
    found,
    attempt: claim.attempt,
  })
  if (sent === null) return null
  crashpoint('remedy-accepted')
  return await readBack(w, { ...row, state: 'sent' }, look)
}

/** A refusal after an earlier call or attempt of the same write was accepted: it is read back like any write. */
async function writtenAfterAll(
  w: Writing,
  row: PlanItemRow,
  item: Item,
  request: ReplayRequest,
  result: ItemResult,
  move: 'conflicted' | 'refused',
): Promise<Written | null> {
  const reached = w.reach.action(item.platform, request.action, request.kind)!
  const { record } = await lookAt(reached, request)
  const held = holds(request, record, item.after)
  if (move === 'conflicted' ? !held : stillAs(request.kind, record, item.before)) return null
  moveItem(w.ctx.control, { ...row, state: 'sending' }, 'accepted', w.ctx.clock.now(), {
    ...result,
    ...(record && { record_id: record.record_id }),
  })
  return await readBack(w, { ...row, state: 'sent' })
}

/** Reads back what the platform accepted: only what it holds then counts. */
export async function readBack(w: Writing, row: PlanItemRow, before: Look | null = null): Promise<Written | null> {
  const { control, clock } = w.ctx
  const item = JSON.parse(row.body) as Item
  const known = JSON.parse(control.planItem(row.plan, row.seq)?.result ?? '{}') as ItemResult
  const recordId = known.record_id ?? item.request.recordId
  const end = (state: ItemState, beside: string[] = [], later: PlumblineError | null = null): Written => ({
    seq: row.seq,
    state,
    item,
    recordId,
    beside,
    later,
  })
  const reached = w.reach.action(item.platform, item.request.action, item.request.kind)
  if (!reached) return end('sent', [], cannot(item))
  if (item.request.action === 'redeliver') {
    // Its effect is another record; the next look at that one tells.
    const says = 'Delivered; its effect is read from the record itself.'
    const state = moveItem(control, row, 'holds', clock.now(), { ...known, says })
    return state && end(state)
  }
  let after: Look
  try {
    await w.pace(item.platform)
    after = await lookAt(reached, { ...(linked(w, item) ?? item.request), ...(recordId && { recordId }) })
  } catch (thrown) {
    return end('sent', [], asError(thrown))
  }
  crashpoint('remedy-read-back')
  const { record } = after
  const beside = before?.record && record ? changedBeside(before.record, record, Object.keys(item.after)) : []
  // Without a precondition somebody may have written in the moment between: where the platform counts, it is said.
  const others = writesOfOthers(before?.standing ?? null, after.standing, item.calls.length)
  const result: ItemResult = {
    ...known,
    holds: record ? heldFields(record, Object.keys(item.after)) : null,
    ...(beside.length > 0 && { beside }),
    says:
      others === 0
        ? 'Read again from the platform.'
        : `Read again; the platform counts ${others} more writes in that moment than ours: look at its history.`,
  }
  const held = holds(item.request, record, item.after)
  const state = moveItem(control, row, held ? 'holds' : 'differs', clock.now(), {
    ...result,
    ...(!held && { says: 'The platform accepted it and holds something else.' }),
  })
  crashpoint('remedy-verified')
  return state && end(state, beside)
}

/** A write whose answer was lost: what the platform holds decides. */
export async function resolveUnknown(w: Writing, row: PlanItemRow): Promise<Written | null> {
  const { control, clock } = w.ctx
  const item = JSON.parse(row.body) as Item
  const intent = control.intent(row.plan, row.seq)
  const reached = w.reach.action(item.platform, item.request.action, item.request.kind)
  const end = (state: ItemState | null, recordId = item.request.recordId, later: PlumblineError | null = null) =>
    state === null ? null : { seq: row.seq, state, item, recordId, beside: [], later }
  if (!reached || !intent) return end('unknown', undefined, cannot(item))
  const known = JSON.parse(row.result ?? '{}') as ItemResult
  const to = (move: 'found_done' | 'found_undone' | 'found_unclear', says: string, more: Partial<ItemResult> = {}) =>
    moveItem(control, row, move, clock.now(), { ...known, attempt: intent.attempt, ...more, says })
  const repeat = mayRepeat(reached.action, {
    attempt: intent.attempt,
    sinceMs: clock.now() - (intent.sendingAt ?? intent.claimedAt),
    marked: intent.mark !== null,
  })
  const again = () =>
    repeat
      ? end(
          to(
            'found_undone',
            'The answer was lost; the platform shows it undone, and tells a repetition from a second write.',
          ),
        )
      : end(
          to(
            'found_unclear',
            'The answer was lost; the platform shows it undone, and could not tell a late arrival from a second write.',
          ),
        )
  if (item.request.action === 'redeliver') return again()
  try {
    await w.pace(item.platform)
    const { record } = await lookAt(reached, linked(w, item) ?? item.request)
    if (holds(item.request, record, item.after)) {
      const says = 'The answer was lost; the platform holds what was wanted.'
      const id = record?.record_id ?? item.request.recordId
      const now = record ? heldFields(record, Object.keys(item.after)) : null
      return end(to('found_done', says, { holds: now, ...(id !== null && { record_id: id }) }), id)
    }
    if (stillAs(item.request.kind, record, item.before)) return again()
    return end(to('found_unclear', 'The answer was lost; the platform holds neither what it held nor what was wanted.'))
  } catch (thrown) {
    return end('unknown', undefined, asError(thrown))
  }
}

/** The request with the ids of records that earlier items made; null if one of them was not made. */
function linked(w: Writing, item: Item): ReplayRequest | null {
  const references = { ...item.request.references }
  for (const [field, seq] of Object.entries(item.from)) {
    const earlier = w.ctx.control.planItem(w.plan, seq)
    const id = earlier?.state === 'verified' ? (JSON.parse(earlier.result ?? '{}') as ItemResult).record_id : undefined
    if (!id) return null
    references[field] = id
  }
  return { ...item.request, references, ...(item.event && { event: item.event }) }
}

function reasonToSkip(item: Item, record: CanonicalRecord | null): ItemResult | null {
  const { kind, action } = item.request
  if (action === 'redeliver') return null
  const found = record ? heldFields(record, Object.keys(item.after)) : null
  if (holds(item.request, record, item.after))
    return { says: 'It is as wanted already.', found, ...(record && { record_id: record.record_id }) }
  if (!stillAs(kind, record, item.before))
    return { says: item.before === null ? 'The record exists meanwhile.' : 'It has moved since it was planned.', found }
  return null
}

/** The owner's value is read again too: a fix must not carry over what the owner no longer says. */
async function movedAtSource(w: Writing, { source }: Item): Promise<string | null> {
  if (!source) return null
  await w.pace(source.platform)
  const now = await w.reach.record(source)
  if (now === null) return null
  return stillAs(source.kind, now.record, source.fields) ? null : `${source.platform} no longer says so.`
}

/** True where surely nothing was written: the one call that it takes was refused before anything was done. */
function nothingLeft({ code }: PlumblineError, { calls }: Item): boolean {
  return (code === 'rate_limited' || code === 'auth') && calls.length <= 1
}

function cannot({ platform, request }: Item): PlumblineError {
  return new PlumblineError('config', `${platform} cannot be told to ${request.action} a ${request.kind}.`, {
    remedy: 'Its connector or settings have changed since the plan was made; cancel the plan and make it again.',
  })
}
