/** What the collect stage remembers of ids and payloads: compact, and never wrong. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createKeySet } from '../server/collect/key-set.ts'
import { createPayloads, markOf, saltOf } from '../server/collect/payloads.ts'

describe('the set of seen ids', () => {
  it('answers as a set of texts does, through every growth', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 12 }), { maxLength: 400 }),
        fc.array(fc.string({ maxLength: 12 })),
        (added, asked) => {
          const ours = createKeySet()
          const theirs = new Set<string>()
          for (const id of added) {
            expect(ours.add(id)).toBe(!theirs.has(id))
            theirs.add(id)
          }
          expect(ours.size).toBe(theirs.size)
          for (const id of [...added, ...asked]) expect(ours.has(id)).toBe(theirs.has(id))
        },
      ),
      { numRuns: 50 },
    )
    const many = createKeySet()
    for (let i = 0; i < 200_000; i++) many.add(`cus_${i}`)
    expect(many.size).toBe(200_000)
    for (let i = 0; i < 200_000; i += 997) {
      expect(many.has(`cus_${i}`)).toBe(true)
      expect(many.has(`inv_${i}`)).toBe(false)
    }
  })
})

describe('payloads seen', () => {
  const none = saltOf('')

  it('tell the last bytes of each record from all others, and know what they forgot', () => {
    const action = fc.record({
      id: fc.integer({ min: 0, max: 40 }).map(String),
      raw: fc.integer({ min: 0, max: 3 }).map(String),
      forget: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(action, { maxLength: 300 }), (actions) => {
        const payloads = createPayloads()
        const last = new Map<string, string>()
        for (const { id, raw, forget } of actions) {
          // A cache may forget by itself, so it may only err by saying no.
          if (payloads.same(id, markOf(raw, none))) expect(last.get(id)).toBe(raw)
          if (forget) {
            payloads.forget(id)
            last.delete(id)
          } else {
            payloads.remember(id, markOf(raw, none))
            last.set(id, raw)
          }
        }
        for (const [id, raw] of last) expect(payloads.same(id, markOf(raw, none))).toBe(true)
      }),
      { numRuns: 100 },
    )
  })

  it('remember nearly all of a large stream', () => {
    const payloads = createPayloads()
    for (let i = 0; i < 300_000; i++) payloads.remember(`id-${i}`, markOf(`row ${i}`, none))
    let known = 0
    for (let i = 0; i < 300_000; i++) if (payloads.same(`id-${i}`, markOf(`row ${i}`, none))) known++
    expect(known).toBeGreaterThan(295_000)
  })

  it('are other payloads under another header', () => {
    const payloads = createPayloads()
    payloads.remember('1', markOf('a,b', saltOf('x,y')))
    expect(payloads.same('1', markOf('a,b', saltOf('x,y')))).toBe(true)
    expect(payloads.same('1', markOf('a,b', saltOf('y,x')))).toBe(false)
  })
})
