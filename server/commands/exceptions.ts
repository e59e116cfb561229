/** `plumbline exceptions`: what did not go through, by trouble. */
import type { Command } from './command.ts'
import { ask, runningDesk } from './person.ts'

interface Groups {
  groups: {
    fingerprint: string
    class: string
    business: boolean
    platform: string | null
    target: string | null
    waiting: number
    retrying: number
    first_at: string
    next_at: string | null
    replay_until: string | null
    reason: string
  }[]
  counts: { state: string; n: number }[]
}

export const exceptions: Command = {
  usage: '',
  about: 'Lists what did not go through, the same trouble together.',
  details: ['Exit 1 when anything waits.'],
  options: {},
  async run(globals) {
    const found = await ask<Groups>(runningDesk(globals), '/exceptions/groups')
    if (globals.json) globals.out(`${JSON.stringify(found, null, 2)}\n`)
    else {
      const closed = found.counts.filter((c) => c.state === 'resolved').reduce((n, c) => n + c.n, 0)
      globals.out(`${found.groups.reduce((n, g) => n + g.waiting, 0)} waiting; ${closed} closed.\n`)
      for (const g of found.groups)
        globals.out(
          `${g.fingerprint}  ${g.waiting} ${g.class} (${g.business ? 'business' : 'technical'}) ${g.platform ?? '?'} → ${g.target ?? '?'} since ${g.first_at}` +
            `${g.next_at ? `, again at ${g.next_at}` : ''}${g.replay_until ? `, can be replayed until ${g.replay_until}` : ''}\n    ${g.reason}\n`,
        )
    }
    return found.groups.length > 0 ? 1 : 0
  },
}
