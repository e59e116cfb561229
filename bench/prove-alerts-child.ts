/** The alerting process that prove-alerts kills: notices, waits out the grouping, flushes, delivers, and leaves. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createCourier } from '../server/deliver/courier.ts'
import { openControl } from '../server/store/control/sqlite.ts'
import { openFacts } from '../server/store/facts/open.ts'
import { alertWorld, type AlertWorld } from '../test/world/alert-world.ts'

export async function openAlerter(
  folder: string,
  smtpPort: number,
  at: string,
): Promise<{ world: AlertWorld; close(): Promise<void> }> {
  const facts = await openFacts({ database: 'plumbline', path: join(folder, 'facts'), maxQueryMb: 512 })
  const control = openControl(join(folder, 'control.sqlite'))
  const world = alertWorld(facts, control, rules(smtpPort), at)
  return {
    world,
    async close() {
      control.close()
      await facts.close()
    },
  }
}

/** Two teams and a person, one of them told by two routes. */
const rules = (port: number) => `
channels:
  mail: { kind: mail, host: 127.0.0.1, port: ${port}, tls: optional, from: 'Plumbline <drift@plumbline.example>' }
recipients:
  finance-ops: { channel: mail, address: finance@example.com }
  ops: { channel: mail, address: ops@example.com, language: de }
alerts:
  routes:
    - { name: Finance, match: { severity: [high, critical] }, tell: [owner], continue: true }
    - { name: Everything, tell: [ops] }
`

if (import.meta.url === pathToFileURL(process.argv[1]!).href) {
  const [folder, port, at] = process.argv.slice(2) as [string, string, string]
  const { world, close } = await openAlerter(folder, Number(port), at)
  await world.look()
  await world.pass(60_000)
  const courier = createCourier(world.ctx, { random: () => 0.5 })
  await courier.drainAll()
  courier.close()
  await close()
}
