/** CSV: a landscape at an instant as a folder of files, with the configuration that reads it and the truth about it. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { buildConfig } from './config.ts'
import type { LabConfig } from './config.ts'
import type { Landscape } from './landscape.ts'
import { ISSUER } from './landscape.ts'
import { busLog } from './platforms/bus-log.ts'
import { dropFiles } from './platforms/files-drop.ts'

export interface CsvFolder {
  folder: string
  /** plumbline.yaml that reads the files, with absolute folders. */
  configFile: string
  config: LabConfig
  truthFile: string
}

/**
 * Writes `<folder>/<platform>/<kinds>.csv`, `plumbline.yaml` and `truth.json` as of the landscape's present instant.
 * Call again after `advance` for the next snapshot. The landscape should be made with `via: 'files'`: ids and fields
 * are then the files' own, free of any vendor's limits.
 */
export async function writeCsv(landscape: Landscape, folder: string): Promise<CsvFolder> {
  await mkdir(folder, { recursive: true })
  const now = landscape.now()
  for (const state of landscape.states.values()) await dropFiles(join(folder, state.name), state, now)
  await busLog(landscape.company.bus, false).deliver(folder, now)
  const config = buildConfig({
    plans: landscape.company.plans,
    running: new Map(),
    folder,
    issuer: ISSUER,
    windows: landscape.company.windows,
  })
  const configFile = join(folder, 'plumbline.yaml')
  const truthFile = join(folder, 'truth.json')
  await writeFile(configFile, stringify(config))
  await writeFile(truthFile, `${JSON.stringify({ asOf: now, ...landscape.truth }, null, 2)}\n`)
  return { folder, configFile, config, truthFile }
}
