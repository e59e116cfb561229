/** A world for remediation: real stores, platforms that can be written over HTTP, people with roles, a hand-turned clock. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Connector } from '../../connectors/contract.ts'
import { collect } from '../../server/collect/collect.ts'
import { closePlatforms } from '../../server/collect/platform.ts'
import type { Clock } from '../../server/clock.ts'
import { buildLandscape } from '../../server/config/landscape.ts'
import { configSchema, type Config } from '../../server/config/schema.ts'
import type { Context } from '../../server/context.ts'
import { identify } from '../../server/identify/identify.ts'
import { createLog } from '../../server/log.ts'
import { createReach } from '../../server/reach.ts'
import { approvePlan, type Person } from '../../server/remedy/approve.ts'
import { draftPlan, type Draft, type DraftWish } from '../../server/remedy/draft.ts'
import type { Reach } from '../../server/remedy/reach.ts'
import type { Wish } from '../../server/remedy/wish.ts'
import type { User, UserRole } from '../../server/store/control/control.ts'
import type { PlanRow } from '../../server/store/control/remedy-rows.ts'
import { openControl } from '../../server/store/control/sqlite.ts'
import { openFacts } from '../../server/store/facts/open.ts'
import { TEST_CONNECTORS } from './collect-world.ts'
import { writeConnector } from './write-connector.ts'

export const WRITE_CONNECTORS: ReadonlyMap<string, Connector<never>> = new Map([
  ...TEST_CONNECTORS,
  ['desk', writeConnector as unknown as Connector<never>],
])

/** One platform of the write platform, as it stands in the configuration. */
export function desk(
  url: string,
  name: string,
  role: string,
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  return { connector: 'desk', role, allow_private_network: true, config: { url, name, ...more } }
}

export interface RemedyWorld {
  ctx: Context
  reach: Reach
  folder: string
  person(name: string, role: UserRole): Person
  /** Drafts a plan as a person. */
  draft(wishes: readonly Wish[], how?: Partial<DraftWish>): Promise<Draft>
  approve(plan: PlanRow, by: Person): PlanRow
  /** Reads every platform and identifies. */
  read(): Promise<void>
  end(): Promise<void>
}

export interface RemedyWorldOptions {
  platforms: Record<string, unknown>
  remedy?: Record<string, unknown>
  /** Further keys of the configuration. */
  more?: Record<string, unknown>
  clock: Clock
  /** Checks that look at it, for findings to mend. */
  checks?: Context['checks']
  /** Besides those of tests. */
  connectors?: ReadonlyMap<string, Connector<never>>
  /** A folder that stays: for processes that are killed. */
  folder?: string
  log?: (line: string) => void
}

export async function remedyWorld({
  platforms,
  remedy = {},
  more = {},
  clock,
  checks = [],
  connectors = new Map(),
  folder: given,
  log,
}: RemedyWorldOptions): Promise<RemedyWorld> {
  const folder = given ?? mkdtempSync(join(tmpdir(), 'plumbline-remedy-'))
  const control = openControl(join(folder, 'control.sqlite'))
  const facts = await openFacts({ database: 'plumbline', path: join(folder, 'facts'), maxQueryMb: 3072 })
  const config = configSchema.parse({ platforms, remedy, ...more }) as unknown as Config
  const ctx: Context = {
    config,
    landscape: buildLandscape(config),
    connectors: new Map([...WRITE_CONNECTORS, ...connectors]),
    checks,
    facts,
    control,
    clock,
    log: createLog({ clock, level: 'error', write: log ?? (() => undefined) }),
    signal: new AbortController().signal,
  }
  const reach = createReach(ctx)
  const person = (name: string, role: UserRole): Person => {
    const user: User = {
      ...{ id: name, email: `${name}@kranich.example`, name, role },
      ...{ passwordHash: null, disabled: false, createdAt: clock.now() },
    }
    if (!control.user(name)) control.saveUser(user)
    return { user: control.user(name)!, provenAt: clock.now() }
  }
  return {
    ctx,
    reach,
    folder,
    person,
    draft: (wishes, how = {}) =>
      draftPlan(ctx, reach, wishes, {
        title: 'A fix',
        reason: 'It differs.',
        origin: 'by hand',
        requester: 'olga',
        ...how,
      }),
    approve: (plan, by) => approvePlan(ctx, plan, by, { hash: plan.hash, reason: 'Looked at it.' }),
    async read() {
      for (const name of Object.keys(config.platforms)) await collect(ctx, name, { mode: 'changes' })
      await identify(ctx)
    },
    async end() {
      closePlatforms(control)
      await facts.close()
      control.close()
      if (given === undefined) rmSync(folder, { recursive: true, force: true })
    },
  }
}
