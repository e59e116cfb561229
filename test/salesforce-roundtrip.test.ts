/** Salesforce: every field and state that the simulated platform keeps comes back through the connector as it was written. */
import { expect, it } from 'vitest'
import connector from '../connectors/salesforce/connector.ts'
import salesforce from '../lab/platforms/salesforce.ts'
import { roundTrip } from './world/round-trip.ts'

it('reads back every field and every state of every kind as it was written', async () => {
  const trips = await roundTrip(salesforce, connector as never)
  expect(new Set(trips.map((t) => t.kind))).toEqual(new Set(salesforce.kinds))
  for (const { kind, state, written, read } of trips) {
    expect(read.invalid, kind).toEqual({})
    expect(read.unmapped, kind).toEqual([])
    expect(read.values, `${kind} ${state}`).toMatchObject(written.values)
    expect(read.held, kind).toEqual(expect.arrayContaining(written.held))
    expect(read.refs, kind).toEqual({ stripe: expect.stringMatching(/^x_/) as string })
  }
})
