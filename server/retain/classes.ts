/** Classes of data: what each holds, how what is over its term is counted, and how it is removed. Removing twice is removing once. */
import type { RetainedClass } from '../config/retention-schema.ts'
import type { Context } from '../context.ts'
import { eventsOver, removeEvents } from '../store/facts/retained/events.ts'
import { findingsOver, removeFindings } from '../store/facts/retained/findings.ts'
import { added, type Over } from '../store/facts/retained/needed.ts'
import { removeUnreadable, unreadableOver } from '../store/facts/retained/unreadable.ts'
import { removeVersions, versionsOver } from '../store/facts/retained/versions.ts'
import type { StillNeeded } from './needed.ts'
import { removeReports, reportsOver } from './reports.ts'

/** What is asked: older than the cutoff (epoch ms), because it was to be kept for so long (milliseconds). */
export interface Age {
  cutoff: number
  keptFor: number
}

export interface DataClass {
  title: string
  /** What goes, and what stays of it. */
  about: string
  over(ctx: Context, age: Age, needed: StillNeeded): Promise<Over> | Over
  remove(ctx: Context, age: Age, needed: StillNeeded, actor: string): Promise<unknown> | unknown
}

const refs = ({ issues }: StillNeeded) => [...issues].map((n) => `I-${n}`)

export const CLASSES: Record<RetainedClass, DataClass> = {
  versions: {
    title: 'Earlier values of records',
    about: 'Values that were replaced go; what was current at any instant within the term can still be told.',
    over: ({ facts }, { cutoff }, n) => versionsOver(facts, cutoff, n.facts),
    remove: ({ facts }, { cutoff }, n) => removeVersions(facts, cutoff, n.facts),
  },
  findings: {
    title: 'Resolved findings and their transitions',
    about: 'They go when their whole issue was resolved so long ago; the issue, and what people decided, stays.',
    over: ({ facts }, { cutoff }, n) => findingsOver(facts, cutoff, n.facts),
    remove: ({ facts }, { cutoff }, n) => removeFindings(facts, cutoff, n.facts),
  },
  events: {
    title: 'Recorded events and traces',
    about: 'Deliveries, deploys, outages and spans go; the figures that were made of them stay.',
    over: ({ facts }, { cutoff }, n) => eventsOver(facts, cutoff, n.facts),
    remove: ({ facts }, { cutoff }, n) => removeEvents(facts, cutoff, n.facts),
  },
  payloads: {
    title: 'Payloads, exchanges and unreadable rows',
    about: 'Bytes of closed exceptions and of rows that were read since go; the exception and its evidence stay.',
    over: async ({ facts, control }, { cutoff }, n) =>
      added([control.payloadsOver(cutoff, n.entities), await unreadableOver(facts, cutoff, n.facts)]),
    remove: async ({ facts, control }, { cutoff }, n) => {
      control.removePayloads(cutoff, n.entities)
      await removeUnreadable(facts, cutoff, n.facts)
    },
  },
  messages: {
    title: 'Mails, chats, webhooks and tickets',
    about: 'What they said and carried goes; who was told, when, over what and how it went stays.',
    over: ({ control }, { cutoff }, n) => control.messagesOver(cutoff, refs(n)),
    remove: ({ control }, { cutoff }, n) => control.removeMessages(cutoff, refs(n)),
  },
  reports: {
    title: 'Archive of reports',
    about: 'Content and data go; that a report was sent, its key figures and its hashes stay.',
    over: (ctx, { cutoff, keptFor }, n) => reportsOver(ctx, cutoff + keptFor, n.issues, keptFor),
    remove: (ctx, _, n, actor) => removeReports(ctx, n.issues, actor),
  },
  audit: {
    title: 'Audit trail',
    about: 'The oldest entries go, up to the first that is still needed; the chain of the rest can still be verified.',
    over: ({ control }, { cutoff }, n) => control.auditOver(cutoff, n.objects),
    remove: ({ control, clock }, { cutoff, keptFor }, n) =>
      control.cutAudit(cutoff, n.objects, { keptFor, at: clock.now() }),
  },
}
