/** Acknowledgements under load: an open loop at 500 and 1,000 deliveries a second while the pump stores what came. */
import { SETTINGS, startReceiver } from './prove-intake-sender.ts'

const SECONDS = 20
/** What docs/intake.md promises: deliveries a second → p99 in milliseconds on two processors. */
const PROMISED = new Map([
  [500, 250],
  [1_000, 1_000],
])

const quantile = (sorted: readonly number[], q: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!

export async function acknowledgements(data: string, check: (good: boolean, text: string) => void): Promise<void> {
  const receiver = await startReceiver(data, SETTINGS)
  let n = 10_000_000
  for (let warm = 0; warm < 500; warm++) await receiver.send(n++)
  for (const [rate, promised] of PROMISED) {
    const { took, refused } = await pace(rate, () => receiver.send(n++))
    took.sort((a, b) => a - b)
    const p99 = quantile(took, 0.99)
    const { syncs, synced } = await receiver.state()
    check(
      p99 < promised && refused === 0,
      `${rate}/s for ${SECONDS} s: ${took.length} acknowledged, ${refused} refused, p50 ${quantile(took, 0.5).toFixed(1)} ms, ` +
        `p99 ${p99.toFixed(1)} ms (promised ${promised}), max ${took.at(-1)!.toFixed(0)} ms; ${(synced / syncs).toFixed(1)} deliveries a sync`,
    )
    for (let waits = 0; waits < 300 && (await receiver.state()).depth > 0; waits++)
      await new Promise((r) => setTimeout(r, 200))
  }
  await receiver.stop()
}

/** Sends at a fixed pace, however long the answers take; a delivery's time counts from when it was due. */
async function pace(rate: number, send: () => Promise<number>): Promise<{ took: number[]; refused: number }> {
  const took: number[] = []
  let refused = 0
  const open: Promise<void>[] = []
  const began = performance.now()
  for (let sent = 0; sent < rate * SECONDS;) {
    const due = Math.min(rate * SECONDS, Math.floor(((performance.now() - began) / 1000) * rate))
    for (; sent < due; sent++) {
      const at = began + (sent / rate) * 1000
      open.push(
        send().then(
          (status) => void (status === 200 ? took.push(performance.now() - at) : refused++),
          () => void refused++,
        ),
      )
    }
    await new Promise((r) => setTimeout(r, 1))
  }
  await Promise.all(open)
  return { took, refused }
}
