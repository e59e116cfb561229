/** Kept tables: what one statement found, for the next ones to read; they live in memory, and none outlives its work. */
import type { Facts } from './facts.ts'
import { tableOf } from './ident.ts'

const PREFIX = 'kept_'
let made = 0

/** A name that nothing else uses, quoted. Who makes the table drops it. */
export function keptTable(facts: Pick<Facts, 'database'>): string {
  return tableOf(facts, keptName())
}

/** The same before it is quoted: for who writes rows into it. */
export const keptName = (): string => `${PREFIX}${process.pid}_${++made}`

/**
 * Drops what a process that was killed has left behind. An embedded database belongs to this process alone; on a server
 * somebody else may be at work, but nobody for a day.
 */
export async function dropKept(facts: Facts): Promise<void> {
  const rows = await facts.query<{ name: string }>(
    `select name from system.tables where database = {database:String} and startsWith(name, '${PREFIX}')${facts.embedded ? '' : ' and metadata_modification_time < now() - interval 1 day'}`,
    { database: facts.database },
  )
  for (const { name } of rows) await facts.command(`drop table if exists ${tableOf(facts, name)} sync`)
}
