/** Linkage: how well and how fast the linker finds what is one thing, on public data whose truth is known. `npm run bench:linkage -- --data FOLDER` */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { bitsSql, clear, link, scored } from '../server/identify/linker/linker.ts'
import type { LinkSpec } from '../server/identify/linker/spec.ts'
import type { Facts } from '../server/store/facts/facts.ts'
import { openFacts } from '../server/store/facts/open.ts'
import { closure, quality, type Pair, type Quality } from './linkage-quality.ts'
import { rowsOf, SETS, type LinkageSet } from './linkage-sets.ts'
import { labSet } from './linkage-lab.ts'
import { fillMillion } from './linkage-million.ts'
import { report, type Result, type Timed } from './linkage-report.ts'

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    only: { type: 'string' },
    records: { type: 'string', default: '1000000' },
    assert: { type: 'boolean', default: false },
  },
})
const folder = values.data ?? process.env.LINKAGE_DATA
if (!folder) {
  process.stderr.write('Say where the data are: npm run bench:linkage -- --data FOLDER (see bench/README.md).\n')
  process.exit(2)
}

/** Pairs at least this probable are called one thing, on every set alike. */
const CALLED = 0.5
/** Bits from which pairs are brought, so that other thresholds can be tried. */
const COUNTED = -20
const say = (text: string) => process.stderr.write(`${text}\n`)

async function load(facts: Facts, set: LinkageSet): Promise<Map<string, string>> {
  await facts.command(`drop table if exists ${facts.database}.bench_source`)
  await facts.command(
    `create table ${facts.database}.bench_source (platform String, record_id String, columns Map(String, String)) engine = MergeTree order by tuple()`,
  )
  const truth = new Map<string, string>()
  for (const { file, platform } of set.files) {
    const rows: object[] = []
    for await (const columns of rowsOf(folder!, file)) {
      rows.push({ platform, record_id: set.id(columns), columns })
      truth.set(`${platform}:${set.id(columns)}`, set.truth(columns))
    }
    await facts.insert('bench_source', rows)
  }
  return truth
}

async function measurePublic(facts: Facts, set: LinkageSet): Promise<Result> {
  const truth = await load(facts, set)
  return await measure(facts, set, truth, {
    kind: set.name,
    source: `select platform, record_id, 0 as entity, columns from ${facts.database}.bench_source`,
    ...set.spec,
  })
}

async function measureLab(facts: Facts): Promise<Result> {
  const { truth, spec } = await labSet(facts, 600)
  const about =
    'the laboratory’s 600 companies on all platforms, without their references, by the specification of the product'
  return await measure(facts, { name: 'laboratory', about, published: [], least: 0.9 }, truth, spec)
}

async function measure(
  facts: Facts,
  set: Result['set'],
  truth: ReadonlyMap<string, string>,
  spec: LinkSpec,
): Promise<Result> {
  const [at, cpu] = [performance.now(), process.cpuUsage()]
  const linked = await link(facts, spec, { atLeast: COUNTED })
  const pairs = await scored(facts, spec, linked.model, COUNTED, 3_000_000)
  const seconds = (performance.now() - at) / 1000
  const used = process.cpuUsage(cpu)
  await clear(facts)
  const across = spec.pairs === 'across'
  const named: Pair[] = pairs.map((p) => ({
    l: `${p.l.platform}:${p.l.record_id}`,
    r: `${p.r.platform}:${p.r.record_id}`,
    probability: p.probability,
  }))
  const called = named.filter((p) => p.probability >= CALLED)
  const found = quality(called, truth, across)
  let best = { probability: CALLED, quality: found }
  for (const probability of [0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999]) {
    const q = quality(
      named.filter((p) => p.probability >= probability),
      truth,
      across,
    )
    if (q.f1 > best.quality.f1) best = { probability, quality: q }
  }
  return {
    set,
    records: linked.records,
    compared: linked.compared,
    found,
    closed: quality(closure(called, across), truth, across),
    best,
    seconds,
    cpuSeconds: (used.user + used.system) / 1e6,
    skipped: linked.skipped.map((s) => `${s.rule}: ${s.keys} keys`).join(', '),
  }
}

