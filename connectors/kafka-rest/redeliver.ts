/**
 * Putting a message again: Kafka keeps what was written, and nothing runs by itself. The record is read at its offset as the
 * bytes it is, and produced into the topic that is configured for it, mostly from a queue of dead letters back to where it came
 * from. Its key stays, so that it keeps its partition; headers name where it stood.
 */
import type { Action, ActionRequest, PlannedCall, Standing } from '../action.ts'
import { KINDS } from '../../model/kinds.ts'
import type { ConnectorContext, HttpReply } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import { cannot } from '../mark.ts'

interface Redelivering {
  group: string
  cluster?: string | undefined
  redeliver: Record<string, string>
}

interface Place {
  topic: string
  partition: number
  offset: number
}

const V2 = 'application/vnd.kafka.v2+json'
const BINARY = 'application/vnd.kafka.binary.v2+json'
/** Polls for one record: the first after an assignment may come back empty. */
const POLLS = 4

/** `topic/partition/offset`; topics hold no slash. */
function placeOf(recordId: string | null): Place {
  const [, topic, partition, offset] = /^([\w.-]+)\/(\d+)\/(\d+)$/.exec(recordId ?? '') ?? []
  if (topic === undefined) throw cannot('A message of Kafka is named as topic/partition/offset.')
  return { topic, partition: Number(partition), offset: Number(offset) }
}

type Json = Record<string, unknown>
const object = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {})

/** The record at the offset, key and value as base64; null where the topic keeps it no longer. */
async function recordAt(ctx: ConnectorContext<Redelivering>, { topic, partition, offset }: Place) {
  const post = (url: string, json: unknown) =>
    ctx.http.request({ method: 'POST', url, json, headers: { 'content-type': V2, accept: V2 } })
  // A group of its own: the offsets of the group that reads stay where they are.
  const group = `/consumers/${encodeURIComponent(`${ctx.config.group}-redeliver`)}`
  const made = object((await post(group, { format: 'binary', 'auto.commit.enable': 'false' })).json())
  if (typeof made['instance_id'] !== 'string')
    throw new ConnectorError('schema', 'The REST proxy made a consumer without an instance id.')
  const instance = `${group}/instances/${encodeURIComponent(made['instance_id'])}`
  try {
    await post(`${instance}/assignments`, { partitions: [{ topic, partition }] })
    await post(`${instance}/positions`, { offsets: [{ topic, partition, offset }] })
    for (let poll = 0; poll < POLLS; poll++) {
      const reply = await ctx.http.request({
        url: `${instance}/records`,
        query: { timeout: 1_000 },
        headers: { accept: BINARY },
      })
      const records: unknown = reply.json()
      const [first] = Array.isArray(records) ? records.map(object) : []
      if (!first) continue
      // Where the offset is gone, the proxy goes on with the oldest that is left.
      return Number(first['offset']) === offset ? { key: first['key'], value: first['value'] } : null
    }
    return null
  } finally {
    await ctx.http.request({ method: 'DELETE', url: instance, headers: { accept: V2 }, accept: [404] }).catch(() => {})
  }
}

function callOf({ cluster, redeliver }: Redelivering, request: ActionRequest, { known }: Standing): PlannedCall {
  const place = placeOf(request.recordId)
  const into = redeliver[place.topic]
  if (into === undefined)
    throw cannot(`Messages of ${place.topic} are put nowhere again.`, 'Name the topic under redeliver.')
  if (cluster === undefined) throw cannot('Kafka is not told which cluster to write to.', 'Set cluster.')
  if (known?.['gone']) throw cannot(`${place.topic} keeps the message at ${request.recordId} no longer.`)
  const header = (name: string, value: string) => ({ name, value: Buffer.from(value).toString('base64') })
  return {
    method: 'POST',
    path: `/v3/clusters/${encodeURIComponent(cluster)}/topics/${encodeURIComponent(into)}/records`,
    body: {
      ...(known?.['key'] && { key: { type: 'BINARY', data: known['key'] } }),
      // Of a plan too large to look at every message, this is read when it is applied.
      value: { type: 'BINARY', data: known?.['value'] ?? null },
      headers: [header('plumbline-redelivered-from', request.recordId!), header('plumbline-key', request.key)],
    },
  }
}

/** One for every kind: what a message carries only the rules know. */
export function redeliverActions<Config extends Redelivering>({ redeliver }: Config): Action<Config>[] {
  if (Object.keys(redeliver).length === 0) return []
  return KINDS.map(({ name }) => ({
    name: 'redeliver',
    kind: name,
    stream: '',
    fields: [],
    guard: 'compare',
    // The proxy takes no key of ours: a lost answer is left to a person, who finds our headers in the topic.
    idempotency: 'journal',
    needs: ['WRITE on the topics under redeliver', 'READ on the group with -redeliver at its end'],
    undo: null,
    calls: (config, request, standing) => [callOf(config, request, standing)],
    async look(ctx, { recordId }): Promise<Standing> {
      const found = await recordAt(ctx, placeOf(recordId))
      if (!found || typeof found.value !== 'string') return { row: null, mark: null, known: { gone: 'yes' } }
      const known: Record<string, string> = { value: found.value }
      if (typeof found.key === 'string') known['key'] = found.key
      return { row: null, mark: null, known }
    },
    async perform(ctx, request, standing) {
      const { path: url, body } = callOf(ctx.config, request, standing)
      const reply = await ctx.http.request({
        method: 'POST',
        url,
        json: body,
        once: true,
        accept: [400, 404, 413, 422],
      })
      const refusal = refusalOf(reply)
      return refusal === null
        ? { status: 'done', recordId: request.recordId! }
        : { status: 'refused', reason: `Kafka refused it: ${refusal}` }
    },
  }))
}

/** Each record has an error code of its own inside of a reply of 200. */
function refusalOf(reply: HttpReply): string | null {
  const said = object(reply.json())
  const code = Number(said['error_code'])
  if (reply.status < 400 && code === 200) return null
  const message = typeof said['message'] === 'string' ? said['message'].slice(0, 300) : `code ${code}`
  // 50003 and its like: the broker may have it or not.
  if (code >= 50_000) throw new ConnectorError('upstream', message)
  return message
}
