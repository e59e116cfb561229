/**
 * Replay: checks run over the past, from one instant to another, stopping wherever their answer can change. Nothing is
 * written but tables of the past, which go away at the end.
 *
 * It stops where entities moved, where the window of a difference in flight ends, and where a platform that a finding
 * waits for had been read far enough; checks that time alone can change are looked at on a grid besides. What is seen
 * there is settled as a run would settle it, so the states at an instant are those of a run at that instant.
 */
import { randomUUID } from 'node:crypto'
import type { Context } from '../../context.ts'
import { hashesOf, hashesWithin } from '../../store/facts/past/masks.ts'
import { changePoints } from '../../store/facts/past/instants.ts'
import { openPast, type Moved } from '../../store/facts/past/move.ts'
import { stillKept } from '../../store/kept-since.ts'
import { neededKinds } from '../../store/facts/past/tables.ts'
import type { Check, Reach } from '../contract.ts'
import { judgeContext, standing, type Standing } from '../evidence.ts'
import { kindFor, subjectOf, widened, type Held } from '../look.ts'
import { identified, settle } from '../settle.ts'
import type { StoredFinding } from '../../store/facts/findings.ts'
import { Lives } from './life.ts'
import { heldEver, kindsRead, observe, replayable, type There } from './observe.ts'
import { Agenda } from './agenda.ts'
import { Progress, standingThen } from './standing-then.ts'

export interface ReplayWish {
  /** Each is replayed by itself, over the same past. */
  checks: readonly Check[]
  /** Epoch ms, both looked at. */
  from: number
  to: number
  /** Most instants; with more, the window is cut into as many cells, and what comes and goes within one is not seen. */
  instantsMax?: number
  /** Grid of checks that time alone can change, milliseconds. */
  gridMs?: number
  /** After each instant: how many are done, of how many known so far. */
  progress?: (done: number, of: number, at: number) => void
}

export interface Replayed {
  lives: Lives[]
  instants: number
  /** Null: every instant at which something moved was looked at. Else the length of a cell, milliseconds. */
  cellMs: number | null
  gridMs: number | null
}

const INSTANTS_MAX = 5_000
const GRID_STEPS = 400
const HOUR = 3_600_000

interface Look {
  at: number
  first: boolean
  last: boolean
  moved: Moved | null
  since: number
  then: Standing
}

/** @throws PlumblineError config for a check of which no past is kept; whatever aborts `ctx.signal` */
export async function replay(ctx: Context, wish: ReplayWish): Promise<Replayed> {
  const { checks, from, to } = wish
  checks.forEach(replayable)
  stillKept(ctx, from)
  const kinds = kindsRead(ctx, checks, to)
  const timed = checks.some((c) => kindFor(c).timed(c))
  const gridMs = timed ? (wish.gridMs ?? Math.max(HOUR, Math.ceil((to - from) / GRID_STEPS))) : null
  const agenda = new Agenda(from, to, wish.instantsMax ?? INSTANTS_MAX)
  for (const at of await changePoints(ctx.facts, neededKinds(kinds), from, to)) agenda.add(at)
  if (gridMs !== null) for (let at = from + gridMs; at < to; at += gridMs) agenda.add(at)
  const held = await heldEver(ctx, kinds)
  const progress = new Progress(ctx.control.streamMarks(to))
  const now = await standing(ctx)
  const lives = checks.map(() => new Lives())
  const past = await openPast(ctx.facts, from, randomUUID().replaceAll('-', '').slice(0, 12), kinds)
  const there: There = { facts: past.facts, landscape: ctx.landscape, signal: ctx.signal }
  let done = 0
  let since = from
  try {
    for (let at = agenda.next(); at !== null; at = agenda.next()) {
      ctx.signal.throwIfAborted()
      const first = done === 0
      const moved = first ? null : await past.forward(at)
      const look: Look = { at, first, last: at === to, moved, since, then: standingThen(now, progress, at) }
      for (const [i, check] of checks.entries()) {
        await lookOnce(there, check, look, held, lives[i]!)
        for (const f of lives[i]!.unresolved()) for (const due of waitsFor(f, look, progress)) agenda.add(due)
      }
      since = at
      done += 1
      wish.progress?.(done, done + agenda.left, at)
    }
  } finally {
    await past.end()
  }
  return { lives, instants: done, cellMs: agenda.cellMs, gridMs }
}

