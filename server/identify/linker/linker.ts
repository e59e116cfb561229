/**
 * The linker: which records that no exact rule joined are probably one thing, by weighed evidence (Fellegi and Sunter).
 * It runs inside the database; only counted patterns and the pairs worth a look come out.
 */
import { createHash } from 'node:crypto'
import { COMPARATORS, LEVEL_BITS } from '../../../model/linkage/comparators.ts'
import { estimate, type Counted, type Estimated, type RulePatterns } from '../../../model/linkage/estimate.ts'
import { priorBits, probabilityOf, shippedModel, weightOf, type LinkModel } from '../../../model/linkage/weights.ts'
import type { Facts } from '../../store/facts/facts.ts'
import { number, rarityBitsSql, reachesSql } from './bound.ts'
import { block, compare, countOf, draw, pair, type Skipped } from './pairs.ts'
import { clear, prepare, scratch } from './prepare.ts'
import { checkedSpec, type LinkSpec } from './spec.ts'

export interface Linked {
  model: LinkModel
  records: number
  /** Candidate pairs that were compared. */
  compared: number
  skipped: Skipped[]
  rounds: Estimated['rounds']
}

export interface Scored {
  l: Side
  r: Side
  bits: number
  probability: number
  /** Decimal text of the pattern. */
  pattern: string
  /** Bits of the shared values of fields with term frequency, in their order. */
  rarities: number[]
}

export interface Side {
  platform: string
  record_id: string
  entity: string
}

/** Pairs drawn to learn how often two different things agree by chance. */
const DRAWN = 1_000_000
const DRAWN_LEAST = 100_000
/** Patterns of one rule that estimation takes; the rest are rarer than any that teach something. */
const PATTERNS_MAX = 4_000
const LEARN_FROM = 1_000_000
/** With fewer records chance cannot be told from kinship. */
export const RECORDS_TO_LEARN = 300

export interface Look {
  /** Bits that a pair must be able to reach to be worth comparing. */
  atLeast: number
  /** A model that was estimated before: nothing is learned. */
  known?: LinkModel
  /** Kind whose kept frequencies count, where only a part of the records is looked at. */
  stored?: string
  /** Candidates that are learned from, about; of more, a share of the records with all of their partners stands for all. */
  learnFrom?: number
}

/** Prepares, learns where there is enough to learn from, and compares. The scored pairs stay in scratch until `clear`. */
export async function link(facts: Facts, given: LinkSpec, look: Look): Promise<Linked> {
  const spec = checkedSpec(given)
  const { atLeast, known, stored, learnFrom = LEARN_FROM } = look
  const records = await prepare(facts, spec, stored ?? null)
  const blocked = await block(facts, spec)
  const learning = known === undefined && records >= RECORDS_TO_LEARN
  const oneIn = Math.ceil(blocked.candidates / learnFrom)
  const learned = learning ? await learn(facts, spec, records, { entries: blocked.entries, oneIn }) : null
  const model = known ?? learned?.model ?? shippedModel(spec.fields, spec.prior ?? priorGuess(records))
  // What was learned from has been compared already.
  if (!learned || oneIn > 1) {
    const strangers = learned === null
    await pair(facts, spec, { entries: blocked.entries, strangers, where: reachesSql(spec.fields, model, atLeast) })
    await compare(facts, spec)
  }
  const compared = await countOf(facts, scratch(facts, 'compared'))
  return { model, records, compared, skipped: blocked.skipped, rounds: learned?.rounds ?? [] }
}

/** Without anything learned: one partner for every other record. */
const priorGuess = (records: number) => Math.min(0.25, 1 / Math.max(1, records))

/** @param among the entries of the blocks, and the share of their pairs that is learned from */
async function learn(
  facts: Facts,
  spec: LinkSpec,
  records: number,
  among: { entries: number; oneIn: number },
): Promise<Estimated> {
  await draw(facts, records, Math.min(DRAWN, Math.max(DRAWN_LEAST, records * 20)))
  await compare(facts, spec)
  const compared = scratch(facts, 'compared')
  const random = await patterns(facts, `select pattern, count() as n from ${compared} group by pattern`)
  await pair(facts, spec, among)
  await compare(facts, spec)
  const rules: RulePatterns[] = []
  for (const [i, rule] of spec.rules.entries())
    rules.push({
      rule: rule.name,
      fixed: rule.fixes.map((name) => spec.fields.findIndex((f) => f.name === name)),
      patterns: await patterns(
        facts,
        `select pattern, count() as n from ${compared} where bitTest(rules, ${i}) group by pattern`,
      ),
    })
  const found = await patterns(facts, `select pattern, count() as n from ${compared} group by pattern`)
  const estimated = estimate(
    {
      fields: spec.fields,
      random,
      sameByChance: await sameByChance(facts, spec),
      rules,
      found: found.map(({ pattern, n }) => ({ pattern, n: n * Math.max(1, among.oneIn) })),
      pairs: await pairsOf(facts, spec, records),
    },
    '',
  )
  return { ...estimated, model: { ...estimated.model, version: versionOf(estimated.model) } }
}

