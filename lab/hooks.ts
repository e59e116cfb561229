/** Webhooks of a simulated platform: what changed is told to an address, sometimes twice, out of order, or not at all. */
import type { PlatformState, SimRecord } from './platform.ts'
import type { Random } from './random.ts'
import { createRandom } from './random.ts'

/** Shares of deliveries, 0 to 1. */
export interface HookTrouble {
  duplicate?: number
  reorder?: number
  lose?: number
  seed?: string
}

export interface HookDelivery {
  kind: string
  record: string
  headers: Record<string, string>
  body: string
}

export interface HookSender {
  /** Tells what changed since the last time. `refused`: answered with anything but 200, or not at all. */
  deliver(): Promise<{ sent: HookDelivery[]; refused: HookDelivery[] }>
}

/** @param written one version of a record as the vendor tells of it; null: it does not */
export function createHooks(
  state: PlatformState,
  kinds: readonly string[],
  url: string,
  written: (record: SimRecord, n: number) => { headers: Record<string, string>; body: string } | null,
  trouble: HookTrouble = {},
): HookSender {
  const random = createRandom(trouble.seed ?? `${state.name}/hooks`)
  const told = new Map<string, number>()
  let count = 0
  return {
    async deliver() {
      const fresh: HookDelivery[] = []
      for (const kind of kinds)
        for (const record of state.records(kind)) {
          const at = Math.max(record.changedAt, record.deletedAt ?? 0)
          if ((told.get(record.id) ?? -1) >= at) continue
          told.set(record.id, at)
          const message = written(record, ++count)
          if (message) fresh.push({ kind, record: record.id, ...message })
        }
      const due = troubled(fresh, random, trouble)
      const refused: HookDelivery[] = []
      for (const delivery of due) {
        const reply = await fetch(url, { method: 'POST', headers: delivery.headers, body: delivery.body }).catch(
          () => null,
        )
        await reply?.arrayBuffer()
        if (reply?.status !== 200) refused.push(delivery)
      }
      return { sent: due, refused }
    },
  }
}

/** Made, changed or gone: in the words of whoever tells of it. */
export function happened<Word extends string>(
  { createdAt, changedAt, deletedAt }: Pick<SimRecord, 'createdAt' | 'changedAt' | 'deletedAt'>,
  words: { made: Word; changed: Word; gone: Word },
): Word {
  if (deletedAt !== undefined) return words.gone
  return changedAt > createdAt ? words.changed : words.made
}

/** Some are lost, some come twice, some in another order. */
export function troubled(all: readonly HookDelivery[], random: Random, trouble: HookTrouble): HookDelivery[] {
  const due: HookDelivery[] = []
  for (const delivery of all) {
    if (random.next() < (trouble.lose ?? 0)) continue
    due.push(delivery)
    if (random.next() < (trouble.duplicate ?? 0)) due.push(delivery)
  }
  for (let i = due.length - 1; i > 0; i--)
    if (random.next() < (trouble.reorder ?? 0)) [due[i], due[i - 1]] = [due[i - 1]!, due[i]!]
  return due
}
