/**
 * Drafting: wishes become a plan. Every record is looked at as it is now; what is wanted already, gone, or cannot be done is
 * left out with its reason; the rest gets its before and after, its calls, its way back, its place in the order, and a hash.
 */
import { randomUUID } from 'node:crypto'
import type { ActionRequest, Standing } from '../../connectors/action.ts'
import { compare } from '../../model/decimal.ts'
import type { CanonicalRecord } from '../../model/record.ts'
import { durationMs } from '../config/duration.ts'
import { iso } from '../clock.ts'
import type { Context } from '../context.ts'
import { asError, PlumblineError } from '../errors.ts'
import type { PlanRow } from '../store/control/remedy-rows.ts'
import { recordsNamed } from '../store/facts/placed-records.ts'
import { holds, heldFields, stillAs } from './compare.ts'
import { rejudge, type DryRun } from './dry-run.ts'
import { canonicalJson, planHasher } from './hash.ts'
import { targetOf, type Item, type PlanHeader, type UndoStep } from './item.ts'
import { judged, ruling } from './policy.ts'
import { policyWorld } from './policy-world.ts'
import { lookAt, type Reach, type ReachedAction } from './reach.ts'
import { aim, rankOf, wordsFor, type LeftOut, type Wish } from './wish.ts'

/** Records looked at over the wire while drafting; more are judged by what was read of them last, and looked at when applied. */
const LIVE_MAX = 500
const SIDE_BY_SIDE = 8
/** Largest plan. */
export const ITEMS_MAX = 100_000

export interface DraftWish {
  title: string
  reason: string
  origin: string
  /** User id, or the automation. */
  requester: string
  order?: 'money' | 'oldest'
  rate?: number | null
  stages?: number[]
  standing?: string | null
  undoOf?: string | null
}

export interface Draft {
  plan: PlanRow | null
  dryRun: DryRun
}

type Drafting = Pick<Context, 'config' | 'control' | 'clock' | 'facts' | 'landscape'>

/** What a wish came to once looked at. */
type Looked = { wish: Wish; reached: ReachedAction; standing: Standing; record: CanonicalRecord | null; live: boolean }

/** @throws PlumblineError `forbidden` where the policy forbids it, `conflict` where nothing is left to do */
export async function draftPlan(ctx: Drafting, reach: Reach, wishes: readonly Wish[], how: DraftWish): Promise<Draft> {
  if (wishes.length > ITEMS_MAX)
    throw new PlumblineError('full', `A plan holds ${ITEMS_MAX} records at most; this would be ${wishes.length}.`, {
      remedy: 'Narrow the filter and make several plans.',
    })
  const leftOut: LeftOut[] = []
  const looked = (await look(ctx, reach, wishes, leftOut)).filter((l) => worthDoing(l, leftOut))
  const ordered = inOrder(looked, how.order ?? 'money', leftOut)
  const id = randomUUID()
  const items = ordered.map((l, i) => itemOf(ctx, l, ordered, `${id}-${i + 1}`, leftOut))
  // A record whose calls cannot be planned drops out with what rests on it; numbers must stay as they are, so draft again.
  const dropped = ordered.filter((_, i) => items[i] === null)
  if (dropped.length > 0) {
    const without = wishes.filter((w) => !dropped.some((d) => d.wish === w))
    const again = await draftPlan(ctx, reach, without, how)
    again.dryRun.left_out.push(...leftOut.filter((l) => !again.dryRun.left_out.some((x) => sameLeftOut(x, l))))
    return again
  }
  const made = items as Item[]
  const dryRun = await rejudge(ctx, reach, made, leftOut, looked.filter((l) => l.live).length)
  if (made.length === 0) return { plan: null, dryRun }
  return { plan: store(ctx, id, made, how, dryRun), dryRun }
}

const sameLeftOut = (a: LeftOut, b: LeftOut) =>
  a.platform === b.platform && a.kind === b.kind && a.record_id === b.record_id && a.why === b.why