/** The same figures have the same name. */
export function versionOf(model: LinkModel): string {
  const text = JSON.stringify([model.prior, model.fields])
  return `em-${createHash('sha256').update(text).digest('hex').slice(0, 10)}`
}

async function patterns(facts: Facts, sql: string): Promise<Counted[]> {
  const rows = await facts.query<{ pattern: string; n: string }>(
    `select toString(pattern) as pattern, toString(n) as n from (${sql}) order by n desc, pattern limit ${PATTERNS_MAX}`,
  )
  return rows.map((r) => ({ pattern: Number(r.pattern), n: Number(r.n) }))
}

/** Chance that two random records share a value, from the counts of all values. */
async function sameByChance(facts: Facts, spec: LinkSpec): Promise<number[]> {
  const sums = spec.fields.map(
    ({ name }) =>
      `(select sum(c * (c - 1)) / greatest(1, sum(c) * (sum(c) - 1)) from (select toFloat64(count()) as c from ${scratch(facts, 'records')} where f_${name} != '' group by f_${name}))`,
  )
  const [row] = await facts.query<{ chances: number[] }>(
    `select [${sums.map((s) => `ifNull(${s}, 0)`).join(', ')}] as chances`,
  )
  return row!.chances
}

async function pairsOf(facts: Facts, spec: LinkSpec, records: number): Promise<number> {
  if (spec.pairs === 'all') return (records * (records - 1)) / 2
  const [row] = await facts.query<{ pairs: number }>(
    `select (pow(sum(c), 2) - sum(pow(c, 2))) / 2 as pairs from (select toFloat64(count()) as c from ${scratch(facts, 'records')} group by platform)`,
  )
  return row!.pairs
}

/** SQL of a compared pair's bits under a model. */
export function bitsSql(spec: LinkSpec, model: LinkModel): string {
  let frequent = 0
  const parts = model.fields.map((field, i) => {
    const level = `bitAnd(bitShiftRight(pattern, ${LEVEL_BITS * i}), ${2 ** LEVEL_BITS - 1})`
    const weights = COMPARATORS[field.compare].map((_, l) => number(weightOf(field, l + 1)))
    const weight = `[0, ${weights.join(', ')}][${level} + 1]`
    if (!spec.fields[i]!.termFrequency) return weight
    frequent += 1
    return `${weight} + if(${level} = 1, ${rarityBitsSql(field.u[0]!, `rarities[${frequent}]`)}, 0)`
  })
  return `${number(priorBits(model.prior))} + ${parts.join(' + ')}`
}

/** Compared pairs from so many bits on, best first. */
export async function scored(
  facts: Facts,
  spec: LinkSpec,
  model: LinkModel,
  atLeast: number,
  limit: number,
): Promise<Scored[]> {
  const records = scratch(facts, 'records')
  const rows = await facts.query<{
    l: [string, string, string]
    r: [string, string, string]
    bits: number
    pattern: string
    rarities: number[]
  }>(
    `select (a.platform, a.record_id, toString(a.entity)) as l, (b.platform, b.record_id, toString(b.entity)) as r, c.bits as bits,
       toString(c.pattern) as pattern, c.rarities as rarities
     from (select l, r, pattern, rarities, ${bitsSql(spec, model)} as bits from ${scratch(facts, 'compared')}
       where bits >= ${atLeast}) as c
     inner join ${records} as a on a.n = c.l inner join ${records} as b on b.n = c.r
     where a.entity != b.entity or a.entity = 0
     order by c.bits desc, c.l, c.r limit ${limit}`,
  )
  const side = ([platform, record_id, entity]: [string, string, string]): Side => ({ platform, record_id, entity })
  return rows.map((p) => ({ ...p, l: side(p.l), r: side(p.r), probability: probabilityOf(p.bits) }))
}

export { clear }
