/** Countries of the laboratory: currency, tax, and how addresses, telephone and register numbers look there. */
import type { Random } from './random.ts'

export interface Country {
  code: string
  names: readonly string[]
  currency: string
  /** Tax on sales in per mille. */
  tax: number
  language: string
  forms: readonly string[]
  phone: (r: Random) => string
  streets: readonly string[]
  cities: readonly (readonly [city: string, region: string | null, postal: string])[]
  street: (name: string, number: number) => string
  registration: (r: Random) => string | null
  /** Which of our own companies sells there. */
  legalEntity: string
}

const after = (name: string, number: number) => `${name} ${number}`
const before = (name: string, number: number) => `${number} ${name}`

export const COUNTRIES: readonly Country[] = [
  {
    code: 'DE',
    names: ['Germany', 'Deutschland', 'DEU'],
    currency: 'EUR',
    tax: 190,
    language: 'de',
    forms: ['GmbH', 'AG'],
    legalEntity: 'LM-DE',
    phone: (r) => `+4930${r.int(2, 9)}${r.digits(6)}`,
    streets: ['Ahornstraße', 'Mühlenweg', 'Am Speicher', 'Lindenstraße', 'Werkstraße'],
    street: after,
    cities: [
      ['Berlin', 'Berlin', '10115'],
      ['Gießen', 'Hessen', '35390'],
      ['München', 'Bayern', '80331'],
      ['Hamburg', 'Hamburg', '20095'],
    ],
    registration: (r) => `HRB ${r.int(10000, 99999)}`,
  },
  {
    code: 'AT',
    names: ['Austria', 'Österreich', 'AUT'],
    currency: 'EUR',
    tax: 200,
    language: 'de',
    forms: ['GmbH'],
    legalEntity: 'LM-DE',
    phone: (r) => `+431${r.int(2, 8)}${r.digits(6)}`,
    streets: ['Marktgasse', 'Seestraße', 'Auweg'],
    street: after,
    cities: [
      ['Wien', null, '1010'],
      ['Graz', 'Steiermark', '8010'],
      ['Linz', 'Oberösterreich', '4020'],
    ],
    registration: (r) => `FN ${r.int(100000, 599999)}${r.pick(['a', 'd', 'g', 'k'])}`,
  },
  {
    code: 'CH',
    names: ['Switzerland', 'Schweiz', 'CHE'],
    currency: 'CHF',
    tax: 81,
    language: 'de',
    forms: ['AG', 'GmbH'],
    legalEntity: 'LM-DE',
    phone: (r) => `+4144${r.int(2, 8)}${r.digits(6)}`,
    streets: ['Seefeldgasse', 'Bergweg', 'Quaistrasse'],
    street: after,
    cities: [
      ['Zürich', 'ZH', '8001'],
      ['Bern', 'BE', '3011'],
      ['Luzern', 'LU', '6003'],
    ],
    registration: (r) => `CH-020.3.${r.digits(3)}.${r.digits(3)}-${r.int(0, 9)}`,
  },
  {
    code: 'FR',
    names: ['France', 'FRA', 'france'],
    currency: 'EUR',
    tax: 200,
    language: 'fr',
    forms: ['SAS', 'SARL'],
    legalEntity: 'LM-DE',
    phone: (r) => `+331${r.int(40, 49)}${r.digits(6)}`,
    streets: ['rue des Tisserands', 'avenue du Port', 'quai Neuf'],
    street: before,
    cities: [
      ['Lyon', null, '69002'],
      ['Paris', null, '75011'],
      ['Nantes', null, '44000'],
    ],
    registration: (r) => `RCS ${r.digits(3)} ${r.digits(3)} ${r.digits(3)}`,
  },
  {
    code: 'GB',
    names: ['United Kingdom', 'GBR', 'Great Britain'],
    currency: 'GBP',
    tax: 200,
    language: 'en',
    forms: ['Ltd', 'PLC'],
    legalEntity: 'LM-UK',
    phone: (r) => `+44207${r.int(100, 999)}${r.digits(4)}`,
    streets: ['Chandlers Row', 'Millgate', 'Kiln Lane'],
    street: before,
    cities: [
      ['London', null, 'EC1A 1BB'],
      ['Leeds', null, 'LS1 4AP'],
      ['Bristol', null, 'BS1 5TR'],
    ],
    registration: (r) => `0${r.int(1000000, 9999999)}`,
  },
  {
    code: 'US',
    names: ['United States', 'USA', 'United States of America'],
    currency: 'USD',
    tax: 0,
    language: 'en',
    forms: ['Inc.', 'LLC', 'Corp.'],
    legalEntity: 'LM-US',
    phone: (r) => `+1312${r.int(220, 989)}${r.digits(4)}`,
    streets: ['Foundry Street', 'Harbor Avenue', 'Cedar Drive'],
    street: before,
    cities: [
      ['Chicago', 'IL', '60607'],
      ['Austin', 'TX', '78701'],
      ['Portland', 'OR', '97205'],
    ],
    registration: (r) => `C${r.digits(7)}`,
  },
  {
    code: 'JP',
    names: ['Japan', 'JPN', 'japan'],
    currency: 'JPY',
    tax: 100,
    language: 'ja',
    forms: ['K.K.'],
    legalEntity: 'LM-UK',
    phone: (r) => `+813${r.int(3200, 6899)}${r.digits(4)}`,
    streets: ['Kawabata-dori', 'Minami-cho', 'Sakura-machi'],
    street: after,
    cities: [
      ['Tokyo', 'Tokyo', '100-0005'],
      ['Osaka', 'Osaka', '530-0001'],
    ],
    registration: () => null,
  },
  {
    code: 'KW',
    names: ['Kuwait', 'KWT', 'kuwait'],
    currency: 'KWD',
    tax: 0,
    language: 'ar',
    forms: ['W.L.L.'],
    legalEntity: 'LM-UK',
    phone: (r) => `+9652${r.int(2, 5)}${r.digits(6)}`,
    streets: ['Al Noor Street', 'Harbour Road'],
    street: after,
    cities: [
      ['Kuwait City', null, '13001'],
      ['Salmiya', null, '22001'],
    ],
    registration: (r) => `KW-${r.digits(6)}`,
  },
  {
    code: 'NL',
    names: ['Netherlands', 'Nederland', 'NLD'],
    currency: 'EUR',
    tax: 210,
    language: 'nl',
    forms: ['B.V.'],
    legalEntity: 'LM-DE',
    phone: (r) => `+3120${r.int(2, 7)}${r.digits(6)}`,
    streets: ['Havenkade', 'Molenstraat', 'Zuidsingel'],
    street: after,
    cities: [
      ['Amsterdam', 'Noord-Holland', '1012 JS'],
      ['Utrecht', 'Utrecht', '3511 CE'],
    ],
    registration: (r) => r.digits(8),
  },
]