/** One check at one instant. */
async function lookOnce(there: There, check: Check, look: Look, held: Held, lives: Lives): Promise<void> {
  const scope = subjectOf(check)
  const waiting = lives.unresolved().filter((f) => isWaiting(f, look, check))
  const quiet = !look.first && look.moved!.entities.length === 0 && waiting.length === 0
  if (quiet && !kindFor(check).timed(check)) return
  const reach = widened(there, check, reachOf(look, waiting, scope === 'none'), look.at, held)
  const observations = await observe(there, check, reach, look.at, look.then, held)
  const seen = identified(observations)
  const reached = await reachedOf(there, lives.unresolved(), reach, scope)
  const known = new Set(reached.map((f) => f.id))
  const again = [...seen.keys()].flatMap((id) => (known.has(id) ? [] : (lives.get(id) ?? [])))
  const judging = judgeContext(there, look.then, look.at, new Map())
  const settled = settle({
    previous: [...reached, ...again],
    observations,
    asOf: look.at,
    runId: 'replay',
    healedAt: () => look.at,
    unverifiable(f) {
      if (f.kind === '' || f.entity_id === '') return null
      const unread = [f.platform, f.owner_platform].find(
        (p) => p !== null && judging.keeps(p, f.kind) && judging.completeThrough(p, f.kind) === null,
      )
      return unread === undefined ? null : `${unread} had not been read completely.`
    },
  })
  const fresh = settled.findings.filter((f) => !lives.get(f.id)).flatMap((f) => [f.entity_id, f.customer_entity_id])
  lives.take(
    settled,
    look.at,
    await hashesOf(
      there.facts,
      [...new Set(fresh)].filter((id) => id !== ''),
    ),
  )
}

/** Findings that are looked at though nothing of theirs moved. */
function isWaiting(f: StoredFinding, look: Look, check: Check): boolean {
  if (look.last && f.state !== 'open') return true
  const kept = kindFor(check).keptMs?.(check) ?? null
  if (kept !== null && f.since !== null && Date.parse(f.since) <= look.at - kept) return true
  if (f.state === 'undecided') return true
  return f.state === 'in_flight' && (f.due_at === null || Date.parse(f.due_at) <= look.at)
}

function reachOf(look: Look, waiting: readonly StoredFinding[], whole: boolean): Reach {
  if (look.first || whole) return { full: true, slice: null }
  const hashes = (name: string) => `select toUInt64(arrayJoin({${name}:Array(String)}))`
  const these = (own: readonly string[], more: readonly string[]) =>
    [...new Set([...own, ...more])].filter((h) => h !== '0')
  return {
    full: false,
    entities: hashes('then_entities'),
    customers: hashes('then_customers'),
    params: {
      then_entities: these(
        look.moved!.entities,
        waiting.map((f) => f.eid),
      ),
      then_customers: these(
        look.moved!.customers,
        waiting.map((f) => f.customer_eid),
      ),
    },
    since: look.since,
  }
}

/** Unresolved findings that the reach covers: their absence means that the difference is gone. */
async function reachedOf(
  there: There,
  unresolved: readonly StoredFinding[],
  reach: Reach,
  scope: 'entity' | 'customer' | 'none',
): Promise<StoredFinding[]> {
  if (reach.full || scope === 'none' || unresolved.length === 0) return [...unresolved]
  const hash = (f: StoredFinding) => (scope === 'customer' ? f.customer_eid : f.eid)
  const asked = [...new Set(unresolved.map(hash))]
  const within = await hashesWithin(
    there.facts,
    asked,
    scope === 'customer' ? reach.customers : reach.entities,
    reach.params,
  )
  return unresolved.filter((f) => within.has(hash(f)))
}

/** When after this instant what is known of a finding could change without anything moving. */
function waitsFor(f: StoredFinding, look: Look, progress: Progress): number[] {
  if (f.state === 'open') return []
  const due = f.due_at === null ? null : Date.parse(f.due_at)
  if (f.state === 'in_flight') return due !== null && due > look.at ? [due] : []
  const platforms = new Set([f.platform, f.owner_platform, ...f.subject.map((s) => s.platform)])
  return look.then.streams
    .filter((s) => platforms.has(s.platform) && s.kind === f.kind)
    .flatMap((s) => progress.reaches(s.platform, s.stream, due ?? look.at, look.at) ?? [])
}
