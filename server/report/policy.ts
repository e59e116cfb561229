/** The empty policy: whether a report is sent, decided on its data and said in words. */
import type { EmptyPolicy } from '../config/reports-schema.ts'

export interface Decision {
  send: boolean
  why: string
}

/** `changed` is null where there is no earlier report to compare with. */
export function decide(policy: EmptyPolicy, { empty, changed }: { empty: boolean; changed: boolean | null }): Decision {
  if (policy === 'send_if_changed') {
    if (changed === null) return { send: true, why: 'the first one: there is nothing to compare with' }
    return changed
      ? { send: true, why: 'something differs from the last one' }
      : { send: false, why: 'nothing differs from the last one' }
  }
  if (!empty) return { send: true, why: 'there is something to tell' }
  return policy === 'skip'
    ? { send: false, why: 'nothing is wrong, everything could be read, and such reports are skipped' }
    : { send: true, why: 'all clear' }
}
