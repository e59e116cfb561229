/** Speakers: the platforms that a line of the shipped matrix means for one record, after scopes and what each keeps. */
import type { Platform, Whereabouts } from '../../model/landscape.ts'
import type { OwnershipRule } from '../../model/ownership.ts'
import type { Cast } from './cast.ts'
import type { Config } from './schema.ts'

export interface Speakers {
  /** Platforms that the names mean and whose scope covers the record, in order of the names. */
  covering(names: readonly string[], at: Whereabouts): Platform[]
  shipped(rule: OwnershipRule, kind: string, at: Whereabouts): readonly Platform[]
  /** Who issues the invoices of a legal entity; for other kinds, who keeps them in its stead. */
  issuers(legalEntity: string | null, kind?: string): readonly Platform[]
}

export function buildSpeakers(config: Config, cast: Cast): Speakers {
  const covering: Speakers['covering'] = (names, at) =>
    names.flatMap((name) => [...cast.named(name)]).filter((p) => cast.covers(p, at.scope))

  /**
   * The first of the lists that has anybody who keeps the kind: who keeps no such records cannot speak. Scopes are
   * applied after that, so that a record nobody covers (or whose legal entity is misspelt) has no owner, not another.
   */
  const firstKeepers = (lists: readonly (readonly string[])[], kind: string, at: Whereabouts): readonly Platform[] => {
    for (const names of lists) {
      const keepers = names.flatMap((name) => [...cast.named(name)]).filter((p) => cast.keeps(p.name, kind))
      if (keepers.length > 0) return keepers.filter((p) => cast.covers(p, at.scope))
    }
    return []
  }

  const issuers: Speakers['issuers'] = (legalEntity, kind = 'invoice') => {
    const at: Whereabouts = { state: null, scope: legalEntity ? { legal_entity: legalEntity } : {} }
    const named = config.issuer[legalEntity ?? '*'] ?? config.issuer['*']
    return named === undefined ? firstKeepers([['erp'], ['billing', 'commerce']], kind, at) : covering([named], at)
  }

  /** Owners of entitlements. Those that keep both come first: only they can be compared field by field. */
  const contractKeepers = (preferred: readonly string[], at: Whereabouts): readonly Platform[] => {
    const billing = firstKeepers([['billing']], 'entitlement', at)
    if (billing.length > 0) return billing
    const everybody = [...covering(preferred, at), ...cast.platforms.filter((p) => cast.covers(p, at.scope))]
    const keepers = everybody.filter((p) => cast.keeps(p.name, 'contract'))
    return [...new Set([...keepers.filter((p) => cast.keeps(p.name, 'entitlement')), ...keepers])]
  }

  return {
    covering,
    issuers,
    shipped(rule, kind, at) {
      if (rule.found === 'contract') return contractKeepers(rule.owners, at)
      if (rule.found === 'issuer')
        return issuers(at.scope['legal_entity'] ?? null, kind).filter((p) => cast.covers(p, at.scope))
      const inState = at.state === null ? undefined : rule.byState?.[at.state]
      return firstKeepers([inState ?? rule.owners, rule.otherwise ?? []], kind, at)
    },
  }
}
