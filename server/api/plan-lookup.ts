/** Looking plans up, and who asks: what every route about plans begins with. */
import type { Context } from '../context.ts'
import { PlumblineError } from '../errors.ts'
import type { Person } from '../remedy/approve.ts'
import type { PlanRow } from '../store/control/remedy-rows.ts'
import type { Caller } from './guard.ts'

/** By `P-12`, `12` or id. @throws PlumblineError not_found */
export function findPlan({ control }: Pick<Context, 'control'>, text: string): PlanRow {
  const number = /^(?:P-)?(\d{1,9})$/i.exec(text)?.[1]
  const plan = number ? control.plan(Number(number)) : control.plan(text)
  if (!plan) throw new PlumblineError('not_found', `There is no plan "${text}".`, { remedy: 'Write it like P-12.' })
  return plan
}

export const personOf = (c: { get(name: 'caller'): Caller }): Person => {
  const { user, role, by, session } = c.get('caller')
  // A token is nobody: what it may do never includes what only a person may.
  return { user: { ...user, role }, provenAt: by === 'session' ? (session?.provenAt ?? null) : null }
}
