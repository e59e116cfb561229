/** The control store on SQLite: one file per noun, put together here. */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { alerts } from './alerts.ts'
import { audit } from './audit.ts'
import { channels } from './channels.ts'
import { checkDrafts } from './check-drafts.ts'
import { checkRulings } from './check-rulings.ts'
import { checks } from './checks.ts'
import type { ControlStore } from './control.ts'
import { openDatabase } from './database.ts'
import { exceptions } from './exceptions.ts'
import { fixes } from './fixes.ts'
import { intents } from './intents.ts'
import { intake } from './intake.ts'
import { identityDecisions } from './identity-decisions.ts'
import { issues } from './issues.ts'
import { layouts } from './layouts.ts'
import { languages } from './languages.ts'
import { leases } from './leases.ts'
import { marks } from './marks.ts'
import { matches } from './matches.ts'
import { mentions } from './mentions.ts'
import { outbox } from './outbox.ts'
import { people } from './people.ts'
import { reports } from './reports.ts'
import { retention } from './retention.ts'
import { plans } from './plans.ts'
import { planWindows } from './plan-windows.ts'
import { runs } from './runs.ts'
import { savedViews } from './saved-views.ts'
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
    ...marks(db),
    ...matches(db, chain.audit),
    ...identityDecisions(db, chain.audit),
    ...people(db),
    ...alerts(db, chain.audit),
    reports: reports(db, chain.audit),
    ...outbox(db),
    ...channels(db),
    ...plans(db, chain.audit),
    ...planWindows(db),
    ...intents(db, chain.audit),
    ...fixes(db, chain.audit),
    ...intake(db),
    ...exceptions(db, chain.audit),
    ...savedViews(db, chain.audit),
    ...mentions(db),
    ...layouts(db),
    ...languages(db),
    ...checkDrafts(db, chain.audit),
    ...checkRulings(db, chain.audit),
    ...retention(db, chain.audit),
    ...chain,
    transaction: (work) => db.transaction(work),
    close: () => db.close(),
  }
}
