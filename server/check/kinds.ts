/** The check kinds: a closed set. Checks are what people add; a new kind is a change of the product. */
import type { AnyKind } from './contract.ts'
import agree from './kinds/agree.ts'
import deadline from './kinds/deadline.ts'
import duplicate from './kinds/duplicate.ts'
import exist from './kinds/exist.ts'
import fresh from './kinds/fresh.ts'
import rule from './kinds/rule.ts'
import total from './kinds/total.ts'

const all = [agree, deadline, duplicate, exist, fresh, rule, total] as unknown as readonly AnyKind[]

export const CHECK_KINDS: ReadonlyMap<string, AnyKind> = new Map(all.map((k) => [k.name, k]))