function store(ctx: Drafting, id: string, items: readonly Item[], how: DraftWish, dryRun: DryRun): PlanRow {
  const { config, control, clock } = ctx
  const standing = how.standing ?? null
  const rules = ruling(items.map(judged), policyWorld(ctx, standing))
  if (rules.outcome === 'forbidden')
    throw new PlumblineError('forbidden', 'The policy forbids this.', { remedy: rules.why.join(' ') })
  const now = clock.now()
  const expiresAt = now + durationMs(config.remedy.expires)!
  const header: PlanHeader = {
    id,
    title: how.title,
    reason: how.reason,
    origin: how.origin,
    requester: how.requester,
    environment: config.remedy.environment,
    created_at: iso(now),
    expires_at: iso(expiresAt),
    items: items.length,
    order: how.order ?? 'money',
    stages: how.stages ?? config.remedy.stages,
    stop_share: Number.parseInt(config.remedy.stop_at, 10) / 100,
    rate: how.rate ?? null,
    needs: rules.needs,
    free: rules.outcome === 'automatic' ? rules.why : [],
    standing,
    undo_of: how.undoOf ?? null,
  }
  const text = canonicalJson(header)
  const hasher = planHasher(text)
  const rows = items.map((item) => {
    const body = canonicalJson(item)
    hasher.add(body)
    return { body, entity: item.entity, target: targetOf(item), issue: item.issue }
  })
  const plan = control.addPlan(
    {
      id,
      header: text,
      hash: hasher.end(),
      requester: how.requester,
      undoOf: how.undoOf ?? null,
      createdAt: now,
      expiresAt,
      dryRun: JSON.stringify({ ...dryRun, money: rules.money }),
    },
    rows,
  )
  if (rules.outcome === 'people') return plan
  control.movePlan(id, ['waiting'], 'approved', {
    actor: 'policy',
    at: now,
    action: 'plan.approved',
    reason: rules.why.join(' '),
  })
  return control.plan(id)!
}

async function look(ctx: Drafting, reach: Reach, wishes: readonly Wish[], leftOut: LeftOut[]): Promise<Looked[]> {
  const live = wishes.length <= LIVE_MAX
  const stored = live ? new Map<string, CanonicalRecord>() : await storedRecords(ctx, wishes)
  const found: (Looked | null)[] = Array.from({ length: wishes.length }, () => null)
  const actions = new Map<string, ReachedAction | null>()
  const actionOf = (w: Wish) => {
    const key = `${w.platform} ${w.action} ${w.kind}`
    if (!actions.has(key)) actions.set(key, reach.action(w.platform, w.action, w.kind))
    return actions.get(key)!
  }
  const queue = wishes.map((_, i) => i)
  const one = async (i: number): Promise<void> => {
    const w = wishes[i]!
    const reached = actionOf(w)
    if (!reached) return leave(leftOut, w, `${w.platform} cannot be told to ${w.action} a ${w.kind}.`)
    if (!live && !ours(w)) {
      const record = stored.get(`${w.platform} ${w.kind} ${w.recordId}`) ?? null
      found[i] = { wish: w, reached, standing: { row: null, mark: null }, record, live: false }
      return
    }
    try {
      const { standing, record } = await lookAt(reached, requestOf(ctx, w, 'look'))
      found[i] = { wish: w, reached, standing, record, live: true }
    } catch (thrown) {
      leave(leftOut, w, asError(thrown).message)
    }
  }
  const worker = async () => {
    for (let i = queue.shift(); i !== undefined; i = queue.shift()) await one(i)
  }
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker))
  return found.filter((l): l is Looked => l !== null)
}

async function storedRecords({ facts }: Drafting, wishes: readonly Wish[]): Promise<Map<string, CanonicalRecord>> {
  const found = new Map<string, CanonicalRecord>()
  for (const kind of new Set(wishes.map((w) => w.kind))) {
    const named = wishes.filter((w) => w.kind === kind && w.recordId !== null && !ours(w))
    for (let i = 0; i < named.length; i += 10_000) {
      const subjects = named.slice(i, i + 10_000).map((w) => ({ platform: w.platform, kind, record_id: w.recordId! }))
      for (const r of await recordsNamed(facts, kind, subjects)) found.set(`${r.platform} ${kind} ${r.record_id}`, r)
    }
  }
  return found
}

/** Kept by ourselves, or no record at all: looked at by its action, never among the facts. */
const ours = ({ platform }: Wish) => platform === 'plumbline' || platform.includes(':')

