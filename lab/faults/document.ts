/** Document: what all faults of orders, invoices, payments and credits share. */
import { credit } from '../company/billing.ts'
import type { Thing } from '../company/thing.ts'
import { free, subjects, text } from '../company/thing.ts'
import type { Random } from '../random.ts'
import { DAY, HOUR, MINUTE } from '../time.ts'
import type { FaultLab, Planted } from './fault.ts'
import { victim } from './fault.ts'

export const WINDOW = 15 * MINUTE

export function about(
  lab: FaultLab,
  thing: Thing,
  platform: string | null,
  owner: string | null,
): Pick<Planted, 'kind' | 'owner' | 'platform' | 'subjects' | 'currency'> {
  return { kind: thing.kind, owner, platform, subjects: subjects(thing), currency: text(thing, 'currency') }
}

export const issuer = (lab: FaultLab, thing: Thing) =>
  lab.world.company.issuerRole(thing.customer) === 'billing' ? lab.billing : lab.erp
export const billed = (lab: FaultLab) => (thing: Thing) => lab.world.company.issuerRole(thing.customer) === 'billing'

/** A credit is rare: this one is granted now, to an invoice that billing issued. */
export function* provokeCredit(lab: FaultLab, r: Random): Generator<number, void, void> {
  const { company } = lab.world
  const invoice = yield* victim(lab, () =>
    r
      .shuffle(company.all('invoice'))
      .find(
        (i) =>
          i.state === 'open' &&
          billed(lab)(i) &&
          free(i, 'credit') &&
          company.now - i.bornAt > DAY &&
          company.of(i.customer!, 'credit').length === 0,
      ),
  )
  if (invoice)
    lab.world.spawn(company.now + HOUR, `credit/provoked/${invoice.n}`, (own) => credit(lab.world, own, invoice))
}
