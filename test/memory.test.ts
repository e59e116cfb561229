/** Memory: the engine keeps to what is configured, and says what it takes. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { configSchema, type Config } from '../server/config/schema.ts'
import { memorySays, memoryUse, observeMemory, tooGenerous } from '../server/memory.ts'
import type { Facts } from '../server/store/facts/facts.ts'
import { openFacts } from '../server/store/facts/open.ts'
import { startTelemetry, type Telemetry } from '../server/telemetry.ts'

const folder = mkdtempSync(join(tmpdir(), 'plumbline-memory-'))
const config = configSchema.parse({ memory: { max_query_mb: 2048, max_engine_mb: 768 }, platforms: {} }) as Config
let facts: Facts
let telemetry: Telemetry

beforeAll(async () => {
  const { max_query_mb, max_engine_mb } = config.memory
  facts = await openFacts({ database: 'plumbline', path: folder, maxQueryMb: max_query_mb, maxEngineMb: max_engine_mb })
  telemetry = startTelemetry({ serviceName: 'memory', version: '0' })
})

afterAll(async () => {
  await telemetry.stop()
  await facts.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('the embedded engine', () => {
  test('is told its bounds when it starts', async () => {
    const rows = await facts.query<{ name: string; value: string }>(
      `select name, value from system.server_settings where name in ('max_server_memory_usage', 'mark_cache_size', 'primary_index_cache_size')`,
    )
    expect(Object.fromEntries(rows.map((r) => [r.name, Number(r.value)]))).toEqual({
      max_server_memory_usage: 768 * 1024 ** 2,
      mark_cache_size: 48 * 1024 ** 2,
      primary_index_cache_size: 48 * 1024 ** 2,
    })
  })

  test('ends a query that a query’s own limit would let through, and goes on', async () => {
    const greedy = 'select length(groupArray(number)) as n from numbers(150000000)'
    await expect(facts.query(greedy)).rejects.toMatchObject({
      code: 'full',
      remedy: expect.stringContaining('memory.max_engine_mb') as string,
    })
    expect(await facts.query('select 1 as one')).toEqual([{ one: 1 }])
  })
})

describe('what it takes', () => {
  test('stands on the metrics page beside its limits', async () => {
    observeMemory({ config, facts })
    const page = await telemetry.metricsPage()
    const value = (name: string) =>
      Number(new RegExp(`plumbline_memory_${name}\\{[^}]*\\} (\\d+)`, 'm').exec(page)?.[1])
    expect(value('query_limit_bytes')).toBe(2048 * 1024 ** 2)
    expect(value('engine_limit_bytes')).toBe(768 * 1024 ** 2)
    expect(value('resident_bytes')).toBeGreaterThan(30 * 1024 ** 2)
    expect(value('resident_bytes')).toBeLessThan(4 * 1024 ** 3)
  })

  test('is too much where the engine may take more than the machine has', () => {
    const use = memoryUse({ config, facts })
    expect(tooGenerous({ ...use, machineBytes: 1024 ** 3 })).toBe(true)
    expect(tooGenerous({ ...use, machineBytes: 2 * 1024 ** 3 })).toBe(false)
    // A server keeps its own limits.
    expect(tooGenerous({ ...use, engineLimitBytes: null, machineBytes: 1024 })).toBe(false)
    expect(memorySays(use)).toContain('a query may take 2,048 MB, the engine 768 MB in all')
  })
})
