/** Replay of exceptions: which events are sent again, in which order, and which are left out because the world has moved on. */
import type { Context } from '../../context.ts'
import { iso } from '../../clock.ts'
import type { ExceptionRow } from '../../store/control/exceptions.ts'
import { openFindingsOf } from '../../store/facts/exception-evidence.ts'
import { findings } from '../../store/facts/findings.ts'
import { recordsNamed } from '../../store/facts/placed-records.ts'
import { recordsAt } from '../effects.ts'
import type { Reach } from '../reach.ts'
import { wish, type LeftOut, type Wish } from '../wish.ts'
import { wishesOf } from '../wishes.ts'
import { brokenPayload } from './payload.ts'

export interface ReplayTo {
  /** `original`: the source is asked to deliver again; `middleware`: whoever reported it runs it again; else a target. */
  to: string
}

export interface ReplayWishes {
  wishes: Wish[]
  left_out: LeftOut[]
  superseded: number
  applied: number
  too_old: number
  /** Of the too old ones, how many are mended by writing what the owner holds. */
  repaired: number
}

export async function replayWishes(
  ctx: Pick<Context, 'facts' | 'clock' | 'config'>,
  reach: Reach,
  exceptions: readonly ExceptionRow[],
  { to }: ReplayTo,
): Promise<ReplayWishes> {
  const done: ReplayWishes = { wishes: [], left_out: [], superseded: 0, applied: 0, too_old: 0, repaired: 0 }
  const { facts, clock } = ctx
  const forgotten: ExceptionRow[] = []
  const newest = newestOf(exceptions)
  /** One run may have carried several of them. */
  const runs = new Set<string>()
  const stamps = await stampsAtTarget(facts, exceptions)
  for (const e of exceptions) {
    const out = (why: string) =>
      void done.left_out.push({
        platform: e.target ?? e.platform ?? '',
        kind: e.kind ?? '',
        record_id: e.recordId,
        why,
      })
    if (e.source === 'quarantine') out('It is read again by itself; nothing is sent.')
    else if (!e.eventId || !e.kind) out('No event is named that could be sent again: repair the state instead.')
    else if (newest.get(subjectOf(e)) !== e && e.recordId !== null) {
      done.superseded++
      out('A newer event of the same record waits: that one is sent.')
    } else if (e.eventAt !== null && (stamps.get(subjectOf(e)) ?? 0) > e.eventAt) {
      done.applied++
      out('The target has changed since the event: sending it would carry an older state.')
    } else if (to === 'original' && e.replayUntil !== null && e.replayUntil <= clock.now()) {
      done.too_old++
      forgotten.push(e)
    } else if (to === 'middleware' && e.via !== null && reach.refuses(e.via, 'redeliver') !== null) {
      out(reach.refuses(e.via, 'redeliver')!)
    } else if (to === 'middleware' && e.via !== null && e.run !== null && runs.has(`${e.via} ${e.run}`)) {
      out('The same run carries it, and is asked for once.')
    } else if (to === 'middleware' && (e.via === null || e.run === null)) {
      out('Who reported it did not say by what it can be run again: choose a target, or repair the state.')
    } else {
      // Asked for by id, it is sent as its source has it.
      const broken = to === 'original' || to === 'middleware' ? null : brokenPayload(e.payload)
      if (broken) out(broken)
      else {
        if (to === 'middleware') runs.add(`${e.via} ${e.run}`)
        done.wishes.push(one(e, to))
      }
    }
  }
  await countEffects(facts, done.wishes)
  await repair(ctx, reach, forgotten, done)
  return done
}

/** What each target holds before, so that a second record shows afterwards. Of whom nobody knows an entity, nothing can be counted. */
async function countEffects(facts: Context['facts'], wishes: readonly Wish[]): Promise<void> {
  const known = wishes.flatMap((w) => (w.effect && !w.entity.includes(' ') ? [{ wish: w, effect: w.effect }] : []))
  const counts = await recordsAt(
    facts,
    known.map(({ wish: w, effect }) => ({ ...effect, entity: w.entity })),
  )
  for (const { wish: w, effect } of known)
    w.effect = { ...effect, records: counts.get(`${effect.platform} ${effect.kind} ${effect.record_id}`) ?? 0 }
}

/** What its source has forgotten is not sent again: where a difference is open at its target, the owner's value is written. */
async function repair(
  ctx: Pick<Context, 'facts' | 'config'>,
  reach: Reach,
  forgotten: readonly ExceptionRow[],
  done: ReplayWishes,
): Promise<void> {
  const entities = [...new Set(forgotten.flatMap((e) => e.entityId ?? []))]
  const open = await openFindingsOf(ctx.facts, entities)
  const ids = new Set<string>()
  for (const e of forgotten) {
    const mine = open.filter((f) => f.entity_id === e.entityId && (e.target === null || f.platform === e.target))
    for (const f of mine) ids.add(f.id)
    if (mine.length > 0) done.repaired++
    else {
      const why = 'The source no longer has the event, and no check sees a difference that could be repaired instead.'
      done.left_out.push({ platform: e.target ?? e.platform ?? '', kind: e.kind ?? '', record_id: e.recordId, why })
    }
  }
  if (ids.size === 0) return
  const { wishes, left_out } = await wishesOf(ctx, reach, await findings(ctx.facts, { ids: [...ids] }))
  done.wishes.push(...wishes)
  done.left_out.push(...left_out)
}

function one(e: ExceptionRow, to: string): Wish {
  const at = e.eventAt === null ? null : iso(e.eventAt)
  return wish({
    platform: to === 'original' ? e.platform! : to === 'middleware' ? e.via! : `target:${to}`,
    kind: e.kind!,
    action: 'redeliver',
    recordId: to === 'middleware' ? e.run : e.eventId,
    entity: e.entityId ?? subjectOf(e),
    money: e.money,
    currency: e.currency,
    since: at,
    event: {
      id: e.eventId!,
      at,
      correlation_id: e.correlationId,
      payload: e.payload === null ? null : (JSON.parse(e.payload) as unknown),
    },
    effect: e.target && e.recordId ? { platform: e.target, kind: e.kind!, record_id: e.recordId } : null,
  })
}

const subjectOf = (e: ExceptionRow) =>
  `${e.target ?? e.platform ?? ''} ${e.kind ?? ''} ${e.recordId ?? e.eventId ?? e.id}`

function newestOf(exceptions: readonly ExceptionRow[]): Map<string, ExceptionRow> {
  const newest = new Map<string, ExceptionRow>()
  for (const e of exceptions) {
    const known = newest.get(subjectOf(e))
    if (!known || (e.eventAt ?? 0) > (known.eventAt ?? 0)) newest.set(subjectOf(e), e)
  }
  return newest
}

/** When the record last changed at its target, by the target's own stamp. */
async function stampsAtTarget(
  facts: Context['facts'],
  exceptions: readonly ExceptionRow[],
): Promise<Map<string, number>> {
  const found = new Map<string, number>()
  const kinds = new Set(exceptions.flatMap((e) => (e.kind && e.recordId && e.target ? [e.kind] : [])))
  for (const kind of kinds) {
    const subjects = exceptions.flatMap((e) =>
      e.kind === kind && e.recordId && e.target ? [{ platform: e.target, kind, record_id: e.recordId }] : [],
    )
    for (const r of await recordsNamed(facts, kind, subjects))
      if (r.changed_at !== null) found.set(`${r.platform} ${kind} ${r.record_id}`, Date.parse(r.changed_at))
  }
  return found
}
