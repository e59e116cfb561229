/** `plumbline apply`: sets an approved plan going, or going again, as a person. */
import type { Command } from './command.ts'
import { text } from './command.ts'
import { ask, planId, planText, runningDesk, signedIn, type ShownPlan } from './person.ts'

export const apply: Command = {
  usage: 'P-12 --as MAIL --reason TEXT [--window NAME | --from TIME --until TIME]',
  about: 'Applies an approved plan, now or in a window, or continues one that stopped.',
  details: [
    '--as MAIL     your account; the password is read from standard input',
    '--window NAME it applies itself when that window of remedy.windows opens next, and pauses when it closes',
    '--from TIME   the same with hours of your own, like 2026-12-05T22:00:00+01:00, together with --until TIME',
    '--disarm      takes it out of its window; it stays approved',
    '--leave MAIL  leaves what is pending of a plan that stopped or came partly true to that person',
    '--pause       pauses it instead, after the records under way',
    '--cancel      cancels it instead; what was written stays',
    'It goes on inside the running product; plumbline plan shows how far it is.',
  ],
  options: {
    as: { type: 'string' },
    reason: { type: 'string' },
    window: { type: 'string' },
    from: { type: 'string' },
    until: { type: 'string' },
    disarm: { type: 'boolean' },
    leave: { type: 'string' },
    pause: { type: 'boolean' },
    cancel: { type: 'boolean' },
  },
  async run(globals, values, positionals) {
    const id = planId(positionals)
    const server = runningDesk(globals)
    const reason = text(values, 'reason')
    const [window, from, until] = ['window', 'from', 'until'].map((name) => text(values, name))
    const hours = window !== undefined ? { window } : from !== undefined || until !== undefined ? { from, until } : null
    const person = text(values, 'leave')
    const stop = (['disarm', 'pause', 'cancel'] as const).find((name) => values[name] === true)
    const rest = person === undefined ? stop : 'leave'
    const what = rest ?? (hours ? 'arm' : 'apply')
    // Stopping takes no proof: it must never wait for one.
    const cookie = rest ? undefined : await signedIn(globals, server, text(values, 'as'))
    const body = { reason, ...(what === 'arm' && hours), ...(person !== undefined && { person }) }
    const plan = await ask<ShownPlan>(server, `/plans/${id}/${what}`, body, cookie)
    globals.out(`${globals.json ? JSON.stringify(plan, null, 2) : planText(plan)}\n`)
    return 0
  },
}
