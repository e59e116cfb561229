/** Trouble: faults of the demo that appear every few seconds and are mended by stewards a minute or two later. */
import type { Process } from './agenda.ts'
import type { Thing } from './company/thing.ts'
import type { World } from './company/world.ts'
import { orphanCustomer, duplicateCustomer } from './faults/customers.ts'
import { brokenReference, duplicateInvoice, orphanInvoice } from './faults/extra.ts'
import type { FaultKind, FaultLab } from './faults/fault.ts'
import { dropped, partial } from './faults/fields.ts'
import { overwritten, unmappedTerms } from './faults/overwrites.ts'
import { unmappedStatus } from './faults/statuses.ts'
import { labOf, record } from './plant.ts'
import type { Random } from './random.ts'
import { DAY, SECOND, wholeSecond } from './time.ts'
import type { Fault, Truth } from './truth.ts'

const KINDS: readonly (readonly [FaultKind, number])[] = [
  [overwritten, 5],
  [dropped, 4],
  [partial, 2],
  [unmappedTerms, 2],
  [unmappedStatus, 2],
  [duplicateCustomer, 2],
  [orphanCustomer, 1],
  [orphanInvoice, 1],
  [brokenReference, 2],
  [duplicateInvoice, 1],
]

export function* trouble(world: World, truth: Truth, r: Random, everyMs: number): Process {
  for (let n = 0; ; n++) {
    // A handful at once, so that the first minute has something to mend.
    yield world.company.now + (n < 8 ? SECOND : Math.max(SECOND, wholeSecond(everyMs * (0.6 + 0.8 * r.next()))))
    const kind = r.weighted(KINDS)
    // The end of the history is long past: what is planted now may last as long as it likes.
    const lab: FaultLab = {
      ...labOf(world, truth),
      end: world.company.now + DAY,
      // Every third turn of some kinds heals by itself after days: not here.
      turn: n - (n % 3) + (n % 2),
      done(planted) {
        const fault = record(truth, kind, planted)
        // Every fourth stays until somebody looks into it.
        if (!r.chance(0.25)) mendLater(world, r, fault)
        return fault
      },
      full() {},
    }
    if (kind.possible && !kind.possible(lab)) continue
    world.spawn(world.company.now, `trouble/${n}`, (own) => kind.plant(lab, own))
  }
}

function mendLater(world: World, r: Random, fault: Fault): void {
  const at = Math.max(world.company.now, fault.driftFrom ?? 0) + r.int(15, 80) * SECOND
  fault.healsAt = wholeSecond(at)
  world.spawn(at, `mend/${fault.id}`, function* () {
    mend(world, fault)
  })
}

/** A steward puts right what the platform at fault holds: its own records to the truth, strangers away. */
export function mend(world: World, fault: Fault): void {
  const { company } = world
  const at = company.now
  for (const { platform, kind, record_id } of fault.subjects) {
    if (platform !== fault.platform || kind !== fault.kind) continue
    const thing = company.all(kind).find((t) => t.on.get(platform)?.id === record_id)
    if (!thing || fault.category === 'orphan')
      company.tamper(platform, kind, record_id, {
        at,
        by: 'steward',
        deleted: true,
        ...survivor(company.all(kind), fault, platform, record_id),
      })
    else {
      company.tamper(platform, kind, record_id, {
        at,
        by: 'steward',
        fields: company.rendered(platform, thing, thing.values),
        state: thing.state,
        oddStatus: null,
      })
      release(thing)
    }
  }
}

/** A doubled record is merged into the first. */
function survivor(things: readonly Thing[], fault: Fault, platform: string, id: string): { mergedInto?: string } {
  if (fault.category !== 'duplicate') return {}
  const ids = new Set(
    fault.subjects.filter((s) => s.platform === platform && s.record_id !== id).map((s) => s.record_id),
  )
  const first = things.find((thing) => ids.has(thing.on.get(platform)?.id ?? ''))
  return first ? { mergedInto: first.on.get(platform)!.id } : {}
}

/** Life may touch it again. */
function release(thing: Thing): void {
  for (const claim of [...thing.claims])
    if (!['churned', 'held', 'sales', 'seats', 'ambushed'].includes(claim)) thing.claims.delete(claim)
}
