/** Order: which checks a run looks at, and in which order. */
import type { Severity } from '../../model/verdict.ts'
import type { Context } from '../context.ts'
import { PlumblineError } from '../errors.ts'
import type { ControlStore } from '../store/control/control.ts'
import type { Check } from './contract.ts'
import { looking } from './off.ts'

/** Those of the given ids (default: all) that are not switched off. @throws PlumblineError not_found */
export function checksInOrder(
  { checks, control, clock }: Pick<Context, 'checks' | 'control' | 'clock'>,
  ids: readonly string[] | undefined,
): Check[] {
  return worstFirst(control, looking({ control, clock }, selected(checks, ids)))
}

function selected(all: readonly Check[], ids: readonly string[] | undefined): Check[] {
  if (!ids) return [...all]
  return ids.map((id) => {
    const check = all.find((c) => c.id === id)
    if (!check)
      throw new PlumblineError('not_found', `There is no check ${JSON.stringify(id)}.`, {
        remedy: 'plumbline check --explain lists the checks.',
      })
    return check
  })
}

const WORST: readonly Severity[] = ['critical', 'high', 'medium', 'low']

/** Until all of them have looked once, people wait for the first findings: the worst come first. */
function worstFirst(control: ControlStore, checks: Check[]): Check[] {
  if (checks.every((c) => control.checkState(c.id) !== null)) return checks
  return [...checks].sort((a, b) => WORST.indexOf(a.severity) - WORST.indexOf(b.severity))
}
