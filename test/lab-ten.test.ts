/** Ten platforms of the laboratory at once, each over its own API: what was planted is found, and nothing else. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import type { Landscape } from '../lab/landscape.ts'
import { createLandscape, TEN } from '../lab/landscape.ts'
import { score } from '../lab/score.ts'
import type { Finding } from '../model/verdict.ts'
import { createLog } from '../server/log.ts'
import { openContext, type Opened } from '../server/open.ts'
import { collectAll, look } from '../server/round.ts'
import { findingsExport } from '../server/store/facts/findings.ts'
import { quickClock } from '../server/commands/lab.ts'

const folder = mkdtempSync(join(tmpdir(), 'plumbline-ten-'))
let landscape: Landscape
let opened: Opened

/** Three of the usual ones, what each is found by, and three warehouses beside the ten: the first of them is where the copy of a customer is wrong. */
const PLANTED = { dropped_change: 1, missing_customer: 1, missing_order: 1 }
const CHECKS = [
  'customer-master/legal-profile',
  'customer-master/profile',
  'existence/customer',
  'existence/order',
  'order-to-cash/opportunity',
  'order-to-cash/quote',
]

beforeAll(async () => {
  const clock = quickClock()
  landscape = await createLandscape({
    ...TEN,
    clock,
    customers: 8,
    days: 14,
    decoys: 0,
    faults: PLANTED,
    platforms: [...TEN.platforms, 'clickhouse', 'snowflake', 'bigquery'],
    folder: join(folder, 'files'),
  })
  clock.set(landscape.end)
  landscape.advance(landscape.end)
  await landscape.begin()
  const configFile = join(folder, 'plumbline.yaml')
  const schedules = { collect: 'manual', sweep: 'manual', check: 'manual', full: 'manual' }
  writeFileSync(configFile, stringify({ ...landscape.config(), schedules }, { aliasDuplicateObjects: false }))
  opened = await openContext({
    configFile,
    data: join(folder, 'data'),
    env: {},
    clock,
    log: createLog({ clock, level: 'error' }),
  })
})
afterAll(async () => {
  await opened?.close()
  await landscape?.stop()
  rmSync(folder, { recursive: true, force: true })
})

describe('ten platforms and three warehouses', () => {
  it('are all read, every stream of each', async () => {
    const read = await collectAll(opened.ctx, { mode: 'full' })
    expect(read.map(({ platform, error }) => [platform, error?.message ?? null])).toEqual(
      Object.keys(opened.ctx.config.platforms).map((name) => [name, null]),
    )
    const failed = read.flatMap(({ platform, result }) =>
      result!.streams
        .filter((s) => s.error || s.stopped)
        .map((s) => [platform, s.stream, s.error?.message ?? s.stopped]),
    )
    expect(failed).toEqual([])
    for (const [name, requests] of Object.entries(landscape.requests()))
      expect([name, requests > 0]).toEqual([name, true])
  })

  it('are reconciled: every planted fault is found, at the right platform, and nothing else is', async () => {
    expect(landscape.truth.lacking).toEqual({})
    const inWarehouse = landscape.truth.faults.filter(({ platform }) => platform === 'clickhouse')
    expect(inWarehouse.map(({ drift }) => drift).sort()).toEqual(['dropped_change', 'missing_customer'])
    await look(opened.ctx, { checks: CHECKS, full: true, verify: true, asOf: landscape.end })
    const findings: Finding[] = []
    for await (const batch of findingsExport(opened.ctx.facts)) findings.push(...batch)
    const { total, missed, falseFindings } = score(landscape.truth, findings, landscape.end, { looks: [landscape.end] })
    expect({ missed, falseFindings }).toEqual({ missed: [], falseFindings: [] })
    expect(total).toMatchObject({ expected: 3, found: 3, precision: 1, recall: 1 })
    expect(total.causeRight).toBe(total.causeKnown)
  })
})
