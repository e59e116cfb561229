/** The laboratory's company: same seed, same company; nothing inconsistent unless it was planted. */
import parsePhone from 'libphonenumber-js/max'
import { stdnum } from 'stdnum'
import { describe, expect, test } from 'vitest'
import { COUNTRIES } from '../lab/countries.ts'
import { createLandscape } from '../lab/landscape.ts'
import type { Landscape } from '../lab/landscape.ts'
import { createRandom } from '../lab/random.ts'
import { taxId } from '../lab/tax-ids.ts'
import { companyName, profile } from '../lab/words.ts'
import { inconsistencies } from './world/lab-consistency.ts'
import { entities, key } from './world/lab-entities.ts'

const DAY = 86_400_000

function fingerprint(landscape: Landscape): string {
  const rows = [...landscape.states.values()].flatMap((state) =>
    state.kinds().flatMap((kind) => state.records(kind).map((r) => JSON.stringify([state.name, r]))),
  )
  return JSON.stringify([rows.sort(), landscape.truth])
}

describe('the company', () => {
  test('is the same to the last digit for the same seed, and another for another seed', async () => {
    const make = (seed: string) => createLandscape({ seed, customers: 40, days: 50, faults: 1, via: 'files' })
    const [one, again, other] = [await make('a'), await make('a'), await make('b')]
    expect(fingerprint(again)).toBe(fingerprint(one))
    expect(fingerprint(other)).not.toBe(fingerprint(one))
  })

  test.each(['a', 'b', 'c'])(
    'holds nothing inconsistent at any instant while no fault is planted (seed %s)',
    async (seed) => {
      const healthy = await createLandscape({ seed, faults: 0, decoys: 2, via: 'files' })
      for (const at of [
        healthy.start + 7.3 * DAY,
        healthy.start + 44.8 * DAY,
        healthy.start + 70.5 * DAY,
        healthy.end,
      ]) {
        healthy.advance(at)
        expect(inconsistencies(healthy.states, at)).toEqual([])
      }
    },
  )

  test('stays consistent when it lives on beyond its history', async () => {
    const healthy = await createLandscape({ seed: 'on', customers: 60, days: 30, faults: 0, via: 'files' })
    healthy.advance(healthy.end + 40 * DAY)
    expect(inconsistencies(healthy.states, healthy.now())).toEqual([])
  })

  test('is generated in less than three seconds at its standard size', async () => {
    const begin = performance.now()
    await createLandscape({ via: 'files' })
    expect(performance.now() - begin).toBeLessThan(3000)
  })

  test('lives through every stage: leads, prospects, losses, churn, renewals, holds, credits and failed payments', async () => {
    const { states, company } = await createLandscape({ seed: 'stages', faults: 0, via: 'files' })
    const seen = (kind: string) =>
      new Set(
        [...states.values()].flatMap((s) => s.records(kind).flatMap((r) => s.versions(kind, r.id).map((v) => v.state))),
      )
    expect(seen('customer')).toEqual(new Set(['lead', 'prospect', 'customer', 'churned', 'closed']))
    expect([...seen('renewal')]).toContain('renewed')
    expect([...seen('subscription')].sort()).toEqual(['active', 'cancelled', 'paused'])
    expect([...seen('credit')]).toContain('applied')
    expect([...seen('payment')]).toContain('failed')
    expect([...seen('contract')].sort()).toEqual(['active', 'draft', 'signed', 'terminated'])
    const intervals = new Set(company.all('subscription').map((s) => s.values.interval))
    expect(intervals).toEqual(new Set(['month', 'quarter', 'year']))
    const currencies = new Set(company.all('invoice').map((i) => i.values.currency))
    expect([...currencies]).toEqual(expect.arrayContaining(['EUR', 'USD', 'GBP', 'CHF', 'JPY', 'KWD']))
  })

  test('writes each currency with its own number of decimals', async () => {
    const { company } = await createLandscape({ seed: 'money', faults: 0, via: 'files' })
    const places: Record<string, RegExp> = { JPY: /^\d+$/, KWD: /^\d+\.\d{3}$/ }
    for (const invoice of company.all('invoice'))
      expect(invoice.values.total).toMatch(places[invoice.values.currency as string] ?? /^\d+\.\d{2}$/)
  })

  test('spells followers’ values in ways that mean the same, and only where it was asked to', async () => {
    const differences = async (spelling: number) => {
      const { states } = await createLandscape({
        seed: 'spell',
        customers: 60,
        days: 30,
        faults: 0,
        spelling,
        via: 'files',
      })
      return entities(states, 'customer').flatMap((entity) =>
        ['name', 'legal_name', 'phone', 'tax_id', 'domain', 'bill_to.country'].filter(
          (field) => new Set(entity.flatMap((r) => r.fields[field] ?? [])).size > 1,
        ),
      )
    }
    expect(new Set(await differences(0.5))).toEqual(
      new Set(['name', 'legal_name', 'phone', 'tax_id', 'domain', 'bill_to.country']),
    )
    expect(await differences(0)).toEqual([])
    expect(key('legal_name', 'legal_name', 'Ostwick  G.m.b.H.')).toBe(key('legal_name', 'legal_name', 'OSTWICK GmbH'))
  })

  test('sees its own past: an earlier instant shows what readers saw then', async () => {
    const landscape = await createLandscape({ seed: 'past', customers: 40, days: 40, faults: 0, via: 'files' })
    const crm = landscape.states.get('salesforce')!
    const count = () => crm.records('invoice').length
    const atEnd = count()
    landscape.advance(landscape.start + 5 * DAY)
    const early = count()
    expect(early).toBeLessThan(atEnd)
    expect(crm.records('invoice').every((r) => r.changedAt <= landscape.now())).toBe(true)
    landscape.advance(landscape.end)
    expect(count()).toBe(atEnd)
  })
})

describe('invented words', () => {
  const RULE: Record<string, string> = {
    DE: 'vat',
    AT: 'uid',
    CH: 'vat',
    FR: 'tva',
    GB: 'vat',
    NL: 'btw',
    JP: 'cn',
    US: 'ein',
  }

  test.each(Object.entries(RULE))('tax ids of %s have right check digits', (country, rule) => {
    const r = createRandom(`tax/${country}`)
    const validators = stdnum as unknown as Record<
      string,
      Record<string, { validate(id: string): { isValid: boolean } }>
    >
    for (let i = 0; i < 200; i++) expect(validators[country]![rule]!.validate(taxId(country, r)!).isValid).toBe(true)
  })

  test('telephone numbers are possible in their country, domains are nobody’s, names do not repeat', () => {
    const r = createRandom('words')
    for (const country of COUNTRIES)
      for (let n = 0; n < 40; n++) {
        const { fields } = profile(n, country, r)
        expect(parsePhone(fields.phone!)?.isPossible(), fields.phone!).toBe(true)
        expect(fields.domain).toMatch(/^[a-z0-9-]+\.example$/)
      }
    expect(new Set(Array.from({ length: 5000 }, (_, n) => companyName(n))).size).toBe(5000)
  })

  test('chance is even, and one stream does not disturb another', () => {
    const r = createRandom('even')
    const counts = Array<number>(10).fill(0)
    for (let i = 0; i < 20_000; i++) counts[r.int(0, 9)]!++
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(200)
    const [a, b] = [createRandom('x'), createRandom('x')]
    a.fork('side').next()
    expect(a.next()).toBe(b.next())
  })
})
