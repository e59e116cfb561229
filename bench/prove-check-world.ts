/** The world of prove-check: two platforms with orders, of which some agree and some do not, in the real stores of a folder. */
import { join } from 'node:path'
import { openControl } from '../server/store/control/sqlite.ts'
import { openFacts } from '../server/store/facts/open.ts'
import { checkFile } from '../test/world/check-files.ts'
import { checkWorld, type CheckWorld } from '../test/world/check-world.ts'

/** When the run that is killed begins. */
export const AS_OF = '2026-11-20T14:00:00.000Z'
const ORDERS = 120

export const CHECKS = [
  checkFile('agree', 'kind: agree\nof: order\nfields: [amount, state, currency]'),
  checkFile('exist', 'kind: exist\nof: order\npast: draft\non: [crm, erp]\nowners: [crm, erp]'),
  checkFile('duplicate', 'kind: duplicate\nof: order'),
]

/** The world of one folder. */
export async function open(folder: string): Promise<{ world: CheckWorld; close(): Promise<void> }> {
  const facts = await openFacts({ database: 'plumbline', path: join(folder, 'facts'), maxQueryMb: 512 })
  const control = openControl(join(folder, 'control.sqlite'))
  const world = checkWorld({
    facts,
    control,
    platforms: { crm: { role: 'crm' }, erp: { role: 'erp' } },
    checks: CHECKS,
    at: '2026-11-20T12:00:00.000Z',
  })
  return {
    world,
    async close() {
      control.close()
      await facts.close()
    },
  }
}

type Step = 'before' | 'after'

/** Orders on both sides: before, some differ; after, some of those are right, others are wrong, missing or doubled. */
function orders(step: Step) {
  const changed = step === 'before' ? '2026-11-01T08:00:00Z' : '2026-11-20T13:30:00Z'
  return Array.from({ length: ORDERS }, (_, i) => i).flatMap((i) => {
    const order = {
      kind: 'order',
      entity: `o${i}`,
      customer_entity: `c${i % 7}`,
      state: 'booked',
      currency: 'EUR',
      changed_at: changed,
    }
    const wrong = step === 'before' ? i % 4 === 0 : i % 6 === 0
    const both = [
      { ...order, platform: 'erp', record_id: `E${i}`, amount: '101.00' },
      {
        ...order,
        platform: 'crm',
        record_id: `C${i}`,
        amount: wrong ? `${100 - (i % 3)}.00` : '101.00',
        deleted: step === 'after' && i % 9 === 0,
      },
    ]
    return step === 'after' && i % 10 === 0 ? [...both, { ...both[0]!, record_id: `E${i}b` }] : both
  })
}

/** The world just before the run that is going to be killed: findings, issues, and movements that wait for it. */
export async function prepare(folder: string): Promise<void> {
  const { world, close } = await open(folder)
  await world.place(...orders('before'))
  world.read()
  await world.check()
  world.clock.set(Date.parse('2026-11-20T13:45:00.000Z'))
  await world.place(...orders('after'))
  world.read(AS_OF)
  await close()
}
