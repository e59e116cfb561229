/** Identification after changes: only what is said anew is looked into, and the end is the same. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Context } from '../server/context.ts'
import { configSchema } from '../server/config/schema.ts'
import { identify } from '../server/identify/identify.ts'
import type { Facts } from '../server/store/facts/facts.ts'
import { identityWorld, partition, record, type IdentityWorld } from './world/identity-world.ts'

let world: IdentityWorld
let ctx: Context
let facts: Facts
const store: IdentityWorld['store'] = (...said) => world.store(...said)
const entities: IdentityWorld['entities'] = (kind) => world.entities(kind)

beforeAll(async () => void (world = await identityWorld()))
afterAll(() => world.end())
beforeEach(async () => {
  await world.forget()
  ;({ ctx, facts } = world)
})

describe('identification after changes', () => {
  it('looks into records again only when they say something else about themselves', async () => {
    const customer = (platform: string, id: string, tax_id: string, phone: string) =>
      record('customer', platform, id, { name: 'A', tax_id, phone, domain: `${id}.test`.toLowerCase() })
    await store('customer', [
      customer('sf', 'S1', 'DE1', '1'),
      customer('ns', 'N1', 'DE1', '1'),
      customer('ns', 'N9', 'DE9', '1'),
    ])
    await identify(ctx)
    // A node is kept anew whenever its record was looked into.
    const looked = async () =>
      Number(
        (
          await facts.query<{ rev: string }>(
            `select max(rev) as rev from plumbline.identity_nodes where record_id = 'S1'`,
          )
        )[0]!.rev,
      )
    const phone = async () =>
      (
        await facts.query<{ phone: string }>(
          `select phone from plumbline.current_customer final where record_id = 'S1'`,
        )
      )[0]
    const touched = async () =>
      (
        await facts.query<{ n: string }>(
          `select count() as n from plumbline.touched where rev = (select max(rev) from plumbline.touched)`,
        )
      )[0]
    const before = await entities('customer')
    const first = await looked()

    await store('customer', [customer('sf', 'S1', 'DE1', '2')])
    expect(await identify(ctx)).toMatchObject({ records: 1, projected: 1, linksChanged: 0 })
    expect(await looked()).toBe(first)
    expect(await phone()).toEqual({ phone: '2' })
    expect(await touched()).toEqual({ n: '1' })
    expect(await entities('customer')).toEqual(before)

    await store('customer', [customer('sf', 'S1', 'DE9', '3')])
    await identify(ctx)
    const second = await looked()
    expect(second).toBeGreaterThan(first)
    expect(partition(await entities('customer'))).toEqual([['ns:N1'], ['ns:N9', 'sf:S1']])

    // Other keys make all that was kept worthless.
    ctx = {
      ...ctx,
      config: configSchema.parse({ identity: { customer: { keys: [['domain']] } } }) as Context['config'],
    }
    await store('customer', [customer('sf', 'S1', 'DE9', '4')])
    await identify(ctx)
    expect(await looked()).toBeGreaterThan(second)
    expect(partition(await entities('customer'))).toEqual([['ns:N1'], ['ns:N9'], ['sf:S1']])
  })

  it('ends the same after changes of all sorts, whether it looks after each or once', async () => {
    const seeds = Array.from({ length: 4 }, (_, round) =>
      Array.from({ length: 12 }, (_, n) => {
        const id = (n * 7 + round * 5) % 30
        const draw = (salt: number) => (id * 31 + (round % 3) * 17 + salt * 13) % 7
        return record('customer', ['sf', 'ns', 'stripe'][id % 3]!, `R${id}`, {
          name: `C${id}`,
          phone: String(round),
          ...(draw(1) > 2 ? { tax_id: `DE${draw(1)}` } : {}),
          ...(draw(2) > 1 ? { domain: `d${draw(2)}.test` } : {}),
        })
      }),
    )
    for (const batch of seeds) {
      await store('customer', batch)
      await identify(ctx)
    }
    const state = async () => ({
      together: partition(await entities('customer')),
      rows: await facts.query(
        'select platform, record_id, phone, tax_id, domain from plumbline.current_customer final order by platform, record_id',
      ),
    })
    const each = await state()
    await world.forget()
    ctx = world.ctx
    for (const batch of seeds) await store('customer', batch)
    await identify(ctx)
    expect(each).toEqual(await state())
    expect(each.together.length).toBeGreaterThan(3)
  })
})
