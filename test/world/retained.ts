/** Things that age: a finding, an event, an exception, an unreadable row and a message, each with everything that does not matter filled in. */
import type { RecordedEvent } from '../../model/event.ts'
import type { Finding } from '../../model/verdict.ts'
import type { NewException } from '../../server/store/control/exceptions.ts'
import type { NewOutboxRow } from '../../server/store/control/outbox-rows.ts'

const LONG_AGO = '2025-01-01T00:00:00.000Z'

export const aFinding = (id: string, issue: number, over: Partial<Finding> = {}): Finding => ({
  ...{ id, issue: `I-${issue}`, check: 'existence/customer', category: 'missing', kind: 'customer', entity_id: '' },
  ...{ customer_entity_id: '', subject: [], scope: {}, field: null, verdict: 'drift', cause: 'unknown' },
  ...{ owner_platform: 'crm', platform: 'erp', expected: {}, actual: {}, values: [], evidence: [] },
  ...{ amount_at_risk: null, currency: null, amount_basis: null, severity: 'low', due_at: null, title: 'x' },
  ...{ state: 'open', regressed: false, first_seen_at: LONG_AGO, changed_at: LONG_AGO, last_seen_at: LONG_AGO },
  ...{ resolved_at: null, run_id: 'r', transition: 1 },
  ...over,
})

export const anEvent = (id: string, at: string, over: Partial<RecordedEvent> = {}): RecordedEvent => ({
  ...{ id, at, type: 'sent', reported_by: 'crm', from_platform: 'crm', to_platform: 'erp', kind: 'customer' },
  ...{ record_id: `gone-${id}`, correlation_id: null, number: null, trace_id: null, message: null, actor: null },
  ...{ release: null, detail: {} },
  ...over,
})

export const aNewException = (entity: string): NewException => ({
  ...{ source: 'delivery', sourceKey: entity, class: 'refused', business: false, fingerprint: entity, platform: 'crm' },
  ...{ target: 'erp', kind: 'customer', recordId: `crm-${entity}`, entityId: entity, eventId: null },
  ...{ correlationId: `c-${entity}`, eventAt: null, reason: 'x', payload: '{"a":1}', exchange: null, money: null },
  ...{ currency: null, priority: 'low', ownerTeam: null, nextAt: null, replayUntil: null, via: null, run: null },
})

/** @param file hash of an attachment */
export const aMessage = (dedupe: string, ref: string, createdAt: number, file?: string): NewOutboxRow => ({
  ...{ dedupe, kind: 'alert', refs: [ref], channel: 'mail', recipient: 'ops', address: 'a@example.com', createdAt },
  message: {
    ...{ event: 'issue.new', state: 'open', severity: 'low', severityWord: 'low', subject: 's', preheader: 'p' },
    ...{ tags: [], title: 't', lines: ['what it said'], facts: [], rows: [], more: null, links: [], why: '' },
    ...{ whyLinks: [], locale: 'en', thread: ref, list: null, data: {} },
    ...(file !== undefined && {
      mail: { subject: 's', html: '', text: '', attachments: [{ name: 'f', type: 'text/csv', hash: file, bytes: 2 }] },
    }),
  } as unknown as NewOutboxRow['message'],
})

/** A row in quarantine. @param at when it was put there, ISO */
export const anUnreadable = (record_id: string, at: string) => ({
  ...{ platform: 'crm', stream: 'customer', kind: 'customer', record_id, field: null, reason: 'x', place: 'p', at },
  raw_base64: Buffer.from(record_id).toString('base64'),
})
