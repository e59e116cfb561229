/**
 * A platform, opened: its connector with validated settings and everything the connector may use. What must outlive a
 * run (call budget, tokens, connections, seen payloads) is kept per control store and platform.
 */
import type { Connector, ConnectorContext, Stream } from '../../connectors/contract.ts'
import { durationMs } from '../config/duration.ts'
import type { PlatformConfig } from '../config/platform-schema.ts'
import type { Context } from '../context.ts'
import { PlumblineError } from '../errors.ts'
import type { Priority } from '../http/budget.ts'
import { createHttp } from '../http.ts'
import type { HttpOptions, PlatformHttp } from '../http.ts'
import type { ControlStore } from '../store/control/control.ts'
import { connectorFiles } from './files.ts'
import type { Payloads } from './payloads.ts'
import { createPayloads } from './payloads.ts'

export interface OpenPlatform {
  name: string
  platform: PlatformConfig
  connector: Connector<never>
  /** Validated by the connector's schema. */
  config: never
  /** Budget state and call log, for diagnostics. */
  http: PlatformHttp
  /** What the connector receives for one run. */
  context(priority: Priority): ConnectorContext<never>
  /** The streams that the configuration asks for. @throws PlumblineError `config` if it names one that does not exist */
  streams(): Promise<readonly Stream<never>[]>
  payloads(stream: string): Payloads
}

interface Kept {
  platform: PlatformConfig
  config: unknown
  http: PlatformHttp
  payloads: Map<string, Payloads>
}

const kept = new WeakMap<ControlStore, Map<string, Kept>>()

/** @throws PlumblineError `config` if the platform, its connector or its settings are wrong */
export function openPlatform(ctx: Context, name: string): OpenPlatform {
  const platform = ctx.config.platforms[name]
  if (!platform)
    throw new PlumblineError('config', `There is no platform ${name}.`, {
      path: `platforms.${name}`,
      remedy: `Configured: ${Object.keys(ctx.config.platforms).join(', ')}.`,
    })
  const connector = ctx.connectors.get(platform.connector)
  if (!connector)
    throw new PlumblineError(
      'config',
      `The platform ${name} names the connector ${platform.connector}, which does not exist.`,
      { path: `platforms.${name}.connector`, remedy: `There are: ${[...ctx.connectors.keys()].join(', ')}.` },
    )
  const { http, config, payloads } = keep(ctx, name, platform, connector)
  const files = connectorFiles(config)
  const log = ctx.log.with({ platform: name })

  const open: OpenPlatform = {
    name,
    platform,
    connector,
    config: config as never,
    http,
    context(priority) {
      const context: ConnectorContext<never> = {
        platform: name,
        config: config as never,
        timezone: platform.timezone,
        http: http.bind({ context: () => context, signal: ctx.signal, priority }),
        line: http.line({ signal: ctx.signal, priority }),
        files,
        clock: ctx.clock,
        log,
        signal: ctx.signal,
      }
      return context
    },
    async streams() {
      const all = connector.discover ? await connector.discover(open.context('read')) : connector.streams
      const wanted = platform.streams
      const unknown = wanted?.find((stream) => !all.some((s) => s.name === stream))
      if (unknown !== undefined)
        throw new PlumblineError('config', `The platform ${name} has no stream ${unknown}.`, {
          path: `platforms.${name}.streams`,
          remedy: `There are: ${all.map((s) => s.name).join(', ')}.`,
        })
      return wanted ? all.filter((s) => wanted.includes(s.name)) : all
    },
    payloads(stream) {
      const found = payloads.get(stream) ?? createPayloads()
      payloads.set(stream, found)
      return found
    },
  }
  return open
}

/** Connections of all platforms are closed; the next run opens new ones. */
export function closePlatforms(control: ControlStore): void {
  for (const { http } of kept.get(control)?.values() ?? []) http.close()
  kept.delete(control)
}

function keep(ctx: Context, name: string, platform: PlatformConfig, connector: Connector<never>): Kept {
  const platforms = kept.get(ctx.control) ?? new Map<string, Kept>()
  kept.set(ctx.control, platforms)
  const have = platforms.get(name)
  // A configuration that was loaded anew is another object: tokens and payload marks of the old one mean nothing.
  if (have?.platform === platform) return have
  have?.http.close()
  const parsed = connector.config.safeParse(platform.config)
  if (!parsed.success) {
    const wrong = parsed.error.issues
      .map((i) => `${['platforms', name, 'config', ...i.path].join('.')}: ${i.message}`)
      .join('; ')
    throw new PlumblineError('config', `The settings of ${name} are not right: ${wrong}.`, {
      path: `platforms.${name}.config`,
      remedy: `See connectors/${platform.connector}/README.md.`,
    })
  }
  const options: HttpOptions = {
    platform: name,
    connector,
    config: parsed.data,
    clock: ctx.clock,
    allowPrivateNetwork: platform.allow_private_network,
    ...(platform.budget && {
      share: {
        calls: platform.budget.calls,
        windowMs: durationMs(platform.budget.per)!,
        reserve: platform.budget.reserve,
      },
    }),
  }
  const made: Kept = { platform, config: parsed.data, http: createHttp(options), payloads: new Map() }
  platforms.set(name, made)
  return made
}
