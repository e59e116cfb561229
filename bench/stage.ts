/** Stage: the process that an actor speaks to. It holds one engine and does what it is asked, timed. */
import { availableParallelism } from 'node:os'
import type { Context } from '../server/context.ts'
import { GROUPED, HASHED, JOINED, openDuck } from './duckdb.ts'
import { identifyAll, storeBulk } from './first-load.ts'
import { askIssues, fillIssues } from './issues.ts'
import { loadWorld } from './load.ts'
import { change, compiledCheck, handWritten, runFull, runMoved } from './ours.ts'
import { askPast, backtest90 } from './past.ts'
import { findPostgres, named, openPostgres, type Postgres } from './postgres.ts'
import { LITE_GROUPED, LITE_JOINED, openLite } from './sqlite.ts'
import { openWorld, type World } from './world.ts'

type Deeds = Record<string, (...args: never[]) => unknown>

const [role, folder] = process.argv.slice(2) as [string, string]

function ours(): Deeds {
  let world: World
  const ctx = (): Context => world.ctx
  return {
    load: (entities: number) => loadWorld(folder, entities),
    open: async () => {
      world = await openWorld(folder)
      const [row] = await ctx().facts.query<{ version: string }>('select version() as version')
      return row!.version
    },
    compiled: () => compiledCheck(ctx()),
    hand: () => handWritten(ctx()),
    full: async () => told(await runFull(ctx())),
    moved: async () => told(await runMoved(ctx())),
    change: (count: number, turn: number) => change(ctx(), count, turn),
    past: (entities: number) => askPast(ctx(), entities),
    backtest: () => backtest90(ctx()),
    store: (from: number, to: number) => storeBulk(ctx(), from, to),
    identify: (customers: number) => identifyAll(ctx(), customers),
    'fill-issues': (from: number, to: number) => fillIssues(ctx(), from, to),
    'ask-issues': () => askIssues(ctx()),
    end: () => world?.close(),
  }
}

export interface Told {
  candidates: number
  newlyOpen: number
  resolved: number
  open: number
}
const told = ({ candidates, newlyOpen, resolved, open }: Told): Told => ({ candidates, newlyOpen, resolved, open })

function duckdb(): Deeds {
  let duck: Awaited<ReturnType<typeof openDuck>>
  return {
    open: async () => (duck = await openDuck(folder, availableParallelism())).version,
    joined: () => duck.run(JOINED),
    grouped: () => duck.run(GROUPED),
    hashed: () => duck.run(HASHED),
  }
}

function sqlite(): Deeds {
  let lite: Awaited<ReturnType<typeof openLite>>
  return {
    open: async () => (lite = await openLite(folder)).version,
    joined: () => lite.run(LITE_JOINED),
    grouped: () => lite.run(LITE_GROUPED),
  }
}

function postgres(): Deeds {
  let peer: Postgres | undefined
  return {
    open: () => (peer = openPostgres(findPostgres()!, folder, availableParallelism())).version,
    joined: () => peer!.run(JOINED),
    grouped: () => peer!.run(named(GROUPED)),
    cpu: () => peer?.cpuMs() ?? 0,
    end: () => peer?.close(),
  }
}

const deeds = ({ ours, duckdb, sqlite, postgres } as Record<string, () => Deeds>)[role]?.()
if (!deeds) throw new Error(`no stage named ${role}`)

/** What a server beside this process worked for it. */
const elsewhere = () => Number(deeds['cpu']?.() ?? 0)

process.on('message', ({ what, args }: { what: string; args: never[] }) => {
  const started = performance.now()
  const before = process.cpuUsage()
  const there = elsewhere()
  void (async () => deeds[what]?.(...args))().then(
    (result) => {
      const { user, system } = process.cpuUsage(before)
      const reply = { result: result ?? null, ms: performance.now() - started, cpuMs: (user + system) / 1000 }
      if (what === 'end') process.exit(0)
      reply.cpuMs += elsewhere() - there
      process.send!(reply)
    },
    (thrown: unknown) => process.send!({ error: (thrown as Error).stack ?? String(thrown) }),
  )
})
