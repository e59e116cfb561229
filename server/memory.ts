/** Memory: what the process takes and what it may take, for the metrics page and the doctor. */
import { totalmem } from 'node:os'
import { metrics } from '@opentelemetry/api'
import type { Context } from './context.ts'

export interface MemoryUse {
  residentBytes: number
  /** One query may take this much. */
  queryLimitBytes: number
  /** The embedded engine may take this much in all; null where the engine is a server with limits of its own. */
  engineLimitBytes: number | null
  /** What the machine has, or the container where it is given less. */
  machineBytes: number
}

/** What the rest of the process needs beside the engine while it collects and checks. */
const BESIDE_BYTES = 512 * 1024 ** 2

const MB = 1024 ** 2

export function memoryUse({ config, facts }: Pick<Context, 'config' | 'facts'>): MemoryUse {
  // 0 or a number beyond all memory: no container limits us.
  const given = process.constrainedMemory?.() ?? 0
  return {
    residentBytes: process.memoryUsage.rss(),
    queryLimitBytes: config.memory.max_query_mb * MB,
    engineLimitBytes: facts.embedded ? config.memory.max_engine_mb * MB : null,
    machineBytes: given > 0 ? Math.min(given, totalmem()) : totalmem(),
  }
}

/** True if the engine may take more than there is: then the system ends the process instead of a query. */
export function tooGenerous({ engineLimitBytes, machineBytes }: MemoryUse): boolean {
  return engineLimitBytes !== null && engineLimitBytes + BESIDE_BYTES > machineBytes
}

export function memorySays(use: MemoryUse): string {
  const mb = (bytes: number) => `${Math.round(bytes / MB).toLocaleString('en')} MB`
  const engine = use.engineLimitBytes === null ? '' : `, the engine ${mb(use.engineLimitBytes)} in all`
  return `${mb(use.residentBytes)} taken; a query may take ${mb(use.queryLimitBytes)}${engine}, of ${mb(use.machineBytes)} here`
}

export function observeMemory(ctx: Pick<Context, 'config' | 'facts'>): void {
  const meter = metrics.getMeter('plumbline')
  const gauge = (name: string, description: string, value: (use: MemoryUse) => number | null) =>
    meter.createObservableGauge(`plumbline_memory_${name}`, { description, unit: 'By' }).addCallback((seen) => {
      const bytes = value(memoryUse(ctx))
      if (bytes !== null) seen.observe(bytes)
    })
  gauge('resident_bytes', 'Memory of the process, the embedded engine included.', (use) => use.residentBytes)
  gauge('query_limit_bytes', 'Most that one query may take.', (use) => use.queryLimitBytes)
  gauge('engine_limit_bytes', 'Most that the embedded engine may take in all.', (use) => use.engineLimitBytes)
}
