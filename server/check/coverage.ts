/** Coverage: which facts are compared between which platforms, and by which checks; what nobody compares is a gap. */
import { KINDS } from '../../model/kinds.ts'
import type { Context } from '../context.ts'
import { kindFor } from './look.ts'

export interface CoveredFact {
  kind: string
  /** Null: that the record exists at all. */
  field: string | null
  /** Followers that must agree with the owner. */
  pairs: { owner: string; follower: string }[]
  /** Checks that hold the followers to it, on every pair at once. */
  checks: string[]
}

const NOWHERE = { state: null, scope: {} }

/** Every fact that some platform owns and another follows. */
export function coverage({ landscape, checks }: Pick<Context, 'landscape' | 'checks'>): CoveredFact[] {
  const compared = new Map<string, string[]>()
  for (const check of checks)
    for (const { kind, field } of kindFor(check).compares?.(check) ?? []) {
      const key = `${kind} ${field ?? ''}`
      const known = compared.get(key)
      if (known) known.push(check.id)
      else compared.set(key, [check.id])
    }
  return KINDS.flatMap((kind) => {
    const keepers = landscape.platforms.filter((p) => landscape.keeps(p.name, kind.name))
    return [null, ...kind.fields.map((f) => f.name)].flatMap((field): CoveredFact[] => {
      const name = field ?? 'existence'
      const owner = landscape.owners(kind.name, name, NOWHERE)[0]
      if (owner === undefined) return []
      const pairs = keepers
        .filter((p) => p.name !== owner)
        .filter((p) => landscape.standing(kind.name, name, p.name, owner, NOWHERE) === 'follower')
        .map((p) => ({ owner, follower: p.name }))
      if (pairs.length === 0) return []
      return [{ kind: kind.name, field, pairs, checks: compared.get(`${kind.name} ${field ?? ''}`) ?? [] }]
    })
  })
}

/** Checks that read a kind without holding followers to an owner: rules, deadlines, totals and the like. */
export function watching({ checks }: Pick<Context, 'checks'>, kind: string): string[] {
  return checks.filter((c) => !kindFor(c).compares && kindFor(c).reads(c).includes(kind)).map((c) => c.id)
}
