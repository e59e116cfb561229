/** Running again what failed: every middleware with a call for it against its simulated platform, judged by what that was made to do. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { actionsOf, type ActionRequest } from '../connectors/action.ts'
import boomi from '../connectors/boomi/connector.ts'
import type { Connector, RawRow } from '../connectors/contract.ts'
import kafkaRest from '../connectors/kafka-rest/connector.ts'
import workato from '../connectors/workato/connector.ts'
import boomiPlatform from '../lab/platforms/boomi.ts'
import kafkaPlatform from '../lab/platforms/kafka-rest.ts'
import workatoPlatform from '../lab/platforms/workato.ts'
import type { RecordedEvent } from '../model/event.ts'
import { simulated, type Simulated } from './world/simulated.ts'

const PLATFORMS = [
  ['boomi', boomi as unknown as Connector<never>, boomiPlatform],
  ['kafka-rest', kafkaRest as unknown as Connector<never>, kafkaPlatform],
  ['workato', workato as unknown as Connector<never>, workatoPlatform],
] as const

const told = (n: number, type: RecordedEvent['type'], seconds: number): RecordedEvent => ({
  ...{
    id: `chg-${n}/${type}`,
    at: new Date(Date.parse('2026-11-20T11:00:00Z') + n * 60_000 + seconds * 1_000).toISOString(),
  },
  ...{ type, reported_by: 'middleware', from_platform: null, to_platform: 'erp', kind: 'customer', record_id: `N${n}` },
  ...{ number: null, correlation_id: `chg-${n}`, trace_id: null, actor: null, release: null, detail: {} },
  message: type === 'rejected' ? 'record is locked' : null,
})

describe.each(PLATFORMS)('%s', (_name, connector, platform) => {
  let s: Simulated
  let rejected: Record<string, unknown>[]

  const request = (recordId: string): ActionRequest => ({
    ...{ action: 'redeliver', kind: 'customer', recordId, fields: {}, references: {}, refs: {}, key: 'plan-1' },
  })
  const rows = async (): Promise<Record<string, unknown>[]> =>
    (await s.events())
      .flatMap((p) => p.rows)
      .flatMap((r: RawRow) => (r.value ? [r.value as Record<string, unknown>] : []))
  const action = () => actionsOf(connector, s.context().config).find((a) => a.kind === 'customer')!

  beforeAll(async () => {
    s = await simulated(platform, connector)
    for (const n of [1, 2]) s.told.push(told(n, 'sent', 0), told(n, n === 1 ? 'rejected' : 'acknowledged', 5))
    rejected = (await rows()).filter((r) => r['type'] === 'rejected')
  })
  afterAll(() => s.stop())

  it('says of what failed by what it can be run again', () => {
    expect(rejected).toHaveLength(1)
    expect(rejected[0]).toMatchObject({ record_id: 'N1', detail: { rerun: expect.any(String) as string } })
  })

  it('runs exactly that again, once, by the call that the plan showed', async () => {
    const { rerun } = rejected[0]!['detail'] as { rerun: string }
    const standing = await action().look(s.context(), request(rerun))
    const planned = action().calls(s.context().config, request(rerun), standing)
    expect(s.running.mutations!()).toEqual([])
    expect(await action().perform(s.context(), request(rerun), standing)).toEqual({ status: 'done', recordId: rerun })
    const done = s.running.mutations!()
    expect(done.map(({ method, path, body }) => ({ method, path, body }))).toEqual(planned)
  })

  it('refuses what is not there, and a name that is none, before anything is run', async () => {
    const { rerun } = rejected[0]!['detail'] as { rerun: string }
    const gone = request(rerun.replace(/[^/]+$/, (last) => (/^\d+$/.test(last) ? '999999' : `${last}x`)))
    const standing = await action().look(s.context(), gone)
    const before = s.running.mutations!().length
    const refused = await action()
      .perform(s.context(), gone, standing)
      .catch((thrown: Error) => ({ status: 'refused', reason: thrown.message }))
    expect(refused).toMatchObject({ status: 'refused' })
    expect(() => action().calls(s.context().config, request(''), { row: null, mark: null })).toThrow()
    expect(s.running.mutations!()).toHaveLength(before)
  })
})

describe('what came of it', () => {
  it('is told by Boomi as a retry of the same change, which closes the exception', async () => {
    const connector = boomi as unknown as Connector<never>
    const s = await simulated(boomiPlatform, connector)
    s.told.push(told(1, 'sent', 0), told(1, 'rejected', 5))
    const of = async () =>
      (await s.events())
        .flatMap((p) => p.rows)
        .map((r) => r.value as { type: string; correlation_id: string; detail: { rerun: string } })
    const failed = (await of()).find((r) => r.type === 'rejected')!
    const [run] = actionsOf(connector, s.context().config).filter((a) => a.kind === 'customer')
    const again: ActionRequest = {
      ...{ action: 'redeliver', kind: 'customer', recordId: failed.detail.rerun, fields: {}, references: {}, refs: {} },
      key: 'plan-2',
    }
    await run!.perform(s.context(), again, { row: null, mark: null })
    s.set(s.now() + 60_000)
    const retried = (await of()).filter((r) => r.type === 'acknowledged')
    expect(retried).toMatchObject([
      { correlation_id: failed.correlation_id, detail: { repeats: expect.any(String) as string } },
    ])
    await s.stop()
  })

  it('stands in Kafka as the same bytes under the same key, with where they stood', async () => {
    const connector = kafkaRest as unknown as Connector<never>
    const s = await simulated(kafkaPlatform, connector)
    s.told.push(told(1, 'sent', 0), told(1, 'rejected', 5))
    const [put] = actionsOf(connector, s.context().config).filter((a) => a.kind === 'customer')
    const again: ActionRequest = {
      ...{
        action: 'redeliver',
        kind: 'customer',
        recordId: 'deliveries/0/1',
        fields: {},
        references: {},
        refs: {},
        key: 'k',
      },
    }
    await put!.perform(s.context(), again, await put!.look(s.context(), again))
    const [made] = s.running.mutations!()
    const body = made!.body as { value: { data: string }; headers: { name: string; value: string }[] }
    expect(JSON.parse(Buffer.from(body.value.data, 'base64').toString())).toEqual(told(1, 'rejected', 5))
    expect(Buffer.from(made!.key!, 'base64').toString()).toBe('N1')
    expect(body.headers.map((h) => [h.name, Buffer.from(h.value, 'base64').toString()])).toEqual([
      ['plumbline-redelivered-from', 'deliveries/0/1'],
      ['plumbline-key', 'k'],
    ])
    expect(made!.record).toBe('deliveries-again/0/0')
    await s.stop()
  })
})
