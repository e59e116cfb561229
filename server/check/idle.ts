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

/** Kinds that moved between two revisions; asked once for all checks of a run that stand at the same one. */
export function movements(facts: Facts): (from: string, through: string) => Promise<ReadonlySet<string>> {
  const known = new Map<string, Promise<ReadonlySet<string>>>()
  return (from, through) => {
    const key = `${from} ${through}`
    const found = known.get(key) ?? (BigInt(from) < BigInt(through) ? touchedKinds(facts, from, through) : NONE)
    known.set(key, found)
    return found
  }
}

const NONE: Promise<ReadonlySet<string>> = Promise.resolve(new Set<string>())

const unfoundKey = (check: Check) => `check.unfound.${check.id}`

/** True if the check surely never had a finding: then none can heal, come back or age. */
export function neverFound(control: ControlStore, check: Check): boolean {
  if (wasWriting(control, check)) return false
  return control.checkState(check.id) === null || control.get(unfoundKey(check)) === '1'
}

/** Part of the transaction that moves the high water. */
export function rememberUnfound(control: ControlStore, check: Check, unfound: boolean): void {
  control.set(unfoundKey(check), unfound ? '1' : '')
}
