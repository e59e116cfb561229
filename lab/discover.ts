/** Simulators are found by their file: every module directly in lab/platforms/ whose default export speaks a vendor's API. */
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Simulator } from './platform.ts'

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), 'platforms')

export async function findSimulators(): Promise<ReadonlyMap<string, Simulator>> {
  const found = new Map<string, Simulator>()
  const files = readdirSync(FOLDER).filter((file) => /\.(ts|js)$/.test(file) && !file.endsWith('.d.ts'))
  for (const file of files.sort()) {
    const module = (await import(pathToFileURL(join(FOLDER, file)).href)) as { default?: unknown }
    if (isSimulator(module.default)) found.set(module.default.vendor, module.default)
  }
  return found
}

function isSimulator(value: unknown): value is Simulator {
  return typeof value === 'object' && value !== null && 'vendor' in value && 'start' in value && 'holds' in value
}
