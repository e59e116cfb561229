/** Linkage sets: the public record-linkage data, how each is read, and what of it is compared. */
import { createReadStream, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readCsv } from '../connectors/files/csv.ts'
import { readParquet } from '../connectors/files/parquet.ts'
import type { BlockRule, LinkField, LinkSpec } from '../server/identify/linker/spec.ts'

export interface LinkageSet {
  name: string
  about: string
  files: readonly { file: string; platform: string }[]
  id(row: Row): string
  truth(row: Row): string
  spec: Omit<LinkSpec, 'source' | 'kind'>
  /** F1 that `--assert` wants: below what was measured, so that only a real loss fails. */
  least: number
  /** Figures that others published on the same data, and where. */
  published: readonly string[]
}

export type Row = Record<string, string>

/** A column in lower case, without accents and doubled spaces. */
const column = (name: string) =>
  `trim(replaceRegexpAll(lowerUTF8(replaceRegexpAll(normalizeUTF8NFKD(columns['${name}']), '\\\\p{M}', '')), '\\\\s+', ' '))`
const digits = (name: string) => `replaceRegexpAll(columns['${name}'], '[^0-9]', '')`
const field = (
  name: string,
  compare: LinkField['compare'],
  value = column(name),
  termFrequency = false,
): LinkField => ({
  name,
  compare,
  value,
  termFrequency,
})
const frequent = (name: string, compare: LinkField['compare'], value = column(name)) =>
  field(name, compare, value, true)
const joined = (...parts: string[]) =>
  `[if(${parts.map((p) => `${p} = ''`).join(' or ')}, '', concat(${parts.join(`, '|', `)}))]`
const rule = (name: string, keys: string, fixes: string[], most?: number): BlockRule => ({
  name,
  keys,
  fixes,
  ...(most && { most }),
})

const FEBRL: LinkageSet['spec'] = {
  pairs: 'all',
  fields: [
    frequent('given_name', 'word'),
    frequent('surname', 'word'),
    field('street_number', 'code'),
    frequent('address_1', 'words'),
    field('address_2', 'words'),
    frequent('suburb', 'place'),
    field('postcode', 'code'),
    field('state', 'exact'),
    field('birth', 'date', column('date_of_birth')),
    field('soc_sec_id', 'code'),
  ],
  rules: [
    rule('birth', joined('f_birth'), ['birth']),
    rule('soc_sec_id', joined('f_soc_sec_id'), ['soc_sec_id']),
    rule('names', joined('f_given_name', 'f_surname'), ['given_name', 'surname']),
    rule('surname and postcode', joined('f_surname', 'f_postcode'), ['surname', 'postcode']),
    rule('given name and suburb', joined('f_given_name', 'f_suburb'), ['given_name', 'suburb']),
    rule('street', joined('f_address_1', 'f_street_number'), ['address_1', 'street_number']),
  ],
}
const febrlTruth = (row: Row) => row['rec_id']!.split('-')[1]!

const SPLINK = 'https://moj-analytical-services.github.io/splink/demos/examples/examples_index.html'
/** What was found where Splink shows the set. */
const CHARTS = `Splink’s examples show it with charts; no figures were found there (${SPLINK})`

