/** Reach: how remediation gets at the platforms and at the reading of collect, put together outside of both stages. */
import { actionsOf, type Action, type ActionName } from '../connectors/action.ts'
import type { Connector, ConnectorContext, Limits, Stream } from '../connectors/contract.ts'
import { createMapper, mappingFingerprint, type Mapper } from './collect/mapping.ts'
import { openPlatform } from './collect/platform.ts'
import { verify } from './collect/verify.ts'
import type { ReplayTarget } from './config/remedy-schema.ts'
import type { Context } from './context.ts'
import { createHttp, type PlatformHttp } from './http.ts'
import { ownAction } from './own-actions.ts'
import { redeliverAction, type TargetConfig } from './remedy/redeliver.ts'
import type { Reach, ReachedAction } from './remedy/reach.ts'
import { type Drain } from './ticket-actions.ts'

/** Records read again at the same time after a stage. */
const SIDE_BY_SIDE = 4

/** @param drain brings what waits on a channel now; left out: the courier comes by itself */
export function createReach(ctx: Context, drain: Drain = () => Promise.resolve()): Reach {
  const targets = new Map<string, PlatformHttp>()
  const mappers = new Map<string, Mapper>()

  function mapperOf(platform: string, stream: Stream<never>, context: ConnectorContext<never>): Mapper {
    // A reference map may have got an entry since.
    const key = `${platform} ${stream.name} ${mappingFingerprint(ctx.config, platform, stream.kind)}`
    const known = mappers.get(key) ?? createMapper(ctx.config, platform, stream, context)
    mappers.set(key, known)
    return known
  }

  function target(name: string, settings: ReplayTarget, kind: string): ReachedAction {
    const known = targets.get(name) ?? openTarget(ctx, name, settings)
    targets.set(name, known)
    const config: TargetConfig = { url: settings.url, secret: settings.secret }
    const action = redeliverAction(kind) as unknown as Action<never>
    const context = (): ConnectorContext<never> => ({
      platform: `target:${name}`,
      config: config as never,
      timezone: 'UTC',
      http: known.bind({ context, signal: ctx.signal, priority: 'write' }),
      files: {
        list: () => Promise.resolve([]),
        read: () => Promise.reject(new Error('no files')),
        stream: () => none(),
      },
      clock: ctx.clock,
      log: ctx.log,
      signal: ctx.signal,
    })
    return {
      action,
      config: config as never,
      context,
      read: () => Promise.reject(new Error('a target has no records')),
    }
  }

  return {
    action(platform, name: ActionName, kind) {
      if (platform.startsWith('target:')) {
        const settings = ctx.config.remedy.targets[platform.slice(7)]
        return settings && name === 'redeliver' ? target(platform.slice(7), settings, kind) : null
      }
      if (!ctx.config.platforms[platform]) return ownAction(ctx, platform, name, kind, drain)
      const open = openPlatform(ctx, platform)
      const action = actionsOf(open.connector, open.config).find((a) => a.name === name && a.kind === kind)
      if (!action) return null
      const context = () => open.context('write')
      return {
        action,
        config: open.config,
        context,
        async read(row) {
          const all = open.connector.discover
            ? await open.connector.discover(open.context('verify'))
            : open.connector.streams
          const stream = all.find((s) => s.name === action.stream)
          if (!stream)
            throw new Error(`${open.connector.title} reads back through ${action.stream}, which does not exist`)
          return mapperOf(platform, stream, context()).map(row)
        },
      }
    },
    refuses: (platform, name) =>
      ctx.connectors.get(ctx.config.platforms[platform]?.connector ?? '')?.cannot?.[name] ?? null,
    async record({ platform, kind, record_id }) {
      const open = openPlatform(ctx, platform)
      const streams = (await open.streams()).filter((s) => s.kind === kind && s.one)
      if (streams.length === 0) return null
      const context = open.context('verify')
      for (const stream of streams) {
        const row = await stream.one!(context, record_id)
        if (row) return { record: mapperOf(platform, stream, context).map(row) }
      }
      return { record: null }
    },
    async readAgain(subjects) {
      // What is kept by ourselves is read when it is looked at.
      const read = subjects.filter((s) => ctx.config.platforms[s.platform])
      const wanted = new Map(read.map((s) => [`${s.platform} ${s.kind} ${s.record_id}`, s]))
      const queue = [...wanted.values()]
      const worker = async () => {
        for (let next = queue.shift(); next; next = queue.shift()) await verify(ctx, next)
      }
      await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker))
    },
    replayDays: (platform) => ctx.connectors.get(ctx.config.platforms[platform]?.connector ?? '')?.replayDays ?? null,
    budget(platform) {
      if (!ctx.config.platforms[platform]) return null
      const { limit, windowMs, reserve, remaining } = openPlatform(ctx, platform).http.budget()
      return { remaining, perSecond: (limit * (1 - reserve) * 1000) / windowMs }
    },
  }
}

function openTarget(ctx: Context, name: string, settings: ReplayTarget): PlatformHttp {
  const limits: Limits = { calls: settings.calls, windowMs: 60_000, concurrency: 4, reserve: 0 }
  const connector: Pick<Connector<never>, 'base' | 'limits'> = { base: () => settings.url, limits }
  return createHttp({
    platform: `target ${name}`,
    connector,
    config: {},
    clock: ctx.clock,
    allowPrivateNetwork: settings.allow_private_network,
  })
}

async function* none(): AsyncIterable<Uint8Array> {}
