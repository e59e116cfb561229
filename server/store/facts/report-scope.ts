/** Report scope: which findings a report is about, as a condition over the findings table. */
import type { Facts } from './facts.ts'
import { tableOf } from './ident.ts'

/** Empty lists do not limit. */
export interface ReportScope {
  severity: readonly string[]
  /** Owner or at fault. */
  platforms: readonly string[]
  kinds: readonly string[]
  categories: readonly string[]
  /** Ids, or families with a final slash. */
  checks: readonly string[]
  teams: readonly string[]
  /** Issues whose differences a person let pass: they are in no figure. */
  except: readonly number[]
}

const CONDITIONS: Record<Exclude<keyof ReportScope, 'except' | 'teams'>, string> = {
  severity: 'toString(severity) in {severity:Array(String)}',
  platforms: `(ifNull(toString(platform), '') in {platforms:Array(String)} or ifNull(toString(owner_platform), '') in {platforms:Array(String)})`,
  kinds: 'toString(kind) in {kinds:Array(String)}',
  categories: 'toString(category) in {categories:Array(String)}',
  checks: `arrayExists(c -> if(endsWith(c, '/'), startsWith(toString(\`check\`), c), toString(\`check\`) = c), {checks:Array(String)})`,
}

export interface Condition {
  /** Without `where`; always a condition, so that others can follow with `and`. */
  sql: string
  params: Record<string, unknown>
}

export function inScope(facts: Pick<Facts, 'database'>, scope: ReportScope): Condition {
  const keys = (Object.keys(CONDITIONS) as (keyof typeof CONDITIONS)[]).filter((key) => scope[key].length > 0)
  const parts = ['issue not in {except:Array(UInt64)}', ...keys.map((key) => CONDITIONS[key])]
  if (scope.teams.length > 0)
    parts.push(
      `issue in (select number from ${tableOf(facts, 'issues')} final where toString(owner_team) in {teams:Array(String)})`,
    )
  return {
    sql: parts.join('\n  and '),
    params: {
      except: scope.except,
      ...Object.fromEntries(keys.map((key) => [key, scope[key]])),
      ...(scope.teams.length > 0 && { teams: scope.teams }),
    },
  }
}