/** Left out with its reason, or worth doing. */
function worthDoing({ wish, record }: Looked, leftOut: LeftOut[]): boolean {
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

/** Customers by what is at stake or by age; within a customer what is referred to first, then the oldest. */
function inOrder(looked: readonly Looked[], order: 'money' | 'oldest', leftOut: LeftOut[]): Looked[] {
  const wished = new Set(looked.map((l) => l.wish))
  const kept = looked.filter(({ wish }) => {
    const lacks = Object.values(wish.from).some((w) => !wished.has(w))
    if (lacks) leave(leftOut, wish, 'A record that it refers to cannot be made.')
    return !lacks
  })
  const groups = new Map<string, Looked[]>()
  for (const l of kept) {
    const group = groups.get(l.wish.entity)
    if (group) group.push(l)
    else groups.set(l.wish.entity, [l])
  }
  const most = (g: readonly Looked[]) =>
    g.reduce<string>((m, { wish: { money } }) => (money !== null && compare(money, m) > 0 ? money : m), '0')
  const first = (g: readonly Looked[]) =>
    g.reduce((m, { wish: { since } }) => (since !== null && since < m ? since : m), '~')
  const keyed = [...groups.values()].map((g) => ({ g, most: most(g), first: first(g) }))
  keyed.sort((a, b) =>
    order === 'money'
      ? compare(b.most, a.most) || (a.first < b.first ? -1 : 1)
      : a.first < b.first
        ? -1
        : a.first > b.first
          ? 1
          : 0,
  )
  return keyed.flatMap(({ g }) =>
    g.sort(
      (a, b) =>
        rankOf(a.wish.kind) - rankOf(b.wish.kind) ||
        (a.wish.event?.at ?? a.wish.since ?? '').localeCompare(b.wish.event?.at ?? b.wish.since ?? ''),
    ),
  )
}

function requestOf({ config }: Pick<Context, 'config'>, w: Wish, key: string): ActionRequest {
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

function itemOf(ctx: Drafting, l: Looked, all: readonly Looked[], key: string, leftOut: LeftOut[]): Item | null {
  const { wish: w, reached, standing, record } = l
  const request = requestOf(ctx, w, key)
  const after = aim(w)
  const before = w.action === 'create' || w.action === 'redeliver' ? null : heldFields(record!, Object.keys(after))
  const from = Object.fromEntries(
    Object.entries(w.from).map(([field, earlier]) => [field, all.findIndex((x) => x.wish === earlier) + 1]),
  )
  try {
    const calls = reached.action.calls(reached.config, withPlaces(request, from), standing)
    return {
      ...{ platform: w.platform, request, before, after, source: w.source, from, entity: w.entity },
      ...{
        money: w.money,
        currency: w.currency,
        legal_entity: w.legal_entity ?? record?.values['legal_entity'] ?? null,
      },
      ...{ findings: w.findings, check: w.check, issue: w.issue, calls },
      ...{ guard: reached.action.guard, idempotency: reached.action.idempotency },
      ...{ undo: undoOf(w, reached, before), event: w.event, effect: w.effect },
    }
  } catch (thrown) {
    leave(leftOut, w, asError(thrown).message)
    return null
  }
}

/** For the dry run: a record that is yet to be made stands as `#<number of its item>`. */
function withPlaces(request: ActionRequest, from: Record<string, number>): ActionRequest {
  const places = Object.fromEntries(Object.entries(from).map(([field, seq]) => [field, `#${seq}`]))
  return { ...request, references: { ...request.references, ...places } }
}

function undoOf(w: Wish, { action }: ReachedAction, before: Record<string, string | null> | null): UndoStep | null {
  if (action.undo === null) return null
  if (w.action === 'create') return { action: action.undo, fields: {}, references: {}, refs: {} }
  const back = (names: readonly string[]) => Object.fromEntries(names.map((n) => [n, before?.[n] ?? null]))
  const texts = (names: readonly string[], prefix = '') =>
    Object.fromEntries(names.map((n) => [n, before?.[`${prefix}${n}`] ?? '']))
  return {
    action: action.undo,
    fields: ['cancel', 'hold', 'release'].includes(action.undo) ? {} : back(Object.keys(w.fields)),
    references: texts(Object.keys(w.references)),
    refs: texts(Object.keys(w.refs), 'refs.'),
  }
}

function leave(leftOut: LeftOut[], { platform, kind, recordId, findings }: Wish, why: string): void {
  leftOut.push({ platform, kind, record_id: recordId, why, ...(findings.length > 0 && { findings }) })
}
