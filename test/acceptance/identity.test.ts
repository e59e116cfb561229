/** Identity: what makes records one thing, what is a duplicate, and what is nobody's guess. */
import { afterAll, expect, it } from 'vitest'
import { closeAll, lines, world } from './scenario.ts'

afterAll(closeAll)

it('references, keys, structures and duplicates', async () => {
  const w = await world({
    files: {
      'crm/customers': `record_id,refs.erp,name,tax_id,domain,email,role,parent,state
        C1,E1,Alder,DE136695976,,,,,customer
        C2,,Birch,ATU13585627,,,,,customer
        C3,,Cedar,,cedar.example,,,,customer
        C4,,Douglas,,gmail.com,,,,customer
        C6,,Fir,,fir.example,,,,customer
        C7,,Fir Child,,fir.example,,,C6,customer
        C8,,Hazel,CHE-116.281.710,,,,,customer
        C9,,Hazel again,CHE116281710,,,,,customer
        C10,E10,Ivy,NL004495445B01,ivy.example,,,,customer
        C11,,Jade,DE811569869,jade.example,,,,customer`,
      'erp/customers': `record_id,refs.crm,name,tax_id,domain,role,state
        E1,C1,Alder,DE129273398,,,customer
        E2,,Birch,AT U13585627,,,customer
        E3,,Cedar,,www.cedar.example,,customer
        E4,,Elm,,gmail.com,,customer
        E6,C6,Fir,,fir.example,,customer
        E7,C7,Fir Child,,fir.example,,customer
        E8,C8,Hazel,CHE-116.281.710,,sold_to,customer
        E8b,C8,Hazel,,,bill_to,customer
        E8s,C8,Hazel,,,ship_to,customer
        E10,C10,Ivy,NL004495445B01,ivy.example,,customer
        E11,,Jade,DE811907980,jade.example,,customer`,
    },
  })
  expect(lines(await w.round({ full: true }))).toEqual(
    [
      // Mutual references are the strongest evidence: then the tax ids differ, which is a mismatch.
      'mismatch customer.tax_id erp>crm crm:C1 erp:E1 drift open',
      // A public mail provider's domain says nothing.
      'missing customer crm>erp crm:C4 drift open',
      'missing customer erp>crm erp:E4 drift open',
      // Equal domains under different tax ids are two companies.
      'missing customer crm>erp crm:C11 drift open',
      'missing customer erp>crm erp:E11 drift open',
      'duplicate customer ->crm crm:C8 crm:C9 drift open',
    ].sort(),
  )
  await w.close()
}, 240_000)

it('references that contradict each other are a conflict for a person, and nothing is guessed', async () => {
  const w = await world({
    files: {
      'crm/customers': `record_id,refs.erp,name,state
        C1,E1,Aspen,customer
        C2,E2,Birch,customer`,
      'erp/customers': `record_id,refs.crm,name,state
        E1,C2,Alder,customer
        E2,C2,Birch,customer`,
    },
  })
  expect(lines(await w.round({ full: true }))).toEqual(
    [
      'structure customer ->- crm:C1 erp:E1 drift open',
      'structure customer ->- crm:C2 erp:E1 drift open',
      // What depends on it is undecided, and no difference is made up.
      'missing customer crm>erp crm:C1 undecided undecided',
      'missing customer erp>crm erp:E1 undecided undecided',
    ].sort(),
  )
  // Corrected at its platform: the conflict goes, and what was undecided agrees.
  w.clock.set(Date.parse('2026-11-21T12:00:00Z'))
  w.put({
    'erp/customers': `record_id,refs.crm,name,state
    E1,C1,Alder,customer
    E2,C2,Birch,customer`,
    'crm/customers': `record_id,refs.erp,name,state
        C1,E1,Alder,customer
        C2,E2,Birch,customer`,
  })
  expect(lines(await w.round())).toEqual([])
  await w.close()
}, 240_000)
