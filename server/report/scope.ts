/** What a report is about: the findings of its audience, unless its filters say otherwise. */
import type { Audience, ReportConfig, ReportFilters } from '../config/reports-schema.ts'
import type { ReportScope } from '../store/facts/report-scope.ts'

type Wanted = Partial<Pick<ReportScope, 'kinds' | 'categories'>>

/** Operations and executives see everything. */
const OF: Record<Audience, Wanted> = {
  operations: {},
  executives: {},
  finance: { kinds: ['order', 'contract', 'subscription', 'invoice', 'payment', 'credit', 'posting'] },
  sales: { kinds: ['customer', 'contact', 'opportunity', 'quote', 'order', 'contract', 'renewal'] },
  customer_success: { kinds: ['customer', 'subscription', 'entitlement', 'onboarding', 'renewal', 'tenant'] },
  support: { kinds: ['customer', 'entitlement', 'case', 'tenant'] },
  stewards: { categories: ['mismatch', 'missing', 'orphan', 'duplicate', 'authority', 'structure', 'quality'] },
}

/** The condition that all figures of a report share. `except` are issues whose differences a person let pass. */
export function scopeOf(
  { audience, filters }: Pick<ReportConfig, 'audience' | 'filters'>,
  except: readonly number[],
): ReportScope {
  const of = OF[audience]
  return {
    ...filters,
    kinds: filters.kinds.length > 0 ? filters.kinds : (of.kinds ?? []),
    categories: filters.categories.length > 0 ? filters.categories : (of.categories ?? []),
    except,
  }
}

/** The limits in force, for the line that says how numbers were computed; empty: everything. */
export function limitsOf(scope: ReportScope): { key: keyof ReportFilters; values: readonly string[] }[] {
  const keys = ['kinds', 'categories', 'severity', 'platforms', 'checks', 'teams'] as const
  return keys.flatMap((key) => (scope[key].length > 0 ? [{ key, values: scope[key] }] : []))
}

/** Search words of the issue list for the same limits: the live view. */
export function searchOf(scope: ReportScope): string {
  const words: Record<string, readonly string[]> = {
    kind: scope.kinds,
    category: scope.categories,
    sev: scope.severity,
    check: scope.checks.filter((c) => !c.endsWith('/')),
    team: scope.teams,
  }
  return [
    'is:open -is:accepted',
    ...Object.entries(words).flatMap(([key, values]) =>
      values.length > 0 ? [`${key}:${values.map(quoted).join(',')}`] : [],
    ),
  ].join(' ')
}
const quoted = (word: string) => (/[\s"]/.test(word) ? `"${word.replaceAll('"', '')}"` : word)
