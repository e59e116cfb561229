/** How a channel fares: failing since when, and switched off with a notice once that has lasted five days or it is gone. */
import type { Context } from '../context.ts'
import { ownMessage } from './own-message.ts'

/** Five days without one success. */
export const DISABLE_AFTER_MS = 5 * 86_400_000

export function succeeded({ control, clock }: Context, channel: string, answer: string): void {
  control.setChannelState(channel, { failingSince: null, lastSuccessAt: clock.now(), lastAnswer: answer })
}

export function failed(ctx: Context, channel: string, answer: string): void {
  const { control, clock } = ctx
  const now = clock.now()
  const state = control.channelStates().find((s) => s.channel === channel)
  const since = state?.failingSince ?? now
  control.setChannelState(channel, { failingSince: since, lastAnswer: answer })
  if (state?.disabledAt == null && now - since >= DISABLE_AFTER_MS)
    disable(ctx, channel, `it has failed for five days, last with: ${answer}`)
}

/** The receiver asked for nothing more. */
export function gone(ctx: Context, channel: string, answer: string): void {
  const state = ctx.control.channelStates().find((s) => s.channel === channel)
  if (state?.disabledAt == null) disable(ctx, channel, `the receiver wants nothing more: ${answer}`)
}

function disable(ctx: Context, channel: string, reason: string): void {
  const { control, clock, log } = ctx
  const now = clock.now()
  control.setChannelState(channel, { disabledAt: now, disabledReason: reason, failingSince: now, lastAnswer: reason })
  control.audit({ at: now, actor: 'plumbline', action: 'channel.disabled', object: channel, detail: { reason } })
  log.error('channel switched off', { channel, reason })
  control.addOutbox(
    ownMessage(ctx, {
      dedupe: `channel-off/${channel}/${now}`,
      ref: `channel/${channel}`,
      except: channel,
      said: { off: channel, reason },
    }),
  )
}

/** A person switches it on again; what died meanwhile is for them to send again. */
export function enable({ control, clock }: Pick<Context, 'control' | 'clock'>, channel: string, actor: string): void {
  control.transaction(() => {
    control.setChannelState(channel, { disabledAt: null, disabledReason: null, failingSince: null })
    control.audit({ at: clock.now(), actor, action: 'channel.enabled', object: channel })
  })
}
