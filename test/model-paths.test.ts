/** Paths: which states lead to which, and what the way requires. */
import { describe, expect, it } from 'vitest'
import { KINDS, kindOf } from '../model/kinds.ts'
import { waysBetween } from '../model/paths.ts'

describe('paths of the model', () => {
  it('exist between states that declared moves join, with what they require on the way', () => {
    const quote = kindOf('quote')
    expect(waysBetween(quote, 'draft', 'accepted')[0]!.requires).toEqual(['accepted_at', 'approved_at'])
    expect(waysBetween(quote, 'accepted', 'draft')).toEqual([])
    expect(waysBetween(kindOf('order'), 'draft', 'fulfilled')[0]!.through).toEqual(['draft', 'booked', 'fulfilled'])
  })

  it('lead from some first state to every other one, in every kind', () => {
    for (const kind of KINDS.filter((k) => k.states.length > 0))
      for (const state of kind.states)
        expect(
          kind.states.some((from) => from === kind.states[0] && waysBetween(kind, from, state).length > 0),
          `${kind.name} ${state}`,
        ).toBe(true)
  })
})
