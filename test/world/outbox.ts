/** A courier's world: a real control store, a clock turned by hand, and messages to send. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Message } from '../../model/message.ts'
import { loadText } from '../../server/config/load.ts'
import { formatProblems } from '../../server/config/problem.ts'
import type { Context } from '../../server/context.ts'
import { createCourier, type Courier } from '../../server/deliver/courier.ts'
import { createLog } from '../../server/log.ts'
import type { NewOutboxRow } from '../../server/store/control/outbox-rows.ts'
import { handClock, type HandClock } from './clock.ts'
import { controlWorld, type ControlWorld } from './control.ts'

export interface OutboxWorld {
  ctx: Context
  world: ControlWorld
  clock: HandClock
  courier: Courier
  folder: string
  end(): void
}

/** @param yaml `channels`, `recipients` and `alerts` of a configuration */
export function outboxWorld(yaml: string, env: Record<string, string> = {}): OutboxWorld {
  const loaded = loadText('plumbline.yaml', yaml, { env, connectors: new Map() })
  if (!loaded.config) throw new Error(formatProblems(loaded.problems))
  const world = controlWorld()
  const clock = handClock()
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-outbox-'))
  // What a courier needs of a context; facts and checks are no part of it.
  const ctx = {
    config: loaded.config,
    landscape: loaded.landscape,
    control: world.control,
    clock,
    log: createLog({ clock, write: () => {} }),
    signal: new AbortController().signal,
    checks: [],
    connectors: new Map(),
    data: folder,
  } as unknown as Context
  const courier = createCourier(ctx, { random: () => 0.5 })
  return {
    ctx,
    world,
    clock,
    courier,
    folder,
    end() {
      courier.close()
      world.end()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export function message(change: Partial<Message> = {}): Message {
  return {
    event: 'issue.new',
    state: 'open',
    severity: 'critical',
    severityWord: 'CRITICAL',
    subject: '[CRITICAL] 3 customers billed after cancellation, EUR 18,420 I-3000',
    preheader: 'Past the 30 min SLA by 42 min.',
    tags: ['New', 'Salesforce → Stripe', 'owner Finance Ops'],
    title: 'Cancelled in Salesforce, still active in Stripe: 3 customers, EUR 18,420 at risk',
    lines: ['Salesforce owns contract status and set it to cancelled at 14:02.'],
    facts: [{ name: 'Started', value: '20 Nov 2026 14:02 CET' }],
    rows: [
      {
        ref: 'I-3000',
        title: 'Acme AG',
        detail: 'Stripe: active',
        amount: 'EUR 9,200',
        url: 'https://p.example/issues/I-3000',
      },
    ],
    more: 'and 2 more',
    links: [{ label: 'Open issue', url: 'https://p.example/issues/I-3000' }],
    why: 'You get this because route “Finance critical” matches.',
    whyLinks: [{ label: 'Silence', url: 'https://p.example/alerts/silences?issue=I-3000' }],
    locale: 'en',
    thread: 'issue/3000',
    list: 'alerts/Finance critical',
    data: { issue: 'I-3000' },
    ...change,
  }
}

export function row(dedupe: string, channel: string, change: Partial<NewOutboxRow> = {}): NewOutboxRow {
  return {
    dedupe,
    kind: 'alert',
    refs: ['I-3000'],
    channel,
    recipient: 'finance',
    address: 'finance@example.com',
    message: message(),
    createdAt: Date.parse('2026-11-20T12:00:00.000Z'),
    ...change,
  }
}
