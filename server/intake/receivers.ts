/** Receivers: the configured platforms that take deliveries, with their settings. */
import type { Connector } from '../../connectors/contract.ts'
import type { Receiver } from '../../connectors/receiver.ts'
import type { PlatformConfig } from '../config/platform-schema.ts'
import type { Context } from '../context.ts'

export interface OpenReceiver {
  platform: string
  receiver: Receiver<never>
  config: never
}

/** Settings are validated when the configuration is loaded; parsing them again takes their defaults, once for each. */
const parsed = new WeakMap<PlatformConfig, unknown>()

function configOf(platform: PlatformConfig, connector: Connector<never>): never {
  const have = parsed.get(platform)
  if (have !== undefined) return have as never
  const config = connector.config.parse(platform.config) as unknown
  parsed.set(platform, config)
  return config as never
}

/** Null: there is no such platform, or it takes no deliveries. */
export function receiverOf(ctx: Pick<Context, 'config' | 'connectors'>, name: string): OpenReceiver | null {
  const platform = Object.hasOwn(ctx.config.platforms, name) ? ctx.config.platforms[name] : undefined
  const connector = platform && ctx.connectors.get(platform.connector)
  return platform && connector?.receive
    ? { platform: name, receiver: connector.receive, config: configOf(platform, connector) }
    : null
}

export function receivers(ctx: Pick<Context, 'config' | 'connectors'>): OpenReceiver[] {
  return Object.keys(ctx.config.platforms).flatMap((name) => receiverOf(ctx, name) ?? [])
}

/** The first platform that speaks this standard and owns the source. */
export function ownerOf(
  ctx: Pick<Context, 'config' | 'connectors'>,
  standard: NonNullable<Receiver['standard']>,
  source: string,
): OpenReceiver | null {
  return (
    receivers(ctx).find(
      ({ receiver, config }) => receiver.standard === standard && (receiver.owns?.(config, source) ?? true),
    ) ?? null
  )
}
