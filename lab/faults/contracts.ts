/** Faults of right: service that goes on without a contract. */
import type { Thing } from '../company/thing.ts'
import { linked, must, subjects, text } from '../company/thing.ts'
import type { Random } from '../random.ts'
import { DAY, HOUR, MINUTE, startOfDay } from '../time.ts'
import { login } from '../words.ts'
import type { FaultKind, FaultLab } from './fault.ts'
import { claim, everything, victim, victims } from './fault.ts'
import { SERVICE } from './sale.ts'

const monthly = (thing: Thing) => text(linked(thing, 'subscription') ?? thing, 'mrr')

/** An active subscription in an undisturbed customer, with its contract. */
function running(
  lab: FaultLab,
  r: Random,
  where: (subscription: Thing, contract: Thing) => boolean,
): Thing | undefined {
  const { company } = lab.world
  return victims(lab, r, ['sales', 'hold', 'contract'], (c) => c.claims.size === 0)
    .flatMap((c) => company.of(c, 'subscription'))
    .find(
      (s) =>
        s.state === 'active' &&
        s.claims.size === 0 &&
        linked(s, 'contract') !== null &&
        where(s, linked(s, 'contract')!),
    )
}

export const expiredContract: FaultKind = {
  drift: 'entitlement_without_contract',
  about: 'The contract ran out; service and entitlement go on.',
  leadMs: 15 * DAY,
  settleMs: HOUR,
  possible: (lab) => lab.crm !== null,
  *plant(lab, r) {
    const { company } = lab.world
    const it = running(lab, r, (s, contract) => {
      const ends = startOfDay(must(contract, 'ends_on'))
      return ends > company.now + 15 * DAY && ends < lab.end - 2 * DAY
    })
    if (!it) return
    const contract = linked(it, 'contract')!
    claim(contract, 'renewal')
    claim(it, 'seats', 'hold')
    claim(it.customer!, 'sales', 'hold', 'contract')
    yield startOfDay(must(contract, 'ends_on')) + DAY + HOUR
    company.change(contract, { state: 'expired' })
    const rights = company.of(it.customer!, 'entitlement').filter((e) => linked(e, 'subscription') === it)
    const involved = subjects(contract, it, it.customer!, ...rights)
    const { now } = company
    lab.done({
      category: 'exception',
      cause: null,
      kind: 'entitlement',
      owner: lab.crm,
      platform: lab.support,
      subjects: involved,
      amount: monthly(it),
      currency: text(it, 'currency'),
      injectedAt: now,
      driftFrom: now + 15 * MINUTE,
      healsAt: null,
      alternatives: [
        {
          categories: ['exception', 'deadline'],
          kinds: ['entitlement', 'contract', 'subscription', 'customer', 'tenant'],
          subjects: involved,
        },
      ],
      later: () => [{ kinds: ['renewal', 'tenant'], subjects: everything(lab.world, it.customer!, SERVICE)! }],
      says: 'service goes on under an expired contract',
    })
  },
}

export const terminatedBilled: FaultKind = {
  drift: 'terminated_contract_billed',
  about: 'A contract was terminated; its subscription bills on.',
  leadMs: 4 * DAY,
  possible: (lab) => lab.crm !== null && lab.billing !== null,
  *plant(lab, r) {
    const { company } = lab.world
    const it = yield* victim(lab, () =>
      running(
        lab,
        r,
        (_s, contract) => contract.state === 'active' && startOfDay(must(contract, 'ends_on')) > lab.end + 65 * DAY,
      ),
    )
    if (!it) return
    const contract = linked(it, 'contract')!
    claim(it, 'seats', 'hold')
    claim(it.customer!, 'sales', 'hold', 'contract')
    company.change(contract, { state: 'terminated' }, { by: login(r) })
    const { now } = company
    const involved = subjects(contract, it, it.customer!, ...company.of(it.customer!, 'entitlement'))
    lab.done({
      category: 'exception',
      cause: null,
      kind: 'subscription',
      owner: lab.crm,
      platform: lab.billing,
      subjects: involved,
      amount: monthly(it),
      currency: text(it, 'currency'),
      injectedAt: now,
      driftFrom: now + 15 * MINUTE,
      healsAt: null,
      alternatives: [
        {
          categories: ['exception', 'deadline'],
          kinds: ['entitlement', 'contract', 'subscription', 'customer', 'invoice'],
          subjects: involved,
        },
      ],
      later: () => [
        { categories: ['exception'], subjects: everything(lab.world, it.customer!, [...SERVICE, 'invoice'])! },
      ],
      says: 'a subscription bills on after its contract was terminated',
    })
  },
}
