/** The check kinds: a closed set. Checks are what people add; a new kind is a change of the product. */
import type { AnyKind } from './contract.ts'
import agree from './kinds/agree.ts'
import authority from './kinds/authority.ts'
import deadline from './kinds/deadline.ts'
import duplicate from './kinds/duplicate.ts'
import exist from './kinds/exist.ts'
import fresh from './kinds/fresh.ts'
import match from './kinds/match.ts'
import rule from './kinds/rule.ts'
import sql from './kinds/sql.ts'
import structure from './kinds/structure.ts'
import total from './kinds/total.ts'
import transition from './kinds/transition.ts'

const all = [
  agree,
  authority,
  deadline,
  duplicate,
  exist,
  fresh,
  match,
  rule,
  sql,
  structure,
  total,
  transition,
] as unknown as readonly AnyKind[]

export const CHECK_KINDS: ReadonlyMap<string, AnyKind> = new Map(all.map((k) => [k.name, k]))