/** The time that a million records take, and how well they are linked meanwhile. */
async function timed(facts: Facts, records: number): Promise<Timed> {
  await fillMillion(facts, records)
  const column = (name: string) => `columns['${name}']`
  const joined = (a: string, b: string) => `[if(${a} = '' or ${b} = '', '', concat(${a}, '|', ${b}))]`
  const spec: LinkSpec = {
    kind: 'million',
    source: `select platform, record_id, 0 as entity, columns from ${facts.database}.million`,
    pairs: 'all',
    stopWords: ['gmbh', 'ag', 'kg', 'ltd', 'inc', 'sarl', 'bv', 'ohg'],
    fields: [
      { name: 'name', compare: 'company', value: column('name'), termFrequency: true },
      { name: 'tax_id', compare: 'code', value: column('tax_id') },
      { name: 'domain', compare: 'domain', value: column('domain'), termFrequency: true },
      { name: 'phone', compare: 'phone', value: column('phone'), termFrequency: true },
      { name: 'street', compare: 'words', value: column('street') },
      { name: 'postal_code', compare: 'postal', value: column('postal_code') },
      { name: 'city', compare: 'place', value: column('city'), termFrequency: true },
    ],
    rules: [
      { name: 'rare words', keys: `arraySlice(t_name, 1, 2)`, fixes: [] },
      { name: 'tax id', keys: `[f_tax_id]`, fixes: ['tax_id'] },
      { name: 'domain', keys: `[f_domain]`, fixes: ['domain'] },
      { name: 'phone', keys: `[right(f_phone, 7)]`, fixes: ['phone'] },
      { name: 'street and postal code', keys: joined('f_street', 'f_postal_code'), fixes: ['street', 'postal_code'] },
    ],
  }
  const [at, cpu] = [performance.now(), process.cpuUsage()]
  const linked = await link(facts, spec, { atLeast: 0 })
  const seconds = (performance.now() - at) / 1000
  const used = process.cpuUsage(cpu)
  // Counted in the database: three million names of pairs are no matter for this process.
  const [counted] = await facts.query<{ called: string; right: string }>(
    `select toString(count()) as called, toString(countIf(a.truth = b.truth)) as right
     from (select l, r from ${facts.database}.linker_compared where ${bitsSql(spec, linked.model)} >= 0) as c
     inner join (select r.n as n, m.truth as truth from ${facts.database}.linker_records as r inner join ${facts.database}.million as m using record_id) as a on a.n = c.l
     inner join (select r.n as n, m.truth as truth from ${facts.database}.linker_records as r inner join ${facts.database}.million as m using record_id) as b on b.n = c.r`,
  )
  await clear(facts)
  const [called, right, all] = [Number(counted!.called), Number(counted!.right), Math.floor(records / 2)]
  const [precision, recall] = [right / Math.max(1, called), right / all]
  return {
    records,
    compared: linked.compared,
    seconds,
    cpuSeconds: (used.user + used.system) / 1e6,
    precision,
    recall,
    f1: (2 * precision * recall) / Math.max(1e-9, precision + recall),
    skipped: linked.skipped,
  }
}

const path = mkdtempSync(join(tmpdir(), 'plumbline-linkage-'))
const facts = await openFacts({ path, database: 'linkage', maxQueryMb: 4096 })
const loadAtStart = loadavg()[0]!
try {
  const results: Result[] = []
  for (const set of SETS.filter((s) => !values.only || s.name.includes(values.only))) {
    const r = await measurePublic(facts, set)
    results.push(r)
    say(
      `${set.name}: F1 ${r.found.f1.toFixed(4)} in ${r.seconds.toFixed(1)} s, ${r.cpuSeconds.toFixed(1)} processor seconds`,
    )
  }
  if (!values.only || values.only === 'laboratory') {
    const r = await measureLab(facts)
    results.push(r)
    say(
      `laboratory: F1 ${r.found.f1.toFixed(4)}, precision ${r.found.precision.toFixed(4)}, recall ${r.found.recall.toFixed(4)}`,
    )
  }
  const records = Number(values.records)
  const large = records > 0 && (!values.only || values.only === 'million') ? await timed(facts, records) : null
  if (large)
    say(
      `${records} records: ${large.seconds.toFixed(1)} s, ${large.cpuSeconds.toFixed(1)} processor seconds, F1 ${large.f1.toFixed(4)}`,
    )
  const day = new Date().toISOString().slice(0, 10)
  const text = report(results, large, day, loadAtStart)
  process.stdout.write(text)
  if (!values.only) {
    const folder = join(dirname(fileURLToPath(import.meta.url)), 'results')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, `${day}-linkage.md`), text)
  }
  const short = values.assert ? results.filter((r) => r.found.f1 < r.set.least) : []
  for (const r of short) say(`${r.set.name} has F1 ${r.found.f1.toFixed(4)}, and ${r.set.least} is the least.`)
  if (short.length) process.exitCode = 1
} finally {
  await facts.close()
  rmSync(path, { recursive: true, force: true })
}
