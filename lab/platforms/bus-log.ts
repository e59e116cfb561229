/** The bus log on disk: an NDJSON file for every hour of delivery, and a manifest that says how far it is complete. */
import { mkdir, writeFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { BUS, type Bus } from '../company/bus.ts'
import { hash32 } from '../random.ts'
import { HOUR } from '../time.ts'

export interface BusLog {
  /** Writes what is new as of now. */
  deliver(folder: string, now: number): Promise<void>
}

/** @param unruly one event in twenty comes twice, and none in order */
export function busLog(bus: Bus, unruly: boolean): BusLog {
  let hour = -Infinity
  let from = -Infinity
  let through = -Infinity
  return {
    async deliver(folder, now) {
      const into = join(folder, BUS)
      await mkdir(into, { recursive: true })
      if (Math.floor(now / HOUR) !== hour) {
        hour = Math.floor(now / HOUR)
        from = through
      }
      through = Math.max(through, now)
      const events = [...bus.events(from, through)]
      if (unruly) {
        events.push(...events.filter((e) => hash32(e.id) % 20 === 0))
        events.sort((a, b) => hash32(`${a.id}.`) - hash32(`${b.id}.`))
      }
      const stamp = new Date(hour * HOUR).toISOString().slice(0, 13).replaceAll(/\D/g, '')
      let text = ''
      for (const event of events) text += `${JSON.stringify(event)}\n`
      await replace(join(into, `events-${stamp}.ndjson`), text || '\n')
      await replace(
        join(into, 'manifest.json'),
        `${JSON.stringify({ complete_through: new Date(through).toISOString() })}\n`,
      )
    },
  }
}

async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.part`, text)
  await rename(`${path}.part`, path)
}
