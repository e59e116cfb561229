/**
 * Drafting: wishes become a plan. Every record is looked at as it is now; what is wanted already, gone, or cannot be done is
 * left out with its reason; the rest gets its before and after, its calls, its way back, its place in the order, and a hash.
 */
import { randomUUID } from 'node:crypto'
import type { ActionRequest } from '../../connectors/action.ts'
import { compare } from '../../model/decimal.ts'
import { durationMs } from '../config/duration.ts'
import { iso } from '../clock.ts'
import { asError, PlumblineError } from '../errors.ts'
import type { PlanRow } from '../store/control/remedy-rows.ts'
import { heldFields } from './compare.ts'
import { rejudge, type DryRun } from './dry-run.ts'
import { canonicalJson, planHasher } from './hash.ts'
import { targetOf, type Item, type PlanHeader, type UndoStep } from './item.ts'
import { leave, look, requestOf, worthDoing, type Drafting, type Looked } from './look.ts'
import { judged, ruling } from './policy.ts'
import { policyWorld } from './policy-world.ts'
import type { Reach, ReachedAction } from './reach.ts'
import { aim, rankOf, type LeftOut, type Wish } from './wish.ts'

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
  /** Plan whose place it takes. */
  replaces?: string
}

export interface Draft {
  plan: PlanRow | null
  dryRun: DryRun
}

/** @throws PlumblineError `forbidden` where the policy forbids it, `conflict` where nothing is left to do */
export async function draftPlan(ctx: Drafting, reach: Reach, wishes: readonly Wish[], how: DraftWish): Promise<Draft> {
  if (wishes.length > ITEMS_MAX)
    throw new PlumblineError('full', `A plan holds ${ITEMS_MAX} records at most; this would be ${wishes.length}.`, {
      remedy: 'Narrow the filter and make several plans.',
    })
  const leftOut: LeftOut[] = []
  const seen = await look(ctx, reach, wishes, leftOut)
  const looked = seen.looked.filter((l) => worthDoing(l, leftOut))
  const ordered = inOrder(looked, how.order ?? 'money', leftOut)
  const id = randomUUID()
  const places = new Map(ordered.map((l, i) => [l.wish, i + 1]))
  const items = ordered.map((l, i) => itemOf(ctx, l, places, `${id}-${i + 1}`, leftOut))
  // A record whose calls cannot be planned drops out with what rests on it; numbers must stay as they are, so draft again.
  const dropped = new Set(ordered.flatMap((l, i) => (items[i] === null ? [l.wish] : [])))
  if (dropped.size > 0) {
    const without = wishes.filter((w) => !dropped.has(w))
    const again = await draftPlan(ctx, reach, without, how)
    again.dryRun.left_out.push(...leftOut.filter((l) => !again.dryRun.left_out.some((x) => sameLeftOut(x, l))))
    return again
  }
  const made = items as Item[]
  const dryRun = await rejudge(ctx, reach, made, {
    leftOut,
    live: looked.filter((l) => l.live).length,
    shelf: seen.shelf,
  })
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
    ...(how.replaces !== undefined && { replaces: how.replaces }),
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
  const byAge = (a: { first: string }, b: { first: string }) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0)
  keyed.sort((a, b) => (order === 'oldest' || a.most === b.most ? 0 : compare(b.most, a.most)) || byAge(a, b))
  return keyed.flatMap(({ g }) =>
    g.sort(
      (a, b) =>
        rankOf(a.wish.kind) - rankOf(b.wish.kind) ||
        (a.wish.event?.at ?? a.wish.since ?? '').localeCompare(b.wish.event?.at ?? b.wish.since ?? ''),
    ),
  )
}

function itemOf(
  ctx: Drafting,
  l: Looked,
  places: ReadonlyMap<Wish, number>,
  key: string,
  leftOut: LeftOut[],
): Item | null {
  const { wish: w, reached, standing, record } = l
  const request = requestOf(ctx, w, key)
  const after = aim(w)
  const before = w.action === 'create' || w.action === 'redeliver' ? null : heldFields(record!, Object.keys(after))
  const from = Object.fromEntries(Object.entries(w.from).map(([field, earlier]) => [field, places.get(earlier)!]))
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
