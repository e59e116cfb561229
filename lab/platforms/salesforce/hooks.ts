/** Outbound messages of the simulated org: SOAP, unsigned, with its organisation's id. */
import type { HookSender, HookTrouble } from '../../hooks.ts'
import { createHooks } from '../../hooks.ts'
import type { PlatformState } from '../../platform.ts'
import { PLANS } from './org.ts'

export const ORGANISATION = '00DgL0000000001MAA'

export function outbound(object: string, id: string, n: number, organisation = ORGANISATION): string {
  const message = `04lgL${String(n).padStart(10, '0')}`
  return `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <soapenv:Body>
  <notifications xmlns="http://soap.sforce.com/2005/09/outbound">
   <OrganizationId>${organisation}</OrganizationId>
   <ActionId>04kgL0000000001AAA</ActionId>
   <SessionId xsi:nil="true"/>
   <EnterpriseUrl>https://lab.example/services/Soap/c/66.0</EnterpriseUrl>
   <PartnerUrl>https://lab.example/services/Soap/u/66.0</PartnerUrl>
   <Notification>
    <Id>${message}</Id>
    <sObject xsi:type="sf:${object}" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">
     <sf:Id>${id}</sf:Id>
    </sObject>
   </Notification>
  </notifications>
 </soapenv:Body>
</soapenv:Envelope>`
}

export function salesforceHooks(state: PlatformState, url: string, trouble?: HookTrouble): HookSender {
  const headers = { 'content-type': 'text/xml; charset=utf-8', soapaction: '""' }
  return createHooks(
    state,
    Object.keys(PLANS),
    url,
    (record, n) => ({ headers, body: outbound(PLANS[record.kind]!.object, record.id, n) }),
    trouble,
  )
}
