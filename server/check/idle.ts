/**
 * Idle: what tells, before anything is compiled, that a check has nothing to look at. Most checks have not, most of the
 * time: nothing moved of what they read, and they never had a finding that could heal or age.
 */
import type { ControlStore } from '../store/control/control.ts'
import type { Facts } from '../store/facts/facts.ts'
import { touchedKinds } from '../store/facts/touched.ts'
import type { Check } from './contract.ts'
import { kindFor, subjectOf } from './look.ts'
import { wasWriting } from './pass.ts'

/** It looks also where nothing moved: time alone may change its answer, or it judges all of it together. */
export function looksAlways(check: Check): boolean {
  return kindFor(check).timed(check) || subjectOf(check) === 'none'
}

/** Tells whether anything that a check reads moved between two revisions; asked once for all checks that stand at the same ones. */
export function movements(facts: Facts): (check: Check, from: string, through: string) => Promise<boolean> {
  const known = new Map<string, Promise<ReadonlySet<string>>>()
  return async (check, from, through) => {
    const key = `${from} ${through}`
    const asked = known.get(key) ?? (BigInt(from) < BigInt(through) ? touchedKinds(facts, from, through) : NONE)
    known.set(key, asked)
    const moved = await asked
    return kindFor(check)
      .reads(check)
      .some((kind) => moved.has(kind))
  }
}

const NONE: Promise<ReadonlySet<string>> = Promise.resolve(new Set<string>())

const unfoundKey = (check: Check) => `check.unfound.${check.id}`

/**
 * True if the check surely never had a finding: then none can heal, come back or age.
 * @param found checks that had one when the run began; what this process knows since stands in the control store
 */
export function neverFound(control: ControlStore, check: Check, found: ReadonlySet<string>): boolean {
  if (wasWriting(control, check)) return false
  return control.checkState(check.id) === null ? !found.has(check.id) : control.get(unfoundKey(check)) === '1'
}

/** Part of the transaction that moves the high water. */
export function rememberUnfound(control: ControlStore, check: Check, unfound: boolean): void {
  control.set(unfoundKey(check), unfound ? '1' : '')
}
