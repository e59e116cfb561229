/** The control store on SQLite: one file per noun, put together here. */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { audit } from './audit.ts'
import { checks } from './checks.ts'
import type { ControlStore } from './control.ts'
import { openDatabase } from './database.ts'
import { exceptions } from './exceptions.ts'
import { fixes } from './fixes.ts'
import { intents } from './intents.ts'
import { issues } from './issues.ts'
import { leases } from './leases.ts'
import { matches } from './matches.ts'
import { people } from './people.ts'
import { plans } from './plans.ts'
import { runs } from './runs.ts'
import { slots } from './slots.ts'
import { streams } from './streams.ts'
import { values } from './values.ts'

/**
 * Opens or creates the file and brings it to this version's schema.
 * @param path the file, or `:memory:` for a store that ends with the process
 */
export function openControl(path: string): ControlStore {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const db = openDatabase(path)
  const chain = audit(db)
  return {
    ...streams(db),
    ...leases(db),
    ...slots(db),
    ...runs(db),
    ...checks(db),
    ...values(db),
    ...issues(db, chain.audit),
    ...matches(db, chain.audit),
    ...people(db),
    ...plans(db, chain.audit),
    ...intents(db, chain.audit),
    ...fixes(db, chain.audit),
    ...exceptions(db, chain.audit),
    ...chain,
    transaction: (work) => db.transaction(work),
    close: () => db.close(),
  }
}
