/** `plumbline probe`: the release gate of an integration: did the canary come to every platform of its route in time? */
import { durationMs } from '../config/duration.ts'
import { PlumblineError } from '../errors.ts'
import { text, type Command } from './command.ts'
import { ask, runningDesk } from './person.ts'

interface Probe {
  name: string
  from: string
  outcome: 'never run' | 'under way' | 'arrived' | 'late'
  plan: number | null
  arrived: Record<string, string | null>
  began_at: string | null
  due_at: string | null
  usual_ms: Record<string, number | null>
}

/** Between two looks at a probe that is waited for. */
const LOOK_MS = 2_000

export const probe: Command = {
  usage: '[NAME] [--start] [--wait DURATION]',
  about: 'Says whether probes arrived; --start --wait is the gate of a release.',
  details: [
    '--start          changes or makes the canary: at once where the policy names the probe, else by a plan that waits',
    '--wait DURATION  waits so long (30m) for the probe under way to arrive',
    'Exit 0 when every probe named has arrived, 1 otherwise.',
  ],
  options: { start: { type: 'boolean' }, wait: { type: 'string' } },
  async run(globals, values, [name]) {
    const server = runningDesk(globals)
    if (values.start === true) {
      if (!name) throw new PlumblineError('config', 'Which probe?', { remedy: 'Name one of remedy.probes.' })
      const { plan } = await ask<{ plan: { number: number; state: string } | null }>(
        server,
        `/standing/probes/${name}`,
        {},
      )
      if (!plan) return (globals.out('Nothing to change.\n'), 1)
      const waits = plan.state === 'waiting' ? '; it waits for approval' : ''
      globals.err(`P-${plan.number} changes the canary${waits}.\n`)
    }
    const wait = text(values, 'wait')
    const until = Date.now() + (wait === undefined ? 0 : waited(wait))
    let probes = await look()
    while (probes.some((p) => p.outcome === 'under way') && Date.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(LOOK_MS, Math.max(1, until - Date.now()))))
      probes = await look()
    }
    globals.out(globals.json ? `${JSON.stringify(probes, null, 2)}\n` : probes.map(line).join(''))
    return probes.every((p) => p.outcome === 'arrived') ? 0 : 1

    async function look(): Promise<Probe[]> {
      const all = await ask<Probe[]>(server, '/standing/probes')
      const named = all.filter((p) => name === undefined || p.name === name)
      if (named.length > 0) return named
      throw new PlumblineError('not_found', name ? `There is no probe ${name}.` : 'No probe is configured.', {
        remedy: 'Configure it under remedy.probes.',
      })
    }
  },
}

function waited(given: string): number {
  const ms = durationMs(given)
  if (ms !== null) return ms
  throw new PlumblineError('config', `"${given}" is no duration.`, { remedy: 'Write it like 30m.' })
}

function line({ name, outcome, arrived, began_at }: Probe): string {
  const places = Object.entries(arrived).map(([platform, at]) => {
    const seconds = at === null || began_at === null ? null : Math.round((Date.parse(at) - Date.parse(began_at)) / 1000)
    return `${platform} ${seconds === null ? 'not yet' : `after ${seconds} s`}`
  })
  return `${name}: ${outcome}${places.length ? ` (${places.join(', ')})` : ''}\n`
}
