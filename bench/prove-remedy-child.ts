/** The applying process that prove-remedy kills: opens the control store of one folder, works on all plans at once, and leaves. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { systemClock } from '../server/clock.ts'
import { closePlatforms } from '../server/collect/platform.ts'
import { buildLandscape } from '../server/config/landscape.ts'
import { configSchema, type Config } from '../server/config/schema.ts'
import type { Context } from '../server/context.ts'
import { createLog } from '../server/log.ts'
import { createReach } from '../server/reach.ts'
import type { Facts } from '../server/store/facts/facts.ts'
import { openControl } from '../server/store/control/sqlite.ts'
import { WRITE_CONNECTORS } from '../test/world/remedy-world.ts'
import { goOn } from './prove-remedy-world.ts'

/** The journal is what is killed; reading into the facts has its own proof (prove:collect). */
const NO_FACTS = new Proxy({} as Facts, {
  get: () => () => Promise.reject(new Error('no facts in this process')),
})

export function openApplier(
  folder: string,
  platforms: unknown,
): { ctx: Context; work(): Promise<void>; close(): void } {
  const control = openControl(join(folder, 'control.sqlite'))
  const config = configSchema.parse({ platforms }) as unknown as Config
  const ctx: Context = {
    config,
    landscape: buildLandscape(config),
    connectors: WRITE_CONNECTORS,
    checks: [],
    facts: NO_FACTS,
    control,
    clock: systemClock,
    log: createLog({ clock: systemClock, level: 'error', write: () => undefined }),
    signal: new AbortController().signal,
  }
  const reach = { ...createReach(ctx), readAgain: () => Promise.resolve() }
  return {
    ctx,
    async work() {
      const operator = { user: control.user('olga')!, provenAt: systemClock.now() }
      const open = control.plans({ states: ['applying', 'paused', 'stopped'], limit: 1_000 })
      await Promise.all(open.map((plan) => goOn(ctx, reach, plan.id, operator)))
    },
    close() {
      closePlatforms(control)
      control.close()
    },
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]!).href) {
  const [folder, platforms] = process.argv.slice(2) as [string, string]
  const applier = openApplier(folder, JSON.parse(platforms))
  // From here on it may be killed at any moment.
  process.stdout.write('at work\n')
  await applier.work()
  applier.close()
}
