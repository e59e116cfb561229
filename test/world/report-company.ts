/** A company with reports: four platforms with every sort of difference, a folder for mails, and three reports. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Company } from './company.ts'

/** Reports of every audience that tests look at, into the file that `fourPlatforms` wrote. */
export function addReports(world: Company, yaml = REPORTS): void {
  const file = join(world.folder, 'plumbline.yaml')
  writeFileSync(file, readFileSync(file, 'utf8') + yaml)
}

export const REPORTS = `
channels: { mail: { kind: folder } }
reports:
  weekly-operations:
    audience: operations
    timezone: Europe/Zurich
    recipients: [ops@kranich.example]
  finance-close:
    audience: finance
    preset: monthly
    timezone: Europe/Zurich
    language: de
    recipients: [cfo@kranich.example]
    attachments: [csv, xlsx, parquet]
  board:
    audience: executives
    preset: monthly
    names: false
    recipients: [board@kranich.example]
`
