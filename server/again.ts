/**
 * Again: the product started anew inside its process, because its configuration was written or another company is to be shown.
 * Everything is closed and opened as by a restart; the address, the accounts and the sessions stay.
 */
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { serve, type Running, type ServeOptions } from './main.ts'
import type { SampleDoor, SetUpDoor } from './set-up/door.ts'
import type { Session } from './store/control/control.ts'
import { dropDatabase } from './store/facts/open.ts'
import type { Carried } from './welcome.ts'

/** A simulated company: where its configuration lies, how it lives while the product runs over it, and how it ends. */
export interface Company {
  configFile: string
  live(running: Running): void
  stop(): Promise<void>
}

export interface KeepOptions extends Omit<ServeOptions, 'door' | 'carried' | 'facts'> {
  /** Founds the sample company in a folder; left out: there is none. */
  sample?: (folder: string) => Promise<Company>
  /** Called after every start; `first` for the first one. */
  begun?: (running: Running, first: boolean) => void
}

export interface Kept {
  /** The product as it runs now. */
  readonly running: Running
  /** Resolves when it was stopped; rejects when it could not be started anew. */
  over: Promise<void>
  stop(): Promise<void>
}

type Next = { to: 'own' | 'stop' } | { to: 'sample'; session: Session | null }

/** Database of the sample's facts, beside the company's own. */
const SAMPLE = 'plumbline_sample'
/** The answer to whoever asked goes out first. */
const GRACE_MS = 150

export async function keepRunning({ sample: found, begun, ...options }: KeepOptions): Promise<Kept> {
  let ask: (next: Next) => void = () => undefined
  let asked = new Promise<Next>((resolve) => (ask = resolve))
  let company: Company | null = null
  let port = options.port
  /** The company's own data folder, once it is known. */
  let own = ''
  const folder = () => join(own, 'sample')

  const door = (data: string): SetUpDoor => {
    if (!company) own = data
    return {
      file: resolve(options.configFile),
      secrets: join(own, 'secrets'),
      env: options.env,
      restart: () => ask({ to: 'own' }),
      sample: found ? sampleDoor(company !== null, ask) : null,
    }
  }
  /** What a sample left, also one that was shown when the process ended, goes as soon as the company's own data are open. */
  async function startOwn(): Promise<Running> {
    const started = await serve({ ...options, ...(port !== undefined && { port }), door })
    if (existsSync(folder())) {
      await dropDatabase(started.runtime.ctx.facts, SAMPLE)
      rmSync(folder(), { recursive: true, force: true })
    }
    return started
  }
  async function startSample(carried: Carried): Promise<Running> {
    mkdirSync(folder(), { recursive: true, mode: 0o700 })
    company = await found!(folder())
    const facts = { folder: join(own, 'facts'), database: SAMPLE }
    const { readyAdministrator: _, readyApprovers: __, ...plain } = options
    const there = { configFile: company.configFile, data: folder(), setUp: false, carried, door, facts }
    return await serve({ ...plain, ...there, ...(port !== undefined && { port }) })
  }

  /** A sample that cannot be shown must not take the company's own product down with it. */
  async function sampleOrOwn(carried: Carried): Promise<Running> {
    try {
      return await startSample(carried)
    } catch (thrown) {
      await company?.stop().catch(() => undefined)
      company = null
      const started = await startOwn()
      started.runtime.ctx.log.error('the sample company cannot be shown', { error: String(thrown) })
      return started
    }
  }

  let running = await startOwn()
  port = Number(new URL(running.url).port)
  begun?.(running, true)

  async function follow(): Promise<void> {
    for (;;) {
      const next = await asked
      asked = new Promise<Next>((resolve) => (ask = resolve))
      if (next.to !== 'stop') await new Promise((later) => setTimeout(later, GRACE_MS))
      const users = running.runtime.ctx.control.users()
      await running.stop()
      await company?.stop()
      company = null
      if (next.to === 'stop') return
      running = next.to === 'sample' ? await sampleOrOwn({ users, session: next.session }) : await startOwn()
      living(company, running)
      begun?.(running, false)
    }
  }
  const over = follow()
  // Whoever does not wait for the end is told when they do.
  over.catch(() => undefined)
  return {
    get running() {
      return running
    },
    over,
    async stop() {
      ask({ to: 'stop' })
      await over
    },
  }
}

const living = (company: Company | null, running: Running) => company?.live(running)

function sampleDoor(shown: boolean, ask: (next: Next) => void): SampleDoor {
  return {
    shown,
    show: (session) => ask({ to: 'sample', session }),
    remove: () => ask({ to: 'own' }),
  }
}
