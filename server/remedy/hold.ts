/** Holding a plan: one worker at a time, also over processes; what a killed process held is taken over at once. */
import { randomUUID } from 'node:crypto'
import type { Context } from '../context.ts'

/** A holder that says nothing for so long has died. */
const LEASE_MS = 5 * 60_000

export interface Hold {
  /** Who holds it, with a number that only grows: what the journal knows the holder by. */
  holder: string
  /** False once somebody else has it. */
  still(): boolean
  release(): void
}

/** Null while another living process works on it. Callers of one process take turns before they come here. */
export function holdPlan({ control, clock }: Pick<Context, 'control' | 'clock'>, plan: string): Hold | null {
  const name = `plan ${plan}`
  const key = `remedy.holder.${plan}`
  const me = randomUUID()
  const acquire = () => control.acquireLease(name, me, clock.now() + LEASE_MS, clock.now())
  let lease = acquire()
  if (!lease) {
    const [holder, fence, pid] = (control.get(key) ?? '').split(' ')
    if (!holder || alive(Number(pid))) return null
    control.releaseLease(name, holder, Number(fence))
    lease = acquire()
    if (!lease) return null
  }
  const { fence } = lease
  control.set(key, `${me} ${fence} ${process.pid}`)
  return {
    holder: `${me}#${fence}`,
    still: () => control.renewLease(name, me, fence, clock.now() + LEASE_MS),
    release: () => control.releaseLease(name, me, fence),
  }
}

/** Another process that still runs. Our own number means an earlier life of this process: inside it, workers take turns. */
function alive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (e) {
    return (e as NodeJS.ErrnoException).code === 'EPERM'
  }
}
