/** Faults of states: status words that are in no map. */
import { subjects } from '../company/thing.ts'
import { DAY } from '../time.ts'
import type { FaultKind, FaultLab } from './fault.ts'
import { claim, victim } from './fault.ts'

const ODD = ['In Review (old)', 'zz_migrated', 'Hold - EMEA', 'Status 7']

function places(lab: FaultLab) {
  const wanted = [
    [lab.crm, 'invoice', 'paid'],
    [lab.crm, 'subscription', 'active'],
    [lab.support, 'entitlement', 'active'],
    [lab.erp, 'order', 'fulfilled'],
  ] as const
  return wanted.flatMap(([platform, kind, state]) =>
    platform && lab.world.company.plans.find((p) => p.name === platform)!.kinds.has(kind)
      ? [{ platform, kind, state }]
      : [],
  )
}

export const unmappedStatus: FaultKind = {
  drift: 'unmapped_status',
  about: 'A status word that is in no reference map.',
  leadMs: DAY,
  possible: (lab) => places(lab).length > 0,
  *plant(lab, r) {
    const { company } = lab.world
    const all = places(lab)
    const { platform, kind, state } = all[lab.turn % all.length]!
    const thing = yield* victim(lab, () =>
      r
        .shuffle(company.all(kind))
        .find(
          (t) =>
            t.state === state &&
            t.on.has(platform) &&
            t.claims.size === 0 &&
            t.customer!.state === 'customer' &&
            t.customer!.claims.size === 0,
        ),
    )
    if (!thing) return
    // Nothing may change the word again: no hold, no churn, no renewal.
    claim(thing, 'credit', 'odd', 'hold')
    claim(thing.customer!, 'hold')
    const { now } = company
    const word = ODD[lab.turn % ODD.length]!
    company.tamper(platform, kind, thing.on.get(platform)!.id, { at: now, by: 'migration', oddStatus: word })
    const owner = company.owner(thing, 'state')
    lab.done({
      category: 'mismatch',
      cause: 'unmapped_code',
      kind,
      fields: ['state'],
      owner,
      platform,
      subjects: subjects(thing),
      injectedAt: now,
      driftFrom: now,
      healsAt: null,
      alternatives: [{ kinds: [kind], fields: ['state'], platforms: [platform], subjects: subjects(thing) }],
      // A state that cannot be read is no state: rules over active service may ask for it.
      alsoExpected: [
        { categories: ['exception', 'deadline', 'missing', 'total'], subjects: subjects(thing, thing.customer!) },
        // The source has a word that it never had.
        { categories: ['quality'], kinds: [kind], platforms: [platform], fields: ['state'] },
      ],
      says: `status "${word}" of a ${kind} at ${platform} is in no reference map`,
    })
  },
}
