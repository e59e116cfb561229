/** Numbering: rows get consecutive numbers, and become visible in the order of their numbers. */
import type { ControlStore } from './control/control.ts'
import { inTurn } from './turns.ts'

/** `version` numbers stored versions, `rev` what identification and settling write. */
export type SequenceName = 'version' | 'rev'

/**
 * Reserves `count` numbers and runs `work` with the first of them, one caller at a time for each sequence. So a
 * reader that has seen number n has seen every lower number that will ever exist: what fails leaves a gap.
 */
export function numbered<T>(
  control: ControlStore,
  sequence: SequenceName,
  count: number,
  work: (first: number) => Promise<T>,
): Promise<T> {
  return inTurn(control, `sequence ${sequence}`, () => work(control.next(sequence, count)))
}
