/**
 * Steps against full: order books that live for some hours, looked at step by step, in full at every step, and once at the
 * end. Each seed draws the records of its own book; several books may lie in one database, as those of two companies do,
 * so that one look serves them all. When the platforms are read, and what cannot be, is drawn for all of them together.
 */
import type { Check } from '../../server/check/contract.ts'
import type { Facts } from '../../server/store/facts/facts.ts'
import type { StoredFinding } from '../../server/store/facts/findings.ts'
import { writeQuarantine } from '../../server/store/facts/quarantine.ts'
import { checkFile } from './check-files.ts'
import { checkWorld, type WishedRecord } from './check-world.ts'
import { controlWorld } from './control.ts'

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

const PLATFORMS = ['crm', 'erp', 'billing'] as const
const KINDS = [
  'kind: agree\nof: order\nfields: [amount, state, currency]',
  'kind: exist\nof: order\npast: draft\non: [crm, erp, billing]\nowners: [crm, erp]',
  'kind: duplicate\nof: order',
]
/** The same checks under three names: looked at step by step, in full at every step, and once at the end. */
const checks = (name: string): Check[] => KINDS.map((text, i) => checkFile(`${name}-${i}`, text))

/** What a finding says, without its name and the runs that saw it. */
function said(f: StoredFinding) {
  const {
    id: _,
    check,
    issue: __,
    run_id: ___,
    last_seen_at: ____,
    evidence: _____,
    values,
    eid: ______,
    customer_eid: _______,
    ...rest
  } = f
  return { ...rest, check: check.split('-')[1], values: values.map((v) => [v.platform, v.state, v.value]) }
}
const key = (f: ReturnType<typeof said>) => JSON.stringify([f.check, f.entity_id, f.category, f.field, f.platform])
const sorted = (all: StoredFinding[]) => all.map(said).sort((a, b) => (key(a) < key(b) ? -1 : 1))

/** What the three ways of looking found; `step` must equal `full`, and what stands of `step` what stands at the `end`. */
export interface ThreeWays {
  step: ReturnType<typeof said>[]
  full: ReturnType<typeof said>[]
  standing: unknown[]
  end: unknown[]
}

/** One seed's own part of a step: up to twelve records of its twelve orders, all ids and numbers apart from those of others. */
function recordsOf(seed: number, draw: (below: number) => number, now: number): (WishedRecord & { entity: string })[] {
  const records = Array.from({ length: 1 + draw(12) }, () => {
    const entity = `${seed}-o${draw(12)}`
    const platform = PLATFORMS[draw(3)]!
    const changed = now - draw(120) * 60_000
    return {
      platform,
      kind: 'order',
      entity,
      record_id: `${platform}-${entity}-${draw(8) === 0 ? 'b' : 'a'}`,
      state: ['draft', 'booked', 'booked', 'fulfilled'][draw(4)],
      amount: `${100 + draw(2)}.00`,
      currency: draw(10) === 0 ? 'USD' : 'EUR',
      changed_at: new Date(changed).toISOString(),
      deleted: draw(12) === 0,
    }
  })
  return [...new Map(records.map((r) => [r.record_id, r])).values()]
}

/** @throws if a check fails */
export async function threeWays(facts: Facts, ...seeds: number[]): Promise<ThreeWays> {
  const { control, end: forgetControl } = controlWorld()
  const books = seeds.map((seed) => ({ seed, draw: random(seed) }))
  const draw = random(seeds.reduce((a, b) => a * 31 + b, 7))
  const [byStep, inFull, atEnd] = [checks('step'), checks('full'), checks('end')]
  const w = checkWorld({
    facts,
    control,
    platforms: Object.fromEntries(PLATFORMS.map((role) => [role, { role }])),
    checks: [...byStep, ...inFull, ...atEnd],
  })
  const ids = (of: Check[]) => of.map((c) => c.id)
  for (let step = 0; step < 8; step++) {
    const now = w.clock.now()
    await w.place(...books.flatMap((book) => recordsOf(book.seed, book.draw, now)))
    for (const platform of PLATFORMS) if (draw(3) > 0) w.read(w.clock.now() - draw(40) * 60_000, [platform], ['order'])
    if (draw(4) === 0)
      await writeQuarantine(facts, control, [
        {
          platform: PLATFORMS[draw(3)]!,
          stream: 'order',
          kind: 'order',
          record_id: `${PLATFORMS[draw(3)]!}-${seeds[draw(seeds.length)]!}-o${draw(12)}-a`,
          at: new Date(w.clock.now()).toISOString(),
          field: 'amount',
          reason: 'unreadable',
          place: '',
          raw_base64: '',
        },
      ])
    for (const result of [
      ...(await w.check({ checks: ids(byStep) })),
      ...(await w.check({ checks: ids(inFull), full: true })),
    ])
      if (result.error) throw result.error
    await w.clock.turn((5 + draw(50)) * 60_000)
  }
  await w.check({ checks: ids(byStep) })
  await w.check({ checks: ids(inFull), full: true })
  await w.check({ checks: ids(atEnd), full: true })
  const all = await w.findings()
  const of = (name: string) => all.filter((f) => f.check.startsWith(name))
  const standing = (f: ReturnType<typeof said>) => [key(f), f.state, f.verdict, f.cause, f.expected, f.actual]
  forgetControl()
  return {
    step: sorted(of('step')),
    full: sorted(of('full')),
    standing: sorted(of('step').filter((f) => f.state !== 'resolved')).map(standing),
    end: sorted(of('end')).map(standing),
  }
}
