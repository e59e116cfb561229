/** The declared flows: every leg names what the model has. */
import { describe, expect, it } from 'vitest'
import { FLOWS } from '../model/flows.ts'
import { kindOf, references } from '../model/kinds.ts'

describe('the declared flows', () => {
  it('name kinds, states, fields and references that there are', () => {
    for (const flow of FLOWS) {
      expect(new Set(flow.legs.map((l) => l.name)).size).toBe(flow.legs.length)
      for (const [i, leg] of flow.legs.entries()) {
        const kind = kindOf(leg.kind)
        const fields = new Map(kind.fields.map((f) => [f.name, f]))
        for (const [name, values] of [...Object.entries(leg.is), ...Object.entries(leg.ends ?? {})]) {
          expect(fields.has(name), `${flow.name} ${leg.name} ${name}`).toBe(true)
          for (const value of values) if (fields.get(name)!.of) expect(fields.get(name)!.of).toContain(value)
        }
        for (const name of [...(leg.requires ?? []), ...(leg.at ? [leg.at] : [])]) expect(fields.has(name)).toBe(true)
        if (leg.due) expect(kindOf(flow.legs[0].kind).fields.some((f) => f.name === leg.due)).toBe(true)
        expect(leg.via === undefined).toBe(i === 0)
        const from = flow.legs.find((l) => l.name === leg.from) ?? flow.legs[i - 1]
        for (const via of leg.via ?? []) {
          const joins =
            (via === 'same' && from!.kind === leg.kind) ||
            via === 'customer' ||
            references(kind).some((f) => f.name === via && f.to?.includes(from!.kind)) ||
            references(kindOf(from!.kind)).some((f) => f.name === via && f.to?.includes(leg.kind))
          expect(joins, `${flow.name} ${leg.name} ${via}`).toBe(true)
        }
      }
    }
  })
})
