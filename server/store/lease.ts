/** Lease: one holder of a piece of work at a time, also over processes; what a killed process held is taken over at once. */
import type { Clock } from '../clock.ts'
import type { ControlStore } from './control/control.ts'

export interface Lease {
  /** Only grows: tells a late holder from the present one. */
  fence: number
  /** Keeps it; false once somebody else has it. */
  renew(): boolean
  release(): void
}

export interface LeaseWish {
  /** What is held, such as `check`, and which one of them. */
  what: string
  id: string
  holder: string
  /** A holder that says nothing for so long has died. */
  ms: number
}

/** Null while another living process holds it. Callers of one process take turns before they come here. */
export function takeLease(
  { control, clock }: { control: ControlStore; clock: Clock },
  { what, id, holder, ms }: LeaseWish,
): Lease | null {
  const name = `${what} ${id}`
  const key = `${what}.holder.${id}`
  const acquire = () => control.acquireLease(name, holder, clock.now() + ms, clock.now())
  let lease = acquire()
  if (!lease) {
    const [before, fence, pid] = (control.get(key) ?? '').split(' ')
    if (!before || alive(Number(pid))) return null
    control.releaseLease(name, before, Number(fence))
    lease = acquire()
    if (!lease) return null
  }
  const { fence } = lease
  control.set(key, `${holder} ${fence} ${process.pid}`)
  return {
    fence,
    renew: () => control.renewLease(name, holder, fence, clock.now() + ms),
    release: () => control.releaseLease(name, holder, fence),
  }
}

/** Another process that still runs. Our own number means an earlier life of this process: inside it, callers take turns. */
function alive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (e) {
    return (e as NodeJS.ErrnoException).code === 'EPERM'
  }
}
