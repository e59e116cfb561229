/** Plans in words: what state one is in, what may be done with it next and by whom, and what an action is called. */
import type { Plan, PlanItem } from '../api.ts'
import type { FixRate } from '../desk.ts'

export const STATE_WORDS: Record<Plan['state'], string> = {
  waiting: 'waits for approval',
  returned: 'given back for a change',
  approved: 'approved, not applied',
  armed: 'waits for its window',
  applying: 'is being applied',
  paused: 'paused',
  stopped: 'stopped by itself',
  done: 'done and verified',
  partly: 'partly done',
  rejected: 'rejected',
  replaced: 'replaced by a changed one',
  cancelled: 'cancelled',
  expired: 'expired',
}

export const ITEM_WORDS: Record<PlanItem['state'], string> = {
  pending: 'not tried yet',
  claimed: 'about to be written',
  sending: 'on its way',
  unknown: 'answer lost, read back',
  sent: 'accepted, read back next',
  verified: '✓ holds',
  skipped: 'skipped: it moved',
  conflict: '◆ something newer is there',
  refused: '◆ refused',
  not_held: '◆ accepted, not held',
  unresolved: '▲ nobody knows: look',
  blocked: 'waits for an earlier one',
}

/** The queues, in the order in which people need them: what each asks for, and what it says when nothing is there. */
export const QUEUES = [
  { name: 'waiting', title: 'Waiting for approval', q: 'is:waiting', none: 'No plan waits for approval.' },
  { name: 'for-me', title: 'For me to approve', q: 'is:for-me', none: 'Nothing waits for you.' },
  { name: 'returned', title: 'Given back', q: 'is:returned', none: 'No plan was given back for a change.' },
  { name: 'running', title: 'To do and running', q: 'is:running', none: 'No plan is approved, running or stopped.' },
  { name: 'over', title: 'Over', q: 'is:over', none: 'No plan is over yet.' },
] as const

export type PlanStep =
  'approve' | 'return' | 'reject' | 'revise' | 'apply' | 'arm' | 'disarm' | 'pause' | 'leave' | 'cancel' | 'undo'

const STEPS: Record<Plan['state'], readonly PlanStep[]> = {
  waiting: ['approve', 'return', 'reject', 'revise', 'cancel'],
  returned: ['revise', 'cancel'],
  approved: ['apply', 'arm', 'return', 'reject', 'revise', 'cancel'],
  armed: ['apply', 'disarm', 'return', 'reject', 'cancel'],
  applying: ['pause', 'cancel'],
  paused: ['apply', 'undo', 'leave', 'cancel'],
  stopped: ['apply', 'undo', 'leave', 'cancel'],
  partly: ['apply', 'undo', 'leave'],
  done: ['undo'],
  rejected: ['revise'],
  replaced: [],
  cancelled: ['undo'],
  expired: ['revise'],
}

/** What this reader may do with it now. Whoever asked for a plan does not approve it, and nobody else changes it. */
export function stepsOf(
  plan: Pick<Plan, 'state' | 'requester' | 'counts' | 'standing'>,
  may: (permission: 'operate' | 'approve') => boolean,
  me: string,
): PlanStep[] {
  return STEPS[plan.state].filter((step) => {
    if (step === 'approve' || step === 'return') return may('approve') && plan.requester !== me
    if (step === 'revise') return may('operate') && (plan.requester === me || plan.standing !== null)
    if (step === 'reject') return may('approve')
    if (step === 'undo') return may('operate') && ((plan.counts as Record<string, number>)['verified'] ?? 0) > 0
    return may('operate')
  })
}

export function stepWords(step: PlanStep, plan: Pick<Plan, 'state'>): string {
  if (step === 'apply') return plan.state === 'approved' ? 'Apply' : 'Continue'
  return {
    ...{ approve: 'Approve', return: 'Ask for a change', reject: 'Reject', revise: 'Change it' },
    ...{ arm: 'Apply in a window', disarm: 'Take out of its window' },
    ...{ pause: 'Pause', leave: 'Leave it to a person', cancel: 'Cancel', undo: 'Draft the undo' },
  }[step]
}

const ACTIONS: Record<string, string> = {
  set_fields: 'write fields',
  create: 'create',
  cancel: 'end',
  hold: 'put on hold',
  release: 'release',
  attach_ref: 'write the reference',
  redeliver: 'send again',
  link: 'make one thing of',
  unlink: 'keep apart',
  set_code: 'say what the code means',
  open_ticket: 'open a ticket',
  close_ticket: 'withdraw the ticket',
}
/** How often an action or a step held, in a sentence. */
export function ratesText(r: FixRate): string {
  const step = /^runbook step (\d+)$/.exec(r.action)?.[1]
  const words = step === undefined ? actionWords(r.action) : `step ${step} of the runbook`
  const seen = r.held + r.failed
  const share = r.first_fix_rate === null ? 'not seen to the end yet' : `held ${r.held} of ${seen} times`
  return `${words}: ${share}${r.waiting > 0 ? `, ${r.waiting} wait for the next look` : ''}`
}

export const actionWords = (action: string): string => ACTIONS[action] ?? action
