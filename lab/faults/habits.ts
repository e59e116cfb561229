/** Faults of habits: an edge that slows down inside its windows, a stream that falls silent. Only who has watched for weeks can tell. */
import { quickCase } from '../bustle.ts'
import type { Process } from '../agenda.ts'
import { fresh } from '../company/changes.ts'
import type { Topic } from '../company/changes.ts'
import type { Random } from '../random.ts'
import { DAY, HOUR, MINUTE, wholeSecond } from '../time.ts'
import type { FaultKind, FaultLab } from './fault.ts'
import { victims } from './fault.ts'

/** Since when the habit is watched, and since when it is left. */
const HABIT = 10 * DAY
const SLOW_SINCE = 20 * HOUR
/** The queue keeps every change so long, which no window forbids. */
const QUEUED = 15 * MINUTE

/** Ordinary changes on two edges, so that one of them can slow down beside the other. */
function* traffic(lab: FaultLab, r: Random): Process {
  const topics: readonly Topic[] = ['payment_terms', 'owner']
  for (let n = 0; ; n++) {
    yield lab.world.company.now + wholeSecond((8 + 8 * r.next()) * MINUTE)
    const topic = topics[n % topics.length]!
    const [customer] = victims(lab, r, [topic])
    if (customer)
      lab.world.company.change(customer, { values: fresh(lab.world, r, customer, topic) }, { by: 'finance' })
  }
}

export const slowEdge: FaultKind = {
  drift: 'slow_edge',
  about: 'Changes wait longer than usual on one edge, though every window holds.',
  leadMs: SLOW_SINCE,
  settleMs: DAY,
  possible: (lab) => lab.crm !== null && lab.erp !== null && lab.support !== null && lab.end - lab.start > HABIT + DAY,
  *plant(lab) {
    const { world } = lab
    yield lab.end - HABIT
    world.spawn(world.company.now, 'traffic', (own) => traffic(lab, own))
    yield lab.end - SLOW_SINCE
    world.company.queues.set(`${lab.crm} customer`, QUEUED)
    lab.done({
      category: 'quality',
      cause: null,
      kind: 'customer',
      owner: lab.erp,
      platform: lab.crm,
      subjects: [],
      checks: ['collecting/slow-edge'],
      injectedAt: world.company.now,
      driftFrom: world.company.now + SLOW_SINCE - HOUR,
      healsAt: null,
      alternatives: [],
      says: `changes of customers wait a quarter of an hour longer on their way to ${lab.crm}`,
    })
  },
}

/** Cases of an ordinary day at the help desk. */
const CASES_A_DAY = 90
const WEEKS = 30 * DAY
const SILENT_SINCE = 27 * HOUR

function* helpDesk(lab: FaultLab, r: Random): Process {
  for (let n = 0; ; n++) {
    yield lab.world.company.now + wholeSecond((DAY / CASES_A_DAY) * (0.6 + 0.8 * r.next()))
    const [customer] = victims(lab, r, [])
    if (customer) lab.world.spawn(lab.world.company.now, `desk/${n}`, (own) => quickCase(lab.world, own, customer))
  }
}

export const thinStream: FaultKind = {
  drift: 'thin_stream',
  about: 'A stream is read without error and brings next to nothing.',
  leadMs: SILENT_SINCE,
  settleMs: DAY,
  possible: (lab) => lab.support !== null && lab.end - lab.start > WEEKS + DAY,
  *plant(lab) {
    const { world } = lab
    const support = lab.support!
    yield lab.end - WEEKS
    world.spawn(world.company.now, 'desk', (own) => helpDesk(lab, own))
    yield lab.end - SILENT_SINCE
    const { now } = world.company
    world.company.histories.get(support)!.silence('case', now, lab.end + 3650 * DAY)
    lab.done({
      category: 'quality',
      cause: 'incomplete_stream',
      kind: 'case',
      owner: null,
      platform: support,
      subjects: [],
      checks: ['collecting/thin'],
      injectedAt: now,
      driftFrom: now + 25 * HOUR,
      healsAt: null,
      alternatives: [],
      says: `the cases of ${support} are filtered away, and nobody is refused`,
    })
  },
}
