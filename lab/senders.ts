/** Senders: platforms that are never asked. They post what the middleware recorded, and again what was not taken. */
import type { RecordedEvent } from '../model/event.ts'
import type { HookDelivery, HookSender, HookTrouble } from './hooks.ts'
import { troubled } from './hooks.ts'
import type { PlatformState, Simulator } from './platform.ts'
import { createRandom } from './random.ts'

export interface SenderDialect {
  vendor: string
  title: string
  /** The settings of the platform entry that hears it. */
  config: Record<string, unknown>
  /** Deliveries for events that nobody was told of yet; what is left over waits for more of the same change. */
  written(told: readonly RecordedEvent[], state: PlatformState): HookDelivery[]
  /** Asks whether it may deliver there; left out: it does not ask. */
  asks?(url: string): Promise<boolean>
}

export const senderOf = (dialect: SenderDialect): Simulator => ({
  vendor: dialect.vendor,
  role: 'middleware',
  kinds: [],
  holds: () => [],
  id: (kind, n) => `${kind}/${n}`,
  start: (state) =>
    Promise.resolve({
      url: '',
      platformConfig: {
        connector: dialect.vendor,
        role: 'middleware',
        title: dialect.title,
        config: dialect.config,
        allow_private_network: true,
      },
      referenceMaps: {},
      requests: () => 0,
      hooks: (url, trouble) => createSender(dialect, state, url, trouble),
      stop: async () => {},
    }),
})

function createSender(
  dialect: SenderDialect,
  state: PlatformState,
  url: string,
  trouble: HookTrouble = {},
): HookSender {
  const random = createRandom(trouble.seed ?? `${state.name}/sender`)
  let waiting: HookDelivery[] = []
  let seen = 0
  let allowed: boolean | null = null
  return {
    async deliver() {
      const told = state.told?.() ?? []
      const fresh = dialect.written(told.slice(seen), state)
      seen = told.length
      const due = troubled([...waiting, ...fresh], random, trouble)
      allowed ??= (await dialect.asks?.(url)) ?? true
      const refused = allowed ? await post(url, due) : due
      waiting = [...new Map(refused.map((delivery) => [delivery.body, delivery])).values()]
      return { sent: due, refused }
    },
  }
}

/** One after the other; what is answered with anything but success stays with the sender. */
async function post(url: string, due: readonly HookDelivery[]): Promise<HookDelivery[]> {
  const refused: HookDelivery[] = []
  for (const delivery of due) {
    const { headers, body } = delivery
    const reply = await fetch(url, { method: 'POST', headers, body }).catch(() => null)
    await reply?.arrayBuffer()
    if (!reply?.ok) refused.push(delivery)
  }
  return refused
}
