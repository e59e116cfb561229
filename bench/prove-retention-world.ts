/**
 * The world of prove-retention: everything that ages, in the real stores of a folder. Each thing says in its name what
 * becomes of it: what is called `gone-…` has had its time, and everything else must stay.
 */
import { join } from 'node:path'
import type { Context } from '../server/context.ts'
import { openControl } from '../server/store/control/sqlite.ts'
import { appendEvents } from '../server/store/facts/events.ts'
import { writeFindingEvents } from '../server/store/facts/finding-events.ts'
import { writeFindings } from '../server/store/facts/findings.ts'
import { openFacts } from '../server/store/facts/open.ts'
import { resolveQuarantine, writeQuarantine } from '../server/store/facts/quarantine.ts'
import { appendSpans } from '../server/store/facts/spans.ts'
import { checkWorld, type CheckWorld } from '../test/world/check-world.ts'
import { aFinding, aMessage, anEvent, aNewException, anUnreadable } from '../test/world/retained.ts'

const DAY = 86_400_000
const NOW = Date.parse('2026-11-20T12:00:00.000Z')
const ago = (days: number) => NOW - days * DAY
const iso = (days: number) => new Date(ago(days)).toISOString()
/** Of every group. */
const MANY = 12
/** Each goes by itself: a change that the process is killed after. */
const REPORTS = 3
const each = <T>(of: (i: number) => T): T[] => Array.from({ length: MANY }, (_, i) => of(i))
const BY = { actor: 'u1', at: NOW }
const RULES = { versions: '365d', findings: '365d', events: '365d', payloads: '90d', messages: '90d', audit: '400d' }

/** Customers about whom nothing is open; under hold; under hold by a name they had; with a finding; with an exception. */
const GROUPS = ['gone', 'held', 'joined', 'open', 'stuck'] as const

export async function open(folder: string): Promise<{ world: CheckWorld; close(): Promise<void> }> {
  const facts = await openFacts({ database: 'plumbline', path: join(folder, 'facts'), maxQueryMb: 512 })
  const control = openControl(join(folder, 'control.sqlite'))
  const world = checkWorld({
    ...{ facts, control, platforms: { crm: { role: 'crm' }, erp: { role: 'erp' } }, checks: [] },
    ...{ at: new Date(NOW).toISOString(), config: { retention: RULES, archive: { keep: '365d' } } },
  })
  return {
    world,
    async close() {
      control.close()
      await facts.close()
    },
  }
}

/** Issue of a finding: of those that are open from 1, of those that were resolved long ago from 101, of later ones from 201. */
const issueOf = { open: (i: number) => 1 + i, gone: (i: number) => 101 + i, late: (i: number) => 201 + i }
const HELD_ISSUE = 900

/** Just before the run that is killed. */
export async function prepare(folder: string): Promise<void> {
  const { world, close } = await open(folder)
  told(world.ctx)
  await said(world)
  for (const group of ['held', 'joined'])
    each((i) => world.ctx.control.placeHold({ scope: 'customer', subject: `${group}-${i}`, reason: 'a lawsuit' }, BY))
  world.ctx.control.placeHold({ scope: 'issue', subject: `I-${HELD_ISSUE}`, reason: 'an audit' }, BY)
  await found(world.ctx)
  await happened(world.ctx)
  await carried(world.ctx)
  archived(world.ctx)
  await close()
}

/** The trail: the first entry about an open issue keeps itself and all that follow. */
function told({ control }: Context): void {
  const entry = (object: string) => control.audit({ at: ago(900), actor: 'u1', action: 'did', object })
  each((i) => entry(`gone-${i}`))
  entry(`I-${issueOf.open(0)}`)
  each((i) => entry(`stays-${i}`))
}

/** Versions of two kinds: of what nothing needs, the last one before the term and everything since stays. */
async function said(world: CheckWorld): Promise<void> {
  for (const days of [700, 600, 500, 30]) {
    world.clock.set(ago(days))
    const customers = GROUPS.flatMap((group) =>
      each((i) => {
        const entity = group === 'joined' && days === 30 ? `survivor-${i}` : `${group}-${i}`
        const fate = group === 'gone' && days < 600 ? `stays-${i}` : `${group}-${i}`
        const common = { platform: 'crm', changed_at: iso(days), created_at: iso(800), name: `${fate} ${days}` }
        const order = { ...common, kind: 'order', record_id: `o-${group}-${i}`, number: `${fate} ${days}` }
        return [
          { ...common, kind: 'customer', record_id: `crm-${group}-${i}`, entity },
          // The order of a customer with an exception is not what the exception is about.
          ...(group === 'stuck' ? [] : [{ ...order, entity: `order ${group}-${i}`, customer_entity: entity }]),
        ]
      }),
    ).flat()
    await world.place(...customers)
  }
  world.clock.set(NOW)
  world.read()
}

