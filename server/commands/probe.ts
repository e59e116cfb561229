/** `plumbline probe`: the release gate of an integration: did the canary come to every platform of its route in time? */
import { PlumblineError } from '../errors.ts'
import type { Command } from './command.ts'
import { ask, runningDesk } from './person.ts'

interface Probe {
  name: string
  from: string
  outcome: 'never run' | 'under way' | 'arrived' | 'late'
  plan: number | null
  arrived: Record<string, string | null>
  began_at: string | null
}

export const probe: Command = {
  usage: '[NAME] [--start]',
  about: 'Says whether probes arrived; --start drafts the change of one.',
  details: [
    '--start   drafts the plan that changes the marked record; it is approved and applied like any other',
    'Exit 0 when every probe named has arrived, 1 otherwise: a gate for releases.',
  ],
  options: { start: { type: 'boolean' } },
  async run(globals, values, [name]) {
    const server = runningDesk(globals)
    if (values.start === true) {
      if (!name) throw new PlumblineError('config', 'Which probe?', { remedy: 'Name one of remedy.probes.' })
      const { plan } = await ask<{ plan: { number: number } | null }>(server, `/standing/probes/${name}`, {})
      globals.out(plan ? `P-${plan.number} changes the marked record; approve and apply it.\n` : 'Nothing to change.\n')
      return plan ? 0 : 1
    }
    const probes = (await ask<Probe[]>(server, '/standing/probes')).filter((p) => name === undefined || p.name === name)
    if (probes.length === 0)
      throw new PlumblineError('not_found', name ? `There is no probe ${name}.` : 'No probe is configured.', {
        remedy: 'Configure it under remedy.probes.',
      })
    if (globals.json) globals.out(`${JSON.stringify(probes, null, 2)}\n`)
    else
      for (const p of probes) {
        const places = Object.entries(p.arrived).map(([platform, at]) => `${platform} ${at ?? 'not yet'}`)
        globals.out(`${p.name}: ${p.outcome}${places.length ? ` (${places.join(', ')})` : ''}\n`)
      }
    return probes.every((p) => p.outcome === 'arrived') ? 0 : 1
  },
}
