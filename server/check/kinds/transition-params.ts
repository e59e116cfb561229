/** What a transition check looks for: illegal moves, moves by a platform that does not own the state, records that stay where they are. */
import { z } from 'zod'
import { hasKind, kindOf } from '../../../model/kinds.ts'
import { duration, kindName } from '../../config/words.ts'

export const params = z.strictObject({
  of: z
    .union([kindName.transform((k) => [k]), z.array(kindName).min(1)])
    .describe('Kinds of record whose lifecycle is looked at.'),
  finds: z
    .enum(['illegal', 'hand_over', 'stuck'])
    .describe(
      'illegal: no legal path leads to the state, or what the path requires is lacking; hand_over: a platform moved the record while another one owned its state; stuck: it has been in a state for longer than `for`.',
    ),
  as: z
    .union([z.string().transform((s) => [s]), z.array(z.string()).min(1)])
    .default([])
    .describe('Roles or platforms whose records are looked at; default: the owner of the state.'),
  in: z.array(z.string()).min(1).optional().describe('With `stuck`: the states.'),
  for: duration.optional().describe('With `stuck`: the longest time that a record may stay there.'),
  message: z.string().optional().describe('What the finding says; default: the title of the check.'),
})
export type Params = z.output<typeof params>

export function problems(p: Params): { path: (string | number)[]; says: string }[] {
  const found: { path: (string | number)[]; says: string }[] = []
  const kinds = p.of.filter(hasKind).map(kindOf)
  for (const kind of kinds)
    if (kind.states.length === 0) found.push({ path: ['of'], says: `${kind.name} has no lifecycle` })
  if (p.finds !== 'stuck') {
    if (p.in) found.push({ path: ['in'], says: 'this needs finds: stuck' })
    if (p.for) found.push({ path: ['for'], says: 'this needs finds: stuck' })
    return found
  }
  if (!p.in) found.push({ path: ['finds'], says: 'say in which states with `in`' })
  if (!p.for) found.push({ path: ['finds'], says: 'say for how long with `for`' })
  for (const kind of kinds)
    for (const state of p.in ?? [])
      if (!kind.states.includes(state))
        found.push({
          path: ['in'],
          says: `${kind.name} is never ${JSON.stringify(state)}; use ${kind.states.join(', ')}`,
        })
  return found
}
