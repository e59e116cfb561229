/**
 * Business events of an HTTPS endpoint. Nothing is signed and no header can be set: the secret stands in the address, which the
 * vendor keeps in a key vault. So what is said is only a hint that causes a read.
 */
import { MappingError } from '../contract.ts'
import { hashKey, jsonObject } from '../hook-body.ts'
import { noticed, presents } from '../notice.ts'
import type { HookReading, Receiver } from '../receiver.ts'
import { unconfigured } from '../signature.ts'
import type { OperationsConfig } from './config.ts'
import { entitiesOf } from './entities.ts'
import { idIn, said } from './rows.ts'

type Payload = Record<string, unknown>

/** Business event → streams, and the property of the payload that is the rest of the record's id beside the company. */
const EVENTS: Record<string, { streams: readonly string[]; id: string }> = {
  SalesOrderConfirmedBusinessEvent: { streams: ['SalesOrderHeadersV2'], id: 'SalesOrderId' },
  SalesInvoicePostedBusinessEvent: { streams: ['SalesInvoiceHeadersV2'], id: 'InvoiceId' },
  CustFreeTextInvoicePostedBusinessEvent: { streams: ['SalesInvoiceHeadersV2'], id: 'InvoiceId' },
}

/** Table of an alert → stream; its first key is the rest of the id. */
const ALERTS: Record<string, string> = {
  CustTable: 'CustomersV3',
  SalesTable: 'SalesOrderHeadersV2',
  SalesQuotationTable: 'SalesQuotationHeadersV2',
  CustInvoiceJour: 'SalesInvoiceHeadersV2',
}

/** `/Date(1606567890000)/` as an instant; other texts as they are. */
function instantOf(written: unknown): string | undefined {
  if (typeof written !== 'string') return undefined
  const ms = /^\/Date\((-?\d{1,15})\)\/$/.exec(written)?.[1]
  return ms === undefined ? written : new Date(Number(ms)).toISOString()
}

function hintsOf(config: OperationsConfig, name: string, payload: Payload): HookReading['hints'] {
  const company =
    said(payload['LegalEntity']) ?? said(payload['DataAreaId']) ?? said(payload['BusinessEventLegalEntity'])
  const own = config.webhook?.events[name] ?? EVENTS[name]
  const alert = ALERTS[said(payload['TableName']) ?? '']
  const about = own ?? (alert === undefined ? undefined : { streams: [alert], id: 'KeyValue1' })
  const read = new Set(entitiesOf(config).specs.map((spec) => spec.stream))
  const rest = about?.id === undefined ? null : said(payload[about.id])
  const foreign = company !== null && config.companies.length > 0 && !ours(config, company)
  return (foreign ? [] : (about?.streams ?? []))
    .filter((stream) => read.has(stream))
    .map((stream) => ({ stream, ...(company !== null && rest !== null && { id: idIn(company, [rest]) }) }))
}

const ours = ({ companies }: OperationsConfig, company: string) =>
  companies.some((own) => own.toLowerCase() === company.toLowerCase())

export const receive: Receiver<OperationsConfig> = {
  verify({ webhook }, { query }) {
    if (!webhook) return unconfigured('config.webhook.secrets')
    if (presents(query[webhook.parameter], webhook.secrets)) return { trust: 'unsigned' }
    return {
      trust: 'refused',
      reason: 'the secret in the address is missing or wrong',
      remedy: `Give the endpoint the address with ?${webhook.parameter}=<secret>.`,
    }
  },
  read(config, { body, headers }) {
    const payload = jsonObject(body)
    const name = said(payload['BusinessEventId'])
    if (name === null) throw new MappingError('BusinessEventId', 'the message names no business event')
    const at =
      instantOf(payload['EventTimeIso8601']) ?? instantOf(payload['EventTime']) ?? headers['x-received-at'] ?? ''
    const message = { document: payload, key: said(payload['EventId']) ?? hashKey(body), at }
    return [noticed(message, hintsOf(config, name, payload), config.webhook?.rules)]
  },
}