export const SETS: readonly LinkageSet[] = [
  {
    name: 'febrl1',
    least: 0.98,
    about: '1,000 made-up people, half of them twice',
    files: [{ file: 'febrl1.csv', platform: 'a' }],
    id: (r) => r['rec_id']!,
    truth: febrlTruth,
    spec: FEBRL,
    published: [],
  },
  {
    name: 'febrl3',
    least: 0.98,
    about: '5,000 records of 2,000 made-up people',
    files: [{ file: 'febrl3.csv', platform: 'a' }],
    id: (r) => r['rec_id']!,
    truth: febrlTruth,
    spec: FEBRL,
    published: [CHARTS],
  },
  {
    name: 'febrl4',
    least: 0.99,
    about: 'two lists of 5,000 made-up people',
    files: [
      { file: 'febrl4a.csv', platform: 'a' },
      { file: 'febrl4b.csv', platform: 'b' },
    ],
    id: (r) => r['rec_id']!,
    truth: febrlTruth,
    spec: { ...FEBRL, pairs: 'across' },
    published: [CHARTS],
  },
  {
    name: 'splink fake 1000',
    least: 0.8,
    about: '1,000 made-up records of about 250 people',
    files: [{ file: 'splink-fake-1000.csv', platform: 'a' }],
    id: (r) => r['unique_id']!,
    truth: (r) => r['cluster']!,
    spec: {
      pairs: 'all',
      fields: [
        frequent('first_name', 'word'),
        frequent('surname', 'word'),
        field('dob', 'date'),
        frequent('city', 'place'),
        frequent('email', 'email'),
      ],
      rules: [
        rule('dob', joined('f_dob'), ['dob']),
        rule('email', joined('f_email'), ['email']),
        rule('names', joined('f_first_name', 'f_surname'), ['first_name', 'surname']),
        rule('surname and city', joined('f_surname', 'f_city'), ['surname', 'city']),
        rule('mailbox', `[if(f_email = '', '', substringIndex(f_email, '@', 1))]`, ['email']),
        rule('first name and year', joined('f_first_name', 'left(f_dob, 4)'), ['first_name']),
        rule('surname and year', joined('f_surname', 'left(f_dob, 4)'), ['surname']),
      ],
    },
    published: [CHARTS],
  },
  {
    name: 'splink historical 50k',
    least: 0.68,
    about: '50,000 records of 5,000 historical figures',
    files: [{ file: 'splink-historical-50k.parquet', platform: 'a' }],
    id: (r) => r['unique_id']!,
    truth: (r) => r['cluster']!,
    spec: {
      pairs: 'all',
      fields: [
        frequent('first_name', 'word'),
        frequent('surname', 'word'),
        frequent('dob', 'date'),
        frequent('birth_place', 'place'),
        frequent('postcode', 'postal', column('postcode_fake')),
        field('gender', 'exact'),
        frequent('occupation', 'exact'),
      ],
      rules: [
        rule('names', joined('f_first_name', 'f_surname'), ['first_name', 'surname'], 200),
        rule('surname and birth', joined('f_surname', 'f_dob'), ['surname', 'dob'], 200),
        rule('first name and birth', joined('f_first_name', 'f_dob'), ['first_name', 'dob'], 200),
        rule('postcode and first name', joined('f_postcode', 'f_first_name'), ['postcode', 'first_name'], 200),
        rule('postcode and surname', joined('f_postcode', 'f_surname'), ['postcode', 'surname'], 200),
        rule('birth and place', joined('f_dob', 'f_birth_place'), ['dob', 'birth_place'], 200),
        rule('area and birth', joined('left(f_postcode, 3)', 'f_dob'), ['dob'], 200),
        rule('area and surname', joined('left(f_postcode, 3)', 'f_surname'), ['surname'], 200),
        rule('beginnings', joined('left(f_first_name, 2)', 'left(f_surname, 2)', 'left(f_dob, 4)'), [], 200),
      ],
    },
    published: [CHARTS],
  },
  {
    name: 'chicago early childhood',
    least: 0.83,
    about: 'messy lists of sites with addresses and telephone numbers',
    files: [{ file: 'chicago-early-childhood-with-true-ids.csv', platform: 'a' }],
    id: (r) => r['Id']!,
    truth: (r) => r['True Id']!,
    spec: {
      pairs: 'all',
      fields: [
        frequent('site', 'company', column('Site name')),
        frequent('address', 'words', column('Address')),
        frequent('zip', 'postal', digits('Zip')),
        frequent('phone', 'phone', `right(${digits('Phone')}, 7)`),
      ],
      rules: [
        rule('site', joined('f_site'), ['site']),
        rule('telling words', `arraySlice(t_site, 1, 3)`, []),
        rule('address', joined('f_address'), ['address']),
        rule('words of the address', `if(length(t_address) < 2, [], [concat(t_address[1], t_address[2])])`, []),
        rule('house', `[extract(f_address, '^([0-9]+ [a-z]\\\\.? ?[a-z0-9]+)')]`, []),
        rule('phone', joined('f_phone'), ['phone']),
      ],
    },
    published: [],
  },
  {
    name: 'abt-buy',
    least: 0.4,
    about: 'two product catalogues',
    files: [
      { file: 'abt.csv', platform: 'abt' },
      { file: 'buy.csv', platform: 'buy' },
    ],
    id: (r) => r['unique_id']!,
    truth: (r) => r['unique_id']!,
    spec: {
      pairs: 'across',
      fields: [
        field('title', 'words', column('title')),
        field(
          'model',
          'exact',
          `extract(${column('title')}, '([a-z0-9-]*[a-z][0-9][a-z0-9-]{2,}|[a-z0-9-]*[0-9][a-z][a-z0-9-]{2,})')`,
          true,
        ),
        field('description', 'words', column('description')),
        field('price', 'amount', `replaceRegexpAll(columns['price'], '[^0-9.]', '')`),
      ],
      rules: [
        rule('telling words', `arraySlice(t_title, 1, 3)`, []),
        rule(
          'two words',
          `arrayMap((a, b) -> concat(a, b), arrayPopBack(arraySlice(t_title, 1, 5)), arrayPopFront(arraySlice(t_title, 1, 5)))`,
          [],
        ),
        rule('model', joined('f_model'), ['model']),
      ],
    },
    published: ['F1 0.70 is reported by another tool (https://github.com/benseverndev-oss/goldenmatch/pull/2753)'],
  },
]

/** Rows of a file, every cell as text, names and cells trimmed. */
export async function* rowsOf(folder: string, file: string): AsyncGenerator<Row> {
  const path = join(folder, file)
  const batches = file.endsWith('.parquet')
    ? readParquet(readFileSync(path), { file, kind: null })
    : readCsv(createReadStream(path), { file, encoding: 'utf-8' })
  for await (const { rows } of batches)
    for (const row of rows)
      if (row.value !== null)
        yield Object.fromEntries(
          Object.entries(row.value as Record<string, unknown>).map(([k, v]) => [
            k.trim(),
            v === null || v === undefined ? '' : String(v).trim(),
          ]),
        )
}
