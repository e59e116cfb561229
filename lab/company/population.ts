/** Population: who the company deals with, and when each of them is won. */
import type { Company } from './company.ts'
import { DAY } from '../time.ts'
import { live } from './life.ts'
import { stock } from './products.ts'
import { createWorld } from './world.ts'
import type { World } from './world.ts'

export interface Crowd {
  customers: number
  /** First instant of the observed history, and its last. */
  start: number
  end: number
}

/** Fills the agenda: most were customers long before the history begins, some are won in it, some never. */
export function populate(company: Company, crowd: Crowd): World {
  const world = createWorld(company, stock(company))
  const r = company.random.fork('population')
  for (let i = 0; i < crowd.customers; i++) {
    const kind = r.weighted([
      ['wins', 84],
      ['stays_prospect', 6],
      ['stays_lead', 5],
      ['lost', 5],
    ] as const)
    const old = kind === 'wins' ? r.chance(0.8) : r.chance(0.4)
    const at = old
      ? crowd.start - r.int(12, 330) * DAY
      : crowd.start + r.int(1, Math.max(2, Math.floor((crowd.end - crowd.start) / DAY) - 1)) * DAY
    const churnsAt = r.chance(0.06) ? crowd.start + r.int(10, 85) * DAY : null
    const holdAt = r.chance(0.08) ? crowd.start + r.int(5, 86) * DAY : null
    const child = r.chance(0.09)
    world.spawn(company.now, `live/${i}`, (own) =>
      live(world, own, {
        kind,
        at,
        churnsAt,
        holdAt,
        get parent() {
          return child && world.settled.length > 0 ? own.pick(world.settled) : null
        },
      }),
    )
  }
  return world
}
