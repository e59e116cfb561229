/** A million customers of three platforms, made from their number alone: half of them are a second spelling of another, with the errors of hand entry. */
import type { Facts } from '../server/store/facts/facts.ts'

/** Words of one list by a hash of the number and a salt. */
const pick = (words: readonly string[], salt: number) =>
  `[${words.map((w) => `'${w}'`).join(', ')}][cityHash64(thing, ${salt}) % ${words.length} + 1]`
const SYLLABLES = [
  'ba',
  'be',
  'bro',
  'da',
  'del',
  'dor',
  'fa',
  'fen',
  'ga',
  'gor',
  'ha',
  'hel',
  'ka',
  'ker',
  'kran',
  'la',
  'lin',
  'lo',
  'ma',
  'mer',
  'mon',
  'na',
  'nor',
  'or',
  'pa',
  'per',
  'ra',
  'rei',
  'ro',
  'sa',
  'sel',
  'son',
  'ta',
  'ter',
  'tor',
  'va',
  'ver',
  'wa',
  'wer',
  'zan',
]
const TRADES = [
  'logistik',
  'metallbau',
  'verlag',
  'energie',
  'optik',
  'pumpen',
  'systeme',
  'handel',
  'bau',
  'medien',
  'software',
  'foods',
  'motors',
  'textil',
  'pharma',
  'consulting',
  'druck',
  'elektro',
  'holz',
  'chemie',
]
const FORMS = ['gmbh', 'ag', 'kg', 'ltd', 'inc', 'sarl', 'bv', 'ohg']
const CITIES = [
  'berlin',
  'hamburg',
  'muenchen',
  'koeln',
  'bremen',
  'leipzig',
  'wien',
  'zuerich',
  'graz',
  'bern',
  'essen',
  'dresden',
  'paris',
  'london',
  'leeds',
  'bristol',
  'boston',
  'austin',
  'denver',
  'dallas',
]
const STREETS = [
  'hafenweg',
  'ring',
  'hauptstrasse',
  'lindenallee',
  'bahnhofstrasse',
  'am markt',
  'muehlenweg',
  'parkstrasse',
  'schulweg',
  'industriestrasse',
]
const word = (salt: number) => [0, 1, 2].map((i) => pick(SYLLABLES, salt + i)).join(', ')

/**
 * Fills `million` (platform, record_id, thing, columns): record n is of thing `n % (records / 2)`, so every thing has
 * two records on two platforms. The second spelling swaps two letters of the name, drops the legal form, loses the tax
 * id or the telephone number, each with its own chance.
 */
export async function fillMillion(facts: Facts, records: number): Promise<void> {
  const half = Math.floor(records / 2)
  const chance = (salt: number, percent: number) => `(n >= ${half} and cityHash64(n, ${salt}) % 100 < ${percent})`
  await facts.command(`drop table if exists ${facts.database}.million`)
  await facts.command(
    `create table ${facts.database}.million engine = MergeTree order by tuple() as
     select if(n < ${half}, 'crm', if(n % 2 = 0, 'erp', 'billing')) as platform, toString(n) as record_id, toString(thing) as truth,
       map(
         'name', if(${chance(1, 25)}, concat(left(name, at - 1), substring(name, at + 1, 1), substring(name, at, 1), substring(name, at + 2)), name)
           || if(${chance(2, 40)}, '', concat(' ', ${pick(FORMS, 9)})),
         'tax_id', if(cityHash64(thing, 20) % 100 < 30 or ${chance(3, 50)}, '', concat('DE', toString(100000000 + cityHash64(thing, 21) % 900000000))),
         'domain', if(${chance(4, 30)}, '', concat(replaceAll(name, ' ', '-'), '.test')),
         'phone', if(${chance(5, 35)}, '', concat('49', toString(3000000000 + cityHash64(thing, 22) % 900000000))),
         'street', concat(${pick(STREETS, 30)}, ' ', toString(if(${chance(6, 5)}, 1, 0) + cityHash64(thing, 31) % 200)),
         'postal_code', toString(10000 + cityHash64(thing, 32) % 9000 + if(${chance(7, 5)}, 1, 0)),
         'city', ${pick(CITIES, 33)}
       ) as columns
     from (select *, concat(${word(100)}, ' ', ${word(200)}, ' ', ${pick(TRADES, 300)}) as name, 2 + cityHash64(n, 40) % 8 as at
       from (select number as n, number % ${half} as thing from numbers(${records})))`,
  )
}
