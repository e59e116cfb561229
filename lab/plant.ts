/** Planting: spreads the wanted faults over the history and writes down what was really done. */
import type { Process } from './agenda.ts'
import { DECOYS, FAULT_KINDS, HABIT_KINDS } from './faults/catalogue.ts'
import type { FaultKind, FaultLab, Planted } from './faults/fault.ts'
import type { World } from './company/world.ts'
import { DAY, HOUR, MINUTE } from './time.ts'
import type { Fault, Truth } from './truth.ts'

/** How many of each kind: one number for all, or a number per kind (kinds left out get none). */
export type Wanted = number | Readonly<Record<string, number>>

export function labOf(world: World, truth: Truth): Omit<FaultLab, 'turn' | 'done' | 'full'> {
  const name = (role: string) => world.company.plan(role)?.name ?? null
  return {
    world,
    crm: name('crm'),
    erp: name('erp'),
    billing: name('billing'),
    support: name('support'),
    provisioning: name('provisioning'),
    warehouse: name('warehouse'),
    start: truth.start,
    end: truth.end,
    decoy: (decoy) => void truth.decoys.push(decoy),
  }
}

export function record(truth: Truth, kind: FaultKind, planted: Planted): Fault {
  const { later, amountNow, amount = null, alsoExpected = [], ...rest } = planted
  const fault: Fault = {
    cause: null,
    fields: [],
    owner: null,
    scope: {},
    currency: null,
    healsAt: null,
    alternatives: [],
    ...rest,
    id: `F-${String(truth.faults.length + 1).padStart(4, '0')}`,
    drift: kind.drift,
    get amount() {
      return amountNow ? amountNow() : amount
    },
    get alsoExpected() {
      return later ? [...alsoExpected, ...later()] : alsoExpected
    },
  }
  truth.faults.push(fault)
  return fault
}

/** Puts every wanted fault on the agenda, evenly over the part of the history in which it can still become drift. */
export function plant(world: World, truth: Truth, wanted: Wanted, decoys: number): void {
  const base = labOf(world, truth)
  for (const kind of [...FAULT_KINDS, ...HABIT_KINDS]) {
    const everyday = typeof wanted === 'number' && FAULT_KINDS.includes(kind) ? wanted : 0
    const count = typeof wanted === 'number' ? everyday : (wanted[kind.drift] ?? 0)
    if (count === 0) continue
    truth.lacking[kind.drift] = count
    schedule(world, truth, base, kind, count)
  }
  for (const kind of DECOYS) if (decoys > 0) schedule(world, truth, base, kind, decoys)
}

function schedule(
  world: World,
  truth: Truth,
  base: Omit<FaultLab, 'turn' | 'done' | 'full'>,
  kind: FaultKind,
  count: number,
): void {
  const r = world.company.random.fork(`plan/${kind.drift}`)
  const from = truth.start + (kind.settleMs ?? Math.min(DAY, (truth.end - truth.start) * 0.1))
  const to = truth.end - kind.leadMs
  for (let turn = 0; turn < count; turn++) {
    if (to <= from && kind.leadMs > 2 * MINUTE) return
    // The last of each kind comes late, so that somebody who looks at the last days sees it begin.
    const last = count > 1 && turn === count - 1
    const even = from + ((turn + r.next()) / count) * (to - from)
    const at = kind.settleMs ? from : last ? Math.max(from, to - r.next() * 30 * HOUR) : even
    world.spawn(Math.floor(at / 1000) * 1000, `fault/${kind.drift}/${turn}`, (own) =>
      attempts(world, truth, base, kind, turn, own),
    )
  }
}

/** Tries three times: a day without a fitting victim is no reason to go without the fault. */
function* attempts(
  world: World,
  truth: Truth,
  base: Omit<FaultLab, 'turn' | 'done' | 'full'>,
  kind: FaultKind,
  turn: number,
  r: Parameters<FaultKind['plant']>[1],
): Process {
  for (let attempt = 0; attempt < 3; attempt++) {
    let planted = false
    const settled = () => {
      planted = true
      const left = (truth.lacking[kind.drift] ?? 1) - 1
      if (left > 0) truth.lacking[kind.drift] = left
      else delete truth.lacking[kind.drift]
    }
    const lab: FaultLab = {
      ...base,
      turn,
      done: (fault) => {
        settled()
        return record(truth, kind, fault)
      },
      full: settled,
    }
    if (kind.possible && !kind.possible(lab)) return
    yield* kind.plant(lab, r)
    if (planted || DECOYS.includes(kind)) return
    yield world.company.now + 5 * HOUR
  }
}
