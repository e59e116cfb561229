/** How long a plan of many records takes to draft, to simulate and to check again: `node --import tsx bench/prove-remedy-size.ts 100000`. */
import { systemClock } from '../server/clock.ts'
import { verifyPlan } from '../server/remedy/claim.ts'
import { wish, type Wish } from '../server/remedy/wish.ts'
import { identify } from '../server/identify/identify.ts'
import { appendVersions } from '../server/store/facts/versions.ts'
import { aRecord } from '../test/world/records.ts'
import { desk, remedyWorld } from '../test/world/remedy-world.ts'

const count = Number(process.argv[2] ?? 100_000)
const url = 'http://127.0.0.1:1'
const world = await remedyWorld({
  clock: systemClock,
  platforms: { crm: desk(url, 'crm', 'crm'), support: desk(url, 'support', 'support') },
})
world.person('olga', 'operator')
const { ctx } = world
for (const [platform, segment] of [
  ['crm', 'enterprise'],
  ['support', 'smb'],
] as const)
  for (let i = 0; i < count; i += 10_000) {
    const records = Array.from({ length: Math.min(10_000, count - i) }, (_, n) =>
      aRecord(
        'customer',
        `${platform}${i + n}`,
        { domain: `d${i + n}.example`, segment, state: 'customer' },
        { platform },
      ),
    )
    await appendVersions(ctx.facts, ctx.control, 'customer', 'customers', records, Date.now())
  }
await identify(ctx)
const entities = await ctx.facts.query<{ record_id: string; entity_id: string }>(
  `select record_id, entity_id from plumbline.current_customer final where platform = 'support'`,
)
const wishes = entities.map(({ record_id, entity_id }): Wish =>
  wish({
    platform: 'support',
    kind: 'customer',
    action: 'set_fields',
    recordId: record_id,
    entity: entity_id,
    fields: { segment: 'enterprise' },
  }),
)
/** Seconds by the clock and of the processor, the engine's threads included: only the latter mean something on a busy machine. */
function stopwatch(): () => string {
  const began = { at: Date.now(), cpu: process.cpuUsage() }
  return () => {
    const { user, system } = process.cpuUsage(began.cpu)
    return `${((Date.now() - began.at) / 1000).toFixed(1)} s (${((user + system) / 1e6).toFixed(1)} processor seconds)`
  }
}
const drafting = stopwatch()
const { plan, dryRun } = await world.draft(wishes)
const drafted = drafting()
const checking = stopwatch()
verifyPlan(ctx, plan!)
const verified = checking()
process.stdout.write(
  `${plan!.items} records: looked at, simulated and stored in ${drafted}; ${dryRun.vanish} differences would vanish, ${dryRun.appear} appear; checked whole in ${verified}\n`,
)
await world.end()
process.exit(plan!.items === count && dryRun.vanish === count ? 0 : 1)
