/** Simulated Kafka REST proxy: consumer instances that expire, sticky positions, offsets that only a commit moves, records produced. */
import { Hono } from 'hono'
import type { Simulator } from '../platform.ts'
import { createLedger } from '../ledger.ts'
import { answer, listen, type WireEnv } from '../wire.ts'
import { plainFault } from './carried.ts'

const TOPIC = 'deliveries'
const USER = { name: 'lab', secret: 'lab-kafka-secret' }
const V2 = 'application/vnd.kafka.v2+json'
const PAGE = 10

export const kafkaRest: Simulator = {
  vendor: 'kafka-rest',
  role: 'middleware',
  kinds: [],
  holds: () => [],
  id: (_, n) => `${TOPIC}/0/${n}`,
  async start(state) {
    const app = new Hono<WireEnv>()
    let committed = 0
    let made = 0
    const instances = new Map<string, { subscribed: boolean; next: number }>()
    const ledger = createLedger(state)
    /** Offset of the last record that was produced into each topic. */
    const produced = new Map<string, number>()
    const fail = (status: number, error_code: number, message: string) => answer({ error_code, message }, status)
    const gone = () => fail(404, 40403, 'Consumer instance not found.')
    app.use('*', async (c, next) => {
      const basic = `Basic ${Buffer.from(`${USER.name}:${USER.secret}`).toString('base64')}`
      if (c.req.header('authorization') !== basic) return fail(401, 40101, 'Authentication failed')
      return next()
    })
    app.get('/topics', () => answer([TOPIC]))
    app.get('/v3/clusters/:cluster/consumer-groups/:group/lag-summary', () =>
      answer({ total_lag: Math.max(0, (state.told?.() ?? []).length - committed) }),
    )
    app.post('/consumers/:group', async (c) => {
      const body = (await c.req.json()) as Record<string, unknown>
      if (c.req.header('content-type') !== V2 || body['auto.commit.enable'] !== 'false')
        return fail(422, 42204, 'Invalid consumer configuration')
      const id = `rest-consumer-${++made}`
      instances.set(id, { subscribed: false, next: committed })
      return answer({
        instance_id: id,
        base_uri: `http://rest-proxy-1:8082/consumers/${c.req.param('group')}/instances/${id}`,
      })
    })
    app.post('/consumers/:group/instances/:id/subscription', (c) => {
      const instance = instances.get(c.req.param('id'))
      if (!instance) return gone()
      instance.subscribed = true
      return new Response(null, { status: 204 })
    })
    app.post('/consumers/:group/instances/:id/assignments', async (c) => {
      const instance = instances.get(c.req.param('id'))
      if (!instance) return gone()
      const { partitions } = (await c.req.json()) as { partitions: { topic: string; partition: number }[] }
      if (partitions.some((p) => p.topic !== TOPIC || p.partition !== 0))
        return fail(404, 40402, 'Partition not found.')
      instance.subscribed = true
      return new Response(null, { status: 204 })
    })
    app.post('/consumers/:group/instances/:id/positions', async (c) => {
      const instance = instances.get(c.req.param('id'))
      if (!instance) return gone()
      const { offsets } = (await c.req.json()) as { offsets: { offset: number }[] }
      instance.next = offsets[0]!.offset
      return new Response(null, { status: 204 })
    })
    app.post('/v3/clusters/:cluster/topics/:topic/records', async (c) => {
      const { topic } = c.req.param()
      const body = (await c.req.json()) as { key?: { data: string }; value?: { type: string; data: string | null } }
      if (body.value?.type !== 'BINARY' || typeof body.value.data !== 'string')
        return answer({ error_code: 422, message: 'value: a BINARY record takes base64' })
      const offset = (produced.get(topic) ?? -1) + 1
      produced.set(topic, offset)
      const call = {
        method: 'POST',
        path: new URL(c.req.url).pathname,
        body,
        key: body.key?.data ?? null,
        by: USER.name,
      }
      ledger.note(call, topic, `${topic}/0/${offset}`)
      return answer({ error_code: 200, cluster_id: c.req.param('cluster'), topic_name: topic, partition_id: 0, offset })
    })
    app.get('/consumers/:group/instances/:id/records', (c) => {
      const instance = instances.get(c.req.param('id'))
      if (c.env.fault?.kind === 'expired_cursor') instances.clear()
      if (!instance || c.env.fault?.kind === 'expired_cursor') return gone()
      const records = (state.told?.() ?? [])
        .map((value, offset) => ({ topic: TOPIC, partition: 0, offset, key: value.record_id, value: value as unknown }))
        .slice(instance.next, instance.next + PAGE)
      instance.next += records.length
      if (c.req.header('accept')?.includes('binary'))
        return answer(
          records.map((r) => ({ ...r, key: base64(String(r.key)), value: base64(JSON.stringify(r.value)) })),
        )
      if (c.env.fault?.kind === 'poison' && records[0]) records[0].value = { nothing: 'that we know' }
      return answer(records)
    })
    app.post('/consumers/:group/instances/:id/offsets', async (c) => {
      if (!instances.has(c.req.param('id'))) return gone()
      const { offsets } = (await c.req.json()) as { offsets: { offset: number }[] }
      for (const { offset } of offsets) committed = Math.max(committed, offset + 1)
      return new Response(null, { status: 200 })
    })
    app.delete('/consumers/:group/instances/:id', (c) =>
      instances.delete(c.req.param('id')) ? new Response(null, { status: 204 }) : gone(),
    )
    const wire = await listen(
      state,
      (request, env) => app.fetch(request, env),
      (fault) => plainFault(fault, false, (message) => ({ error_code: 50002, message })),
    )
    return {
      url: wire.url,
      platformConfig: {
        connector: 'kafka-rest',
        role: 'middleware',
        config: {
          ...{ base_url: wire.url, user: USER.name, password: USER.secret, topics: [TOPIC] },
          ...{ cluster: 'lab', redeliver: { [TOPIC]: `${TOPIC}-again` } },
        },
        allow_private_network: true,
      },
      referenceMaps: {},
      requests: wire.requests,
      mutations: ledger.mutations,
      stop: wire.stop,
    }
  },
}
export default kafkaRest

const base64 = (text: string) => Buffer.from(text).toString('base64')
