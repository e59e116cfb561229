/** What the server says, in German: every sentence of its sources has an entry, and is found among a thousand others. */
import { describe, expect, it } from 'vitest'
import { blameAbsence, type AbsenceFacts } from '../model/cause-absent.ts'
import { evidenceAround, NOTHING_AROUND } from '../model/cause-around.ts'
import type { RecordedEvent } from '../model/event.ts'
import { bookOf } from '../ui/phrases.ts'
import { phraseBook, sentences, sortsOf } from '../ui/words/said.ts'
import { compareSpoken, sentencesIn, SPOKEN, spoken, type Sort } from '../ui/words/spoken.ts'

const gaps = (text: string) => [...text.matchAll(/\{(\d)[@#=]?\}/g)].map((m) => m[1])
const found = (source: string) => sentencesIn(source, 'a.ts').map((s) => s.english)

describe('the sentences of a source', () => {
  it('are literals and templates that read like one, in every way in which they may come out', () => {
    expect(
      found(
        'const a = [`${x} refused it at ${iso(t)}${why ? `: ${why}` : ""}.`, `It has ${n} ${n === 1 ? "line" : "lines"}.`]',
      ),
    ).toEqual(['{0} refused it at {1}: {2}.', '{0} refused it at {1}.', 'It has {0} line.', 'It has {0} lines.'])
    // What stands under a name that is read need not be a whole sentence; codes and lone words are none.
    expect(
      found("const f = { title: late ? `${name} is late` : 'Not read yet', says: why, kind: 'not this' }"),
    ).toEqual(['{0} is late', 'Not read yet'])
    expect(found('x("Too long for " + "one line of " + `code ${n}${unit}.`)')).toEqual([
      'Too long for one line of code {0}.',
    ])
  })

  it('are never codes, keys, descriptions of the API or lines of the log', () => {
    expect(
      found(`import a from 'A. b.'
log.info('A run has ended.'); z.string().describe('What it said.'); const q = 'is:open kind:case'
const r = { description: 'The whole list.', sql: 'select a from b.' }`),
    ).toEqual([])
  })
})

describe.each(Object.keys(SPOKEN) as Sort[])('%s in German', (sort) => {
  it('has every sentence that the sources speak, and nothing else', () => {
    expect(spoken(sort).length).toBeGreaterThan(50)
    const { missing, unused } = compareSpoken(sort, phraseBook('de'), sentences('de', sort))
    // `npm run words` prints these with their places.
    expect(missing).toEqual([])
    expect(unused).toEqual([])
  })
})

describe('the phrase book', () => {
  const all = sortsOf('de').flatMap((sort) => Object.entries(sentences('de', sort)))

  it('loses no gap and invents none', () => {
    const strange = all.filter(([english, german]) => {
      const [theirs, ours] = [gaps(english), gaps(german)]
      return german === '' || ours.some((n) => !theirs.includes(n)) || theirs.some((n) => !ours.includes(n))
    })
    expect(strange).toEqual([])
  })

  it('keeps the end of a sentence, and what stands inside another one begins with … in both languages', () => {
    const end = (text: string) => /[.?:]$/.exec(text)?.[0]
    expect(all.filter(([e, g]) => end(e) !== end(g) || e.startsWith('…') !== g.startsWith('…'))).toEqual([])
  })
})

describe('a sentence of the server', () => {
  const say = bookOf(phraseBook('de'))
  const at = '2026-11-28T09:00:00.000Z'
  const now = Date.parse(at)

  it('is German from end to end, with what stands in its gaps', () => {
    expect(say(`NetSuite held the owner's value until ${at} by Anna, with a delivery from Boomi.`)).toBe(
      `NetSuite hatte den führenden Wert bis ${at}, von Anna, mit einer Lieferung von Boomi.`,
    )
    expect(say(`Customer C-1 in NetSuite is past due; the time began at ${at}.`)).toBe(
      `Kunde C-1 in NetSuite ist überfällig; die Frist begann ${at}.`,
    )
    expect(say('ERP lacks 2 lines, quantity 3, amount 40.00 of product P-1.')).toBe(
      'ERP fehlt: 2 Positionen, Menge 3, Betrag 40.00 zum Produkt P-1.',
    )
    expect(say('S-9 was made, although S-1 was there.')).toBe('S-9 wurde angelegt, obwohl es S-1 schon gab.')
    expect(say('"colour:" is not understood.')).toBe('„colour:“ ist nicht zu verstehen.')
    expect(say('Your role viewer may not approve here.')).toBe('Ihre Rolle viewer erlaubt das hier nicht (genehmigen).')
  })

  it('leaves alone what people wrote, even where it looks like a part of a sentence', () => {
    expect(say('NetSuite says "Design changed twice", Stripe says Name is late.')).toBe(
      'NetSuite sagt "Design changed twice", Stripe sagt Name is late.',
    )
    for (const words of ['Design by Klaus', 'closed', 'I-4711 is unknown to mankind.', '2 lines'])
      expect(say(words)).toBe(words)
  })

  it('is what the rules really say: no English is left of it', () => {
    const facts: AbsenceFacts = {
      kind: 'customer', platform: 'erp', title: 'NetSuite', owner: 'crm', ownerTitle: 'Salesforce', since: now,
      grave: { record_id: '77', merged_into: '78', at: now, by: 'Bob' },
      named: null, events: [], log: null, doubt: null, around: NOTHING_AROUND, titleOf: (name) => name,
    } // prettier-ignore
    const happened = [{ id: 'e', type: 'outage_began', at, reported_by: 'erp', to_platform: 'erp' } as RecordedEvent]
    const told = [
      ...blameAbsence(facts).evidence,
      ...blameAbsence({ ...facts, grave: null, named: '9' }).evidence,
      ...blameAbsence({ ...facts, grave: null }).evidence,
      ...evidenceAround(
        'never_sent',
        { from: 'crm', to: 'erp', at: now },
        { happened, carriers: [] },
        () => 'NetSuite',
      ),
    ].flatMap((e) => [e.says, e.disproved_by ?? ''])
    expect(told.length).toBeGreaterThan(6)
    for (const sentence of told) expect(say(sentence), sentence).not.toMatch(/\b(the|of|and|was|record|by)\b/)
  })

  it('is found in a few steps: most of the book is never tried', () => {
    const started = performance.now()
    for (let n = 0; n < 2_000; n++) say(`NetSuite was changed at ${at} by Anna ${n}, after the owner.`)
    expect((performance.now() - started) / 2_000).toBeLessThan(1)
  })
})