/** Findings: of every one an open row that a resolved one replaced, in parts of their own. */
async function found({ facts, control }: Context): Promise<void> {
  const resolved = (id: string, issue: number, days: number, customer = '') =>
    aFinding(id, issue, {
      ...{ state: 'resolved', resolved_at: iso(days), first_seen_at: iso(days + 9), transition: 2 },
      customer_entity_id: customer,
    })
  const all = [
    ...each((i) => resolved(`gone-${i}`, issueOf.gone(i), 500)),
    ...each((i) => resolved(`late-${i}`, issueOf.late(i), 100)),
    ...each((i) => resolved(`held-${i}`, 301 + i, 500, `held-${i}`)),
    ...each((i) => resolved(`joined-${i}`, 401 + i, 500, `survivor-${i}`)),
    // Resolved, in an issue that is not.
    ...each((i) => resolved(`sibling-${i}`, issueOf.open(i), 500)),
    resolved('held-issue', HELD_ISSUE, 500),
  ]
  const stands = each((i) =>
    aFinding(`open-${i}`, issueOf.open(i), { entity_id: `open-${i}`, customer_entity_id: `open-${i}` }),
  )
  await writeFindings(facts, control, [
    ...all.map((f) => ({ ...f, state: 'open' as const, resolved_at: null, transition: 1 })),
    ...stands,
  ])
  await writeFindings(facts, control, all)
  const move = { from_state: null, verdict: 'drift', cause: 'unknown', run_id: 'r', reason: 'x', detail: {} } as const
  await writeFindingEvents(
    facts,
    [...all, ...stands].flatMap((f) => [
      { ...move, id: f.id, transition: 1, at: f.first_seen_at, to_state: 'open' },
      ...(f.resolved_at
        ? [{ ...move, id: f.id, transition: 2, at: f.resolved_at, to_state: 'resolved' as const }]
        : []),
    ]),
  )
}

/** Events, each in a trace of its own; exceptions that are not closed hang on some. */
async function happened({ facts, control }: Context): Promise<void> {
  const old = GROUPS.flatMap((group, g) =>
    each((i) => ({ name: `${group}-${i}`, trace: (g * MANY + i + 1).toString(16).padStart(32, '0'), group })),
  )
  const correlation = (e: (typeof old)[number]) => (e.group === 'stuck' ? `c-${e.name}` : null)
  await appendEvents(facts, control, [
    ...old.map((e) =>
      anEvent(e.name, iso(500), {
        ...{ record_id: `crm-${e.name}`, trace_id: e.trace, correlation_id: correlation(e) },
        // Of a record that nobody knows any more.
        ...(e.group === 'gone' && { record_id: `away-${e.name}` }),
      }),
    ),
    ...each((i) => anEvent(`late-${i}`, iso(10))),
  ])
  await appendSpans(
    facts,
    control,
    old.map((e) => ({
      ...{ trace_id: e.trace, span_id: e.trace.slice(16), parent_span_id: null, reported_by: 'crm', service: 's' },
      ...{ platform: 'crm', operation: e.name, kind: 'client', status: 'ok', message: null, started_at: iso(500) },
      ...{ duration_us: 1, correlation_id: correlation(e), attempt: null, keys: {}, attributes: {} },
    })),
  )
}

/** Exceptions with their payloads, unreadable rows, and messages with their files. */
async function carried({ facts, control }: Context): Promise<void> {
  const names = ['gone', 'held', 'stuck'].flatMap((group) => each((i) => `${group}-${i}`))
  control.putExceptions(names.map(aNewException), ago(200))
  for (const x of control.exceptions({ limit: 1_000 }))
    if (!x.entityId!.startsWith('stuck')) control.workException(x.id, { state: 'resolved', resolvedAt: ago(100) })
  const rows = ['gone', 'crm-held', 'waits'].flatMap((group) => each((i) => `${group}-${i}`))
  await writeQuarantine(
    facts,
    control,
    rows.map((id) => anUnreadable(id, iso(200))),
  )
  const read = rows.filter((id) => !id.startsWith('waits'))
  await resolveQuarantine(facts, control, { platform: 'crm', stream: 'customer', record_ids: read })
  control.addOutbox(
    (['gone', 'open'] as const).flatMap((group) =>
      each((i) => {
        const file = control.keepAttachment(Buffer.from(`${group}-${i}`), NOW)
        return aMessage(`${group}-${i}`, `I-${issueOf[group](i)}`, ago(200), file)
      }),
    ),
  )
  const sent = { at: ago(199), outcome: 'sent', status: null, answer: 'ok', ms: 1, nextAt: null } as const
  for (const row of control.claimOutbox({ channel: 'mail', holder: 'h', now: NOW, until: NOW + 1, limit: 1_000 }))
    control.finishOutbox(row, sent)
}

/** Reports of issues that are settled and of issues that are not. */
function archived({ control }: Context): void {
  for (const group of ['gone', 'open'] as const)
    for (let i = 0; i < REPORTS; i++)
      control.reports.archive({
        ...{ report: `${group}-${i}`, madeAt: ago(800), slotAt: ago(800), from: ago(807), to: ago(800), late: false },
        ...{ subject: 's', facts: {}, actor: 'plumbline', day: iso(800).slice(0, 10), content: `${group} ${i}` },
        data: JSON.stringify({ issues: { lines: [{ number: issueOf[group](i) }] } }),
      })
}
