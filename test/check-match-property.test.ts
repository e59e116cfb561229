/** Matching and structure: looking at what moved finds what looking at everything finds, whatever happens in whichever order. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Check } from '../server/check/contract.ts'
import type { StoredFinding } from '../server/store/facts/findings.ts'
import { confirmKeys } from '../server/store/facts/matched-keys.ts'
import { checkFile } from './world/check-files.ts'
import { checkWorld, forget } from './world/check-world.ts'
import { controlWorld } from './world/control.ts'
import { factsWorld, type FactsWorld } from './world/facts.ts'

let world: FactsWorld
beforeAll(async () => void (world = await factsWorld()))
afterAll(() => world.end())
afterEach(() => forget(world.facts))

/** Small, even, repeatable random numbers (mulberry32). */
function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}

const KINDS = [
  `kind: match
left: { of: invoice, where: { state: paid }, value: total }
right: { of: payment, by: invoice, where: { state: succeeded }, value: amount }
unmatched: [left, right]`,
  `kind: match
must: at_least
pool: true
left: { of: invoice, where: { state: paid }, value: total }
right: { of: payment, by: invoice, where: { state: succeeded }, value: amount }
unmatched: [left, loose]`,
  `kind: match
shape: many_to_many
left: { of: invoice, by: [customer], where: { state: paid }, value: total }
right: { of: payment, by: [customer], where: { state: succeeded }, value: amount }
unmatched: [left, right]`,
  `kind: structure\ncompare: lines\nof: invoice`,
]
const checks = (name: string): Check[] => KINDS.map((text, i) => checkFile(`${name}-${i}`, text))

/** What a finding says, without its name and the runs that saw it. */
function said(f: StoredFinding) {
  const {
    check,
    entity_id,
    platform,
    state,
    verdict,
    cause,
    expected,
    actual,
    subject,
    currency,
    amount_at_risk,
    due_at,
    since,
  } = f
  const members = subject.map((s) => `${s.platform} ${s.record_id}`).sort()
  return {
    check: check.split('-')[1],
    entity_id,
    platform,
    state,
    verdict,
    cause,
    expected,
    actual,
    members,
    currency,
    amount_at_risk,
    due_at,
    since,
  }
}
const key = (f: ReturnType<typeof said>) => JSON.stringify(f)
const standing = (all: readonly StoredFinding[]) =>
  all
    .filter((f) => f.state !== 'resolved')
    .map(said)
    .sort((a, b) => (key(a) < key(b) ? -1 : 1))

describe.each([1, 2])('seed %i', (seed) => {
  it('ends with the same findings', async () => {
    const { control, end } = controlWorld()
    const draw = random(seed)
    const [byStep, inFull] = [checks('step'), checks('full')]
    const platforms = ['erp', 'billing']
    const w = checkWorld({
      facts: world.facts,
      control,
      platforms: { erp: { role: 'erp' }, billing: { role: 'billing' } },
      checks: [...byStep, ...inFull],
    })
    const ids = (of: Check[]) => of.map((c) => c.id)
    w.read(undefined, platforms, ['invoice', 'payment', 'line'])
    let seen = 0
    for (let step = 0; step < 5; step++) {
      const wish = () => {
        const platform = platforms[draw(2)]!
        const what = draw(3)
        const entity = `${'IPL'[what]}${draw(what === 0 ? 5 : 8)}`
        const invoice = draw(5) === 0 ? '' : `I${draw(5)}`
        const common = {
          platform,
          entity,
          customer_entity: `K${draw(2)}`,
          record_id: platform === 'erp' ? entity : `b-${entity}`,
          currency: draw(12) === 0 ? 'USD' : 'EUR',
          changed_at: new Date(w.clock.now() - draw(150) * 60_000).toISOString(),
          deleted: draw(12) === 0,
        }
        if (what === 0)
          return {
            ...common,
            kind: 'invoice',
            state: ['open', 'paid', 'paid', 'void'][draw(4)],
            total: `${50 + 10 * draw(3)}`,
          }
        if (what === 1)
          return {
            ...common,
            kind: 'payment',
            invoice,
            state: ['succeeded', 'succeeded', 'failed'][draw(3)],
            amount: `${50 + 10 * draw(3)}`,
          }
        return {
          ...common,
          kind: 'line',
          document_kind: 'invoice',
          document: invoice,
          product: `p${draw(2)}`,
          quantity: `${1 + draw(2)}`,
          amount: `${10 * draw(3)}`,
        }
      }
      const records = Array.from({ length: 2 + draw(10) }, wish)
      await w.place(...new Map(records.map((r) => [`${r.platform} ${r.record_id}`, r])).values())
      if (draw(2) === 0) w.read(w.clock.now() - draw(30) * 60_000, [platforms[draw(2)]!])
      if (step === 2)
        await confirmKeys(
          w.ctx,
          [
            { kind: 'invoice', entity_id: 'I0' },
            { kind: 'payment', entity_id: 'P1' },
          ],
          null,
        )
      for (const result of [
        ...(await w.check({ checks: ids(byStep) })),
        ...(await w.check({ checks: ids(inFull), full: true })),
      ])
        expect(result.error?.message ?? null).toBeNull()
      const all = await w.findings()
      const of = (name: string) => standing(all.filter((f) => f.check.startsWith(name)))
      seen += of('step').length
      expect(of('step')).toEqual(of('full'))
      await w.clock.turn((5 + draw(60)) * 60_000)
    }
    expect(seen).toBeGreaterThan(10)
    end()
  })
})
