/** Lease: one run of a check at a time, also over processes; the lease of a process that was killed is taken over. */
import type { Context } from '../context.ts'
import { PlumblineError } from '../errors.ts'
import type { Check } from './contract.ts'
import { LEASE_MS } from './limits.ts'

export interface CheckLease {
  /** Keeps it; throws when somebody else has it now. */
  renew(): void
  release(): void
}

/** Null while another living process runs the check. Callers of one process wait for each other before they come here. */
export function takeLease(ctx: Pick<Context, 'control' | 'clock'>, check: Check, runId: string): CheckLease | null {
  const { control, clock } = ctx
  const name = `check ${check.id}`
  const key = `check.holder.${check.id}`
  const acquire = () => control.acquireLease(name, runId, clock.now() + LEASE_MS, clock.now())
  let lease = acquire()
  if (!lease) {
    const [holder, fence, pid] = (control.get(key) ?? '').split(' ')
    if (!holder || alive(Number(pid))) return null
    control.releaseLease(name, holder, Number(fence))
    lease = acquire()
    if (!lease) return null
  }
  const { fence } = lease
  control.set(key, `${runId} ${fence} ${process.pid}`)
  return {
    renew() {
      if (!control.renewLease(name, runId, fence, clock.now() + LEASE_MS))
        throw new PlumblineError('conflict', `Another process took over the check ${check.id}.`, { retryable: true })
    },
    release: () => control.releaseLease(name, runId, fence),
  }
}

/** Another process that still runs. Our own number means an earlier life of this process: inside it, runs take turns. */
function alive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (e) {
    return (e as NodeJS.ErrnoException).code === 'EPERM'
  }
}
