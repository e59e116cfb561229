/**
 * Intake: what platforms and integrations send to us. Deliveries are durable in the spool before they are acknowledged, and a
 * pump of its own takes them out: no sender waits for the facts, and no delivery is lost while they are away.
 */
import { join } from 'node:path'
import type { HookRequest } from '../../connectors/receiver.ts'
import type { Context } from '../context.ts'
import { asError } from '../errors.ts'
import type { HookCount } from '../store/control/intake.ts'
import { inTurn } from '../store/turns.ts'
import { openSpool, type Spool, type SpoolState } from '../store/spool/spool.ts'
import { acceptCloudEvents, acceptHook, acceptTraces, greetEvents, type Answer } from './accept.ts'
import { replay } from './aside.ts'
import { drain } from './drain.ts'
import { createAcks, observeSpool } from './meters.ts'
import { createTally } from './tally.ts'

export interface IntakeState extends SpoolState {
  /** Quantiles of the last acknowledgements in milliseconds; null before the first. */
  ack: { p50: number; p99: number; n: number } | null
  /** Records that wait to be read again because of a hint. */
  hints: number
  /** Why the last batch could not be stored; null while it can. */
  stuck: string | null
}

export interface Intake {
  hook(platform: string, request: HookRequest): Promise<Answer>
  cloudEvents(request: HookRequest): Promise<Answer>
  traces(request: HookRequest): Promise<Answer>
  /** The webhook handshake of CloudEvents at /v1/events. */
  greet(request: HookRequest): Answer
  /** Takes out everything that waits; says how many deliveries that were. */
  drain(): Promise<number>
  replay(wanted: { platform: string; ids?: readonly string[] }): Promise<number>
  /** What came of requests, with those that are not written down yet. */
  counts(): HookCount[]
  state(): IntakeState
  /** Takes out what comes, by itself, and calls back when hints may wait. */
  start(read: () => Promise<unknown>): void
  stop(): Promise<void>
}

/** A batch is gathered for this long: an insert a second is enough for every table. */
const GATHER_MS = 250
/** Looked at without being woken: hints that are due again, counts of refusals. */
const IDLE_MS = 2_000
const FAILED_MS = 5_000

/** @param folder where the spool lies, in the data folder */
export function openIntake(ctx: Context, folder: string): Intake {
  const { spool_mb, reserve_mb } = ctx.config.intake
  const spool: Spool = openSpool({
    folder: join(folder, 'spool'),
    maxBytes: spool_mb * 1024 * 1024,
    reserveBytes: reserve_mb * 1024 * 1024,
    from: ctx.control.drainedThrough(),
    clock: ctx.clock,
  })
  const tally = createTally()
  const acks = createAcks()
  const parts = { ctx, spool, tally }
  let stuck: string | null = null
  let wake = () => {}
  let pump: Promise<void> | null = null
  let stopping = false

  if (spool.state().torn > 0)
    ctx.log.warn('the spool ended in the middle of a delivery that was never acknowledged', {
      bytes: spool.state().torn,
    })

  async function timed(work: Promise<Answer>): Promise<Answer> {
    const began = performance.now()
    const answer = await work
    if (answer.status < 300) {
      acks.add(performance.now() - began)
      wake()
    }
    return answer
  }

  /** One at a time: two would take the same batch out. */
  const drainAll = () => inTurn(spool, 'drain', drainWaiting)

  async function drainWaiting(): Promise<number> {
    let n = 0
    for (;;) {
      const took = await drain(ctx, spool, tally)
      stuck = null
      if (took === 0) return n
      n += took
    }
  }

  /** Woken by a delivery, or after a while by itself. */
  const woken = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      timer.unref()
      wake = () => {
        clearTimeout(timer)
        wake = () => {}
        setTimeout(resolve, GATHER_MS).unref()
      }
    })

  async function run(read: () => Promise<unknown>): Promise<void> {
    let rest = 0
    while (!stopping) {
      await woken(rest || IDLE_MS)
      if (stopping) return
      try {
        await drainAll()
        if (ctx.control.hintsWaiting() > 0) await read()
        rest = 0
      } catch (thrown) {
        stuck = asError(thrown).message
        rest = FAILED_MS
        ctx.log.error('deliveries wait in the spool', { error: stuck, waiting: spool.state().depth })
      }
    }
  }

  const it: Intake = {
    hook: (platform, request) => timed(acceptHook(parts, platform, request)),
    cloudEvents: (request) => timed(acceptCloudEvents(parts, request)),
    traces: (request) => timed(acceptTraces(parts, request)),
    greet: (request) => greetEvents(parts, request),
    drain: drainAll,
    async replay(wanted) {
      const n = await replay(ctx, spool, wanted)
      wake()
      return n
    },
    counts: () => [...ctx.control.hookCounts(), ...tally.peek()],
    state: () => ({ ...spool.state(), ack: acks.quantiles(), hints: ctx.control.hintsWaiting(), stuck }),
    start(read) {
      pump ??= run(read)
    },
    async stop() {
      stopping = true
      wake()
      await pump
      const counts = tally.take()
      if (counts.length > 0) ctx.control.addHookCounts(counts)
      await spool.close()
    },
  }
  observeSpool(() => it.state(), ctx.clock)
  return it
}
