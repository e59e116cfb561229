/** The pure parts of remediation: lives of plans and items, ramp, repetition, hash, policy. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Config } from '../server/config/schema.ts'
import type { Context } from '../server/context.ts'
import { recoverableUntil } from '../server/recoverability.ts'
import { approvalRules } from '../server/config/remedy-schema.ts'
import { canonicalJson, planHasher } from '../server/remedy/hash.ts'
import {
  ITEM_MOVES,
  ITEM_STATES,
  itemAfter,
  mayRepeat,
  type ItemMove,
  type ItemState,
} from '../server/remedy/item-state.ts'
import { PLAN_MOVES, PLAN_STATES, planAfter, type PlanMove, type PlanState } from '../server/remedy/plan-state.ts'
import { approverOf, ruling, unmet, type Judged, type PolicyWorld } from '../server/remedy/policy.ts'
import { nextStage, type StageOutcome } from '../server/remedy/ramp.ts'

const itemMoves = fc.array(fc.constantFrom(...(Object.keys(ITEM_MOVES) as ItemMove[])), { maxLength: 60 })
const planMoves = fc.array(fc.constantFrom(...(Object.keys(PLAN_MOVES) as PlanMove[])), { maxLength: 40 })

describe('the life of an item', () => {
  it('sends again only what was never sent, or what a look showed undone', () => {
    fc.assert(
      fc.property(itemMoves, (moves) => {
        let state: ItemState = 'pending'
        let inDoubt = false
        for (const move of moves) {
          const next = itemAfter(state, move)
          if (next === null) continue
          if (move === 'send') {
            expect(inDoubt).toBe(false)
            inDoubt = true
          }
          if (move === 'unsent' || move === 'found_undone') inDoubt = false
          state = next
        }
        expect(ITEM_STATES).toContain(state)
      }),
      { numRuns: 2_000 },
    )
  })

  it('never leaves a state that is an end', () => {
    for (const end of ['verified', 'skipped', 'conflict', 'refused', 'not_held', 'unresolved'] as const)
      expect((Object.keys(ITEM_MOVES) as ItemMove[]).filter((m) => itemAfter(end, m) !== null)).toEqual([])
  })

  it('repeats nothing whose late arrival the platform could not tell from a second write', () => {
    const at = { attempt: 1, sinceMs: 1_000, marked: true }
    const may = (
      name: 'set_fields' | 'create',
      idempotency: 'header' | 'upsert' | 'journal',
      guard: 'etag' | 'stamp' | 'compare',
    ) => mayRepeat({ name, idempotency, guard }, at)
    expect(may('set_fields', 'journal', 'compare')).toBe(false)
    expect(may('set_fields', 'journal', 'stamp')).toBe(false)
    expect(may('create', 'journal', 'etag')).toBe(false)
    expect(may('set_fields', 'journal', 'etag')).toBe(true)
    expect(may('create', 'upsert', 'compare')).toBe(true)
    expect(mayRepeat({ name: 'set_fields', idempotency: 'journal', guard: 'etag' }, { ...at, marked: false })).toBe(
      false,
    )
    const keyed = { name: 'create', idempotency: 'header', guard: 'compare' } as const
    expect(mayRepeat(keyed, at)).toBe(true)
    expect(mayRepeat(keyed, { ...at, sinceMs: 24 * 3_600_000 })).toBe(false)
    expect(mayRepeat(keyed, { ...at, attempt: 3 })).toBe(false)
  })
})

describe('the life of a plan', () => {
  it('is applied only after it was approved, and ends for good', () => {
    fc.assert(
      fc.property(planMoves, (moves) => {
        let state: PlanState = 'waiting'
        let approved = false
        for (const move of moves) {
          const next = planAfter(state, move)
          if (next === null) continue
          if (move === 'approve') approved = true
          if (next === 'applying') expect(approved).toBe(true)
          expect(['done', 'rejected', 'cancelled', 'expired']).not.toContain(state)
          state = next
        }
        expect(PLAN_STATES).toContain(state)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('the canary ramp', () => {
  const ramp = { stages: [1, 5, 50, 500], stopShare: 0.1 }
  const outcome = fc.record({ tried: fc.nat(500), failed: fc.nat(50), newDrift: fc.constant(0) })

  it('tries every item in the end, never more than the stage allows, and stops on any new difference', () => {
    fc.assert(
      fc.property(fc.nat(100_000), (items) => {
        const outcomes: StageOutcome[] = []
        let left = items
        for (;;) {
          const step = nextStage(ramp, outcomes, left)
          if (!('go' in step)) {
            expect(step).toEqual({ over: true })
            break
          }
          expect(step.go).toBeLessThanOrEqual(ramp.stages[Math.min(outcomes.length, 3)]!)
          left -= step.go
          outcomes.push({ tried: step.go, failed: 0, newDrift: 0 })
        }
        expect(left).toBe(0)
      }),
    )
    fc.assert(
      fc.property(fc.array(outcome, { minLength: 1, maxLength: 6 }), (outcomes) => {
        const last = outcomes.at(-1)!
        const allowed = outcomes.length === 1 ? 0 : last.tried * 0.1
        expect('stop' in nextStage(ramp, outcomes, 10)).toBe(last.failed > allowed)
        const drifted = [...outcomes.slice(0, -1), { ...last, newDrift: 1 }]
        expect('stop' in nextStage(ramp, drifted, 10)).toBe(true)
      }),
    )
  })
})

describe('the hash of a plan', () => {
  const value = fc.jsonValue()
  it('is the same for equal values and different for any other', () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        const [x, y] = [canonicalJson(a), canonicalJson(b)]
        // `-0` is written as `0`, in JSON too.
        expect(JSON.parse(x)).toEqual(JSON.parse(JSON.stringify(a)))
        const hash = (body: string) => {
          const h = planHasher('{}')
          h.add(body)
          return h.end()
        }
        expect(hash(x) === hash(y)).toBe(x === y)
      }),
    )
    expect(canonicalJson({ b: 1, a: undefined, c: [undefined] })).toBe('{"b":1,"c":[null]}')
  })
})

describe('the recoverability of drift', () => {
  const world = {
    config: { platforms: { crm: { connector: 'desk' }, files: { connector: 'none' } } } as unknown as Config,
    connectors: new Map([['desk', { replayDays: 3 }]]) as unknown as Context['connectors'],
  }
  const since = '2026-11-20T12:00:00.000Z'
  it('lasts as long as the owner keeps the event, where sending it again heals anything', () => {
    const until = recoverableUntil(world, { cause: 'never_sent', owner_platform: 'crm', since })
    expect(until).toBe(Date.parse('2026-11-23T12:00:00.000Z'))
    for (const other of [
      { cause: 'mapping_missing' },
      { owner_platform: 'files' },
      { owner_platform: null },
      { since: null },
    ])
      expect(recoverableUntil(world, { cause: 'never_sent', owner_platform: 'crm', since, ...other })).toBeNull()
  })
})

describe('the approval policy', () => {
  const item: Judged = {
    ...{ platform: 'crm', money: null, currency: null, legal_entity: 'DE01' },
    ...{ action: 'set_fields', kind: 'customer', fields: ['phone'], reversible: true },
  }
  const worldOf = (rules: Parameters<typeof approvalRules.parse>[0], groups: string[] = ['finance']): PolicyWorld => ({
    rules: approvalRules.parse(rules),
    environment: 'production',
    automation: null,
    groups: new Set(groups),
    roleOf: (p) => p,
    worth: (amount, currency) => (currency === 'EUR' ? amount : null),
  })
  const every = { needs: 'one', why: 'always' } as const

  it('asks for one person where nothing is said, and for nobody only where that is said of this very case', () => {
    expect(ruling([item], worldOf([])).needs).toMatchObject([{ approvers: 1, group: null }])
    const rules = worldOf([every, { fields: ['customer.phone'], needs: 'automatic', why: 'harmless' }])
    expect(ruling([item], rules)).toMatchObject({ outcome: 'automatic', why: ['harmless'] })
    const both = [item, { ...item, fields: ['phone', 'name'] }, { ...item, fields: ['name'] }]
    expect(ruling(both, rules).outcome).toBe('people')
    expect(ruling([], rules).outcome).toBe('forbidden')
  })

  it('takes the strictest of what applies: by field, money, platform, legal entity, environment', () => {
    const rules = worldOf([
      every,
      { money_from: '1000', needs: 'four_eyes', why: 'much' },
      { fields: ['customer.credit_limit'], needs: 'one', group: 'finance', per_legal_entity: true, why: 'credit' },
      { platforms: ['erp'], environments: ['production'], needs: 'forbidden', why: 'not here' },
      { kinds: ['invoice'], needs: { approvers: 3 }, group: 'finance', why: 'three of finance' },
    ])
    expect(ruling([{ ...item, platform: 'erp' }], rules)).toMatchObject({ outcome: 'forbidden', why: ['not here'] })
    expect(ruling([{ ...item, fields: ['credit_limit'] }], rules).needs).toMatchObject([
      { approvers: 2, group: null, why: 'much' },
      { approvers: 1, group: 'finance', legal_entity: 'DE01', why: 'credit' },
    ])
    const priced = { ...item, money: '600', currency: 'EUR' }
    expect(ruling([priced], rules).needs).toMatchObject([{ approvers: 1 }])
    expect(ruling([priced, priced], rules).needs).toMatchObject([{ approvers: 2 }])
    expect(ruling([{ ...priced, currency: 'USD' }], rules).needs).toMatchObject([{ approvers: 2 }])
    expect(ruling([{ ...item, kind: 'invoice', money: '1', currency: 'EUR' }], rules).needs).toContainEqual(
      expect.objectContaining({ approvers: 3, group: 'finance' }),
    )
  })

  it('counts an amount that is exactly the limit as one that reaches it, however it is written', () => {
    const rules = worldOf([every, { money_from: '1000', needs: 'four_eyes', why: 'much' }])
    const approvers = (...amounts: string[]) =>
      ruling(
        amounts.map((money) => ({ ...item, money, currency: 'EUR' })),
        rules,
      ).needs.map((n) => n.approvers)
    expect(approvers('999.99')).toEqual([1])
    for (const exact of ['1000', '1000.00', '1000.000000000']) expect(approvers(exact)).toEqual([2])
    expect(approvers('1000.000000001')).toEqual([2])
    expect(approvers('333.33', '333.33', '333.34')).toEqual([2])
    expect(approvers('333.33', '333.33', '333.33')).toEqual([1])
  })

  it('counts people, never the requester, and nobody twice', () => {
    const groups = { finance: { members: ['Anna@kranich.example'], legal_entities: ['DE01'] } }
    const anna = approverOf({ groups }, { id: 'anna', email: 'anna@kranich.example' })
    const bert = approverOf({ groups }, { id: 'bert', email: 'bert@kranich.example' })
    const need = { approvers: 1, group: 'finance', legal_entity: 'DE01', why: 'credit' }
    expect(unmet([need], [anna], 'olga')).toEqual([])
    expect(unmet([need], [bert], 'olga')).toMatchObject([{ wanted: 1 }])
    expect(unmet([need], [anna], 'anna')).toMatchObject([{ wanted: 1 }])
    expect(unmet([{ ...need, legal_entity: 'US01' }], [anna], 'olga')).toHaveLength(1)
    const two = { approvers: 2, group: null, legal_entity: null, why: 'much' }
    expect(unmet([two], [anna, anna], 'olga')).toMatchObject([{ wanted: 1 }])
    expect(unmet([two], [anna, bert], 'olga')).toEqual([])
  })
})
