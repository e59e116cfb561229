/**
 * Salesforce’s outbound messages: SOAP over HTTP, the one push that needs no gRPC. Nothing is signed, so a message is only a
 * hint; it must name our organisation, and is repeated for a day until it is acknowledged in its own words.
 */
import { MappingError } from '../contract.ts'
import type { Receiver } from '../receiver.ts'
import type { SalesforceConfig } from './config.ts'
import { objectsOf } from './objects.ts'
import { id18 } from './soql.ts'

const ACK =
  '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse></soapenv:Body></soapenv:Envelope>'

export const receive: Receiver<SalesforceConfig> = {
  verify({ outbound }, { body }) {
    if (!outbound)
      return {
        trust: 'refused',
        reason: 'no organisation is configured',
        remedy: 'Set config.outbound.organization_id of this platform.',
      }
    const organisation = /<OrganizationId>([A-Za-z0-9]{15,18})<\/OrganizationId>/.exec(textOf(body) ?? '')?.[1]
    if (organisation === undefined || organisation.slice(0, 15) !== outbound.organization_id.slice(0, 15))
      return { trust: 'refused', reason: 'the message is of another organisation' }
    return { trust: 'unsigned' }
  },
  acknowledge: () => ({ status: 200, headers: { 'content-type': 'text/xml; charset=utf-8' }, body: ACK }),
  read(config, { body }) {
    const text = textOf(body)
    if (text === null) throw new MappingError('body', 'is no text in UTF-8')
    // Neither is ever in a message; both are how XML is made to read files or to explode.
    if (/<!(DOCTYPE|ENTITY)/i.test(text)) throw new MappingError('body', 'declares a document type')
    const known = new Set(objectsOf(config).specs.map((spec) => spec.object))
    const messages = [...text.matchAll(/<Notification>([\s\S]*?)<\/Notification>/g)].map(([, inner]) => inner!)
    if (messages.length === 0) throw new MappingError('Notification', 'the message has none')
    return messages.map((message) => {
      const key = /^\s*<Id>([A-Za-z0-9]{15,18})<\/Id>/.exec(message)?.[1]
      const object = /<sObject\b[^>]*\bxsi:type="(?:\w+:)?(\w+)"/.exec(message)?.[1]
      const id = /<sf:Id>([A-Za-z0-9]{15,18})<\/sf:Id>/.exec(message)?.[1]
      if (key === undefined || object === undefined)
        throw new MappingError('Notification', 'says neither what it is nor what it is about')
      return {
        key: id18(key),
        events: [],
        hints: known.has(object) ? [{ stream: object, ...(id !== undefined && { id: id18(id) }) }] : [],
      }
    })
  },
}

function textOf(body: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    return null
  }
}
