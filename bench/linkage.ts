/** Linkage: how well and how fast the linker finds what is one thing, on public data whose truth is known. `npm run bench:linkage -- --data FOLDER` */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { clear, link, scored } from '../server/identify/linker/linker.ts'
import type { LinkSpec } from '../server/identify/linker/spec.ts'
import type { Facts } from '../server/store/facts/facts.ts'
import { openFacts } from '../server/store/facts/open.ts'
import { closure, quality, type Pair, type Quality } from './linkage-quality.ts'
import { rowsOf, SETS, type LinkageSet } from './linkage-sets.ts'
import { million } from './linkage-million.ts'

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
/** F1 that every set must reach: lower than measured, so that only a real loss fails. */
const LEAST: Record<string, number> = {}

export interface Result {
  set: LinkageSet
  records: number
  compared: number
  found: Quality
  closed: Quality
  best: { probability: number; quality: Quality }
  seconds: number
  cpuSeconds: number
  skipped: string
}

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

async function measure(facts: Facts, set: LinkageSet): Promise<Result> {
  const truth = await load(facts, set)
  const spec: LinkSpec = {
    kind: set.name,
    source: `select platform, record_id, 0 as entity, columns from ${facts.database}.bench_source`,
    ...set.spec,
  }
  const [at, cpu] = [performance.now(), process.cpuUsage()]
  const linked = await link(facts, spec)
  const pairs = await scored(facts, spec, linked.model, -20, 3_000_000)
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
  if (process.env.LINKAGE_DEBUG) {
    say(
      JSON.stringify(
        linked.model.fields.map((f) => [f.name, f.m.map((x) => +x.toFixed(4)), f.u.map((x) => +x.toFixed(6))]),
      ),
    )
    say(JSON.stringify([linked.model.prior, linked.rounds, linked.skipped]))
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

const path = mkdtempSync(join(tmpdir(), 'plumbline-linkage-'))
const facts = await openFacts({ path, database: 'linkage', maxQueryMb: 4096 })
try {
  const results: Result[] = []
  for (const set of SETS.filter((s) => !values.only || s.name.includes(values.only))) {
    const r = await measure(facts, set)
    results.push(r)
    const q = (x: Quality) => `P ${x.precision.toFixed(4)} R ${x.recall.toFixed(4)} F1 ${x.f1.toFixed(4)}`
    say(
      `${set.name.padEnd(24)} ${q(r.found)} | closed ${q(r.closed)} | best ${r.best.probability}: ${q(r.best.quality)} | ${r.compared} pairs ${r.seconds.toFixed(1)} s, ${r.cpuSeconds.toFixed(1)} s CPU ${r.skipped}`,
    )
  }
  void million
  void mkdirSync
  void writeFileSync
  void fileURLToPath
  void cpus
  void loadavg
  void LEAST
} finally {
  await facts.close()
  rmSync(path, { recursive: true, force: true })
}
