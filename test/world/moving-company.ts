/** A company whose payment terms change: 24 customers in two files, three real rounds, all but two changes arrive. */
import type { Running } from '../../server/main.ts'
import { handClock, type HandClock } from './clock.ts'
import { company, CONFIG, onlyChecks, signIn, type Company } from './company.ts'

export interface MovingCompany {
  company: Company
  running: Running
  clock: HandClock
  /** Reads with a session that is kept awake. */
  get(path: string): Promise<Response>
  /** Name and value of the session’s cookie. */
  cookie(): string
  /** The three rounds: as it was, the ERP has new terms, the CRM has taken them. */
  live(): Promise<void>
  end(): Promise<void>
}

export type MovedCompany = Omit<MovingCompany, 'live'>

export const START = '2026-11-20T08:00:00.000Z'
const CUSTOMERS = 24
/** The last two never arrive. */
const TAKEN = CUSTOMERS - 2

/** Only what is looked at here: a round of all checks takes long. */
const KEPT = ['customer-master/legal-profile', 'collecting/slow-edge']

const minute = (n: number) => new Date(Date.parse(START) + n * 60_000).toISOString()

function csv(prefix: string, terms: (i: number) => string, changed: (i: number) => string): string {
  const head = 'record_id,name,legal_name,payment_terms,state,refs.erp,created_at,changed_at'
  const line = (i: number) => [
    `${prefix}${i}`,
    `Firma ${i}`,
    `Firma ${i} AG`,
    terms(i),
    'customer',
    prefix === 'S' ? `N${i}` : '',
    '2026-01-01T08:00:00Z',
    changed(i),
  ]
  return [head, ...Array.from({ length: CUSTOMERS }, (_, i) => line(i).join(','))].join('\n')
}

const old = () => '2026-11-01T08:00:00Z'
const before = csv('S', () => 'net_30', old)
/** The i-th customer's terms change at minute 10 + i and arrive at minute 12 + 2i: it takes 2 + i minutes. */
const changed = csv(
  'N',
  () => 'net_45',
  (i) => minute(10 + i),
)
/** Minute, and what each platform holds then. */
const ROUNDS = [
  [0, before, csv('N', () => 'net_30', old)],
  [60, before, changed],
  [
    120,
    csv(
      'S',
      (i) => (i < TAKEN ? 'net_45' : 'net_30'),
      (i) => (i < TAKEN ? minute(12 + 2 * i) : old()),
    ),
    changed,
  ],
] as const

function moved(): Company {
  const world = company(START)
  world.configure(`${CONFIG}objectives:
  exclude:
    - { begin: 2026-11-20T01:00:00Z, end: 2026-11-20T02:00:00Z, reason: Data centre move }
${onlyChecks(...KEPT)}`)
  return world
}
function deliver(world: Company, [at, crm, erp]: (typeof ROUNDS)[number]): void {
  world.write('crm/customers.csv', crm, minute(at))
  world.write('erp/customers.csv', erp, minute(at))
}

async function rounds(
  world: Company,
  { runtime }: Running,
  until: (at: string) => Promise<void> | void,
): Promise<void> {
  for (const round of ROUNDS) {
    await until(minute(round[0]))
    deliver(world, round)
    await runtime.collect({})
    await runtime.check({})
  }
}

/** Before its first round. */
export async function movingCompany(): Promise<MovingCompany> {
  const clock = handClock(START)
  const world = moved()
  const running = await world.start({ clock })
  const cookie = await signIn(running)
  const get = (path: string) => fetch(running.url + path, { headers: { cookie } })
  return {
    ...{ company: world, running, clock, get, cookie: () => cookie },
    live: () =>
      rounds(world, running, async (at) => {
        // Somebody looks every ten minutes: an idle session ends.
        for (; clock.now() < Date.parse(at); clock.set(clock.now() + 600_000)) await get('/v1/session')
      }),
    async end() {
      await running.stop()
      world.end()
    },
  }
}

/** After its three rounds, which are made once in a run. */
export async function movedCompany(): Promise<MovedCompany> {
  const world = moved()
  await world.lived('three rounds', Date.parse(START), (running, clock) =>
    rounds(world, running, (at) => clock.set(Date.parse(at))),
  )
  const last = ROUNDS.at(-1)!
  deliver(world, last)
  const clock = handClock(minute(last[0]))
  const running = await world.start({ clock })
  const cookie = await signIn(running)
  return {
    ...{ company: world, running, clock, cookie: () => cookie },
    get: (path) => fetch(running.url + path, { headers: { cookie } }),
    async end() {
      await running.stop()
      world.end()
    },
  }
}
