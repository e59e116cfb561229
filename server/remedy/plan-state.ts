/** The life of a plan, as a table: which moves there are. Whoever is not in it cannot happen. Pure. */

/**
 * waiting: for approval. returned: an approver wants it changed, and its requester makes another that takes its place.
 * approved: may be applied. armed: applies itself when its window opens. applying: writes are made. paused: by a person. stopped: by itself,
 * because too much failed or new drift appeared. done: every item is over and none is open. partly: every item was tried
 * or given up and some did not come true, a state of its own with *continue* and *undo what was done*. replaced: a changed
 * one has taken its place.
 */
export const PLAN_STATES = [
  'waiting',
  'returned',
  'approved',
  'armed',
  'applying',
  'paused',
  'stopped',
  'done',
  'partly',
  'rejected',
  'replaced',
  'cancelled',
  'expired',
] as const
export type PlanState = (typeof PLAN_STATES)[number]

export const PLAN_MOVES = {
  approve: { waiting: 'approved' },
  reject: { waiting: 'rejected', approved: 'rejected', armed: 'rejected' },
  /** Whatever was approved of it is void: from here no way leads to applying. */
  return: { waiting: 'returned', approved: 'returned', armed: 'returned' },
  replace: { waiting: 'replaced', returned: 'replaced', approved: 'replaced', armed: 'replaced' },
  expire: { waiting: 'expired', returned: 'expired', approved: 'expired', armed: 'expired' },
  arm: { approved: 'armed' },
  disarm: { armed: 'approved' },
  apply: { approved: 'applying', armed: 'applying' },
  pause: { applying: 'paused' },
  stop: { applying: 'stopped' },
  /** Only while the approval still stands; whoever continues is asked again who they are. */
  continue: { paused: 'applying', stopped: 'applying', partly: 'applying' },
  cancel: {
    waiting: 'cancelled',
    returned: 'cancelled',
    approved: 'cancelled',
    armed: 'cancelled',
    paused: 'cancelled',
    stopped: 'cancelled',
    applying: 'cancelled',
  },
  finish: { applying: 'done' },
  finish_partly: { applying: 'partly' },
} as const satisfies Record<string, Partial<Record<PlanState, PlanState>>>
export type PlanMove = keyof typeof PLAN_MOVES

/** The state after the move; null: there is no such move. */
export function planAfter(state: PlanState, move: PlanMove): PlanState | null {
  return (PLAN_MOVES[move] as Partial<Record<PlanState, PlanState>>)[state] ?? null
}

/** States from which the move leads on. */
export function planBefore(move: PlanMove): PlanState[] {
  return Object.keys(PLAN_MOVES[move]) as PlanState[]
}

export const PLAN_OVER: ReadonlySet<PlanState> = new Set(['done', 'rejected', 'replaced', 'cancelled', 'expired'])
