/** `plumbline apply`: sets an approved plan going, or going again, as a person. */
import type { Command } from './command.ts'
import { text } from './command.ts'
import { ask, planId, planText, runningDesk, signedIn, type ShownPlan } from './person.ts'

export const apply: Command = {
  usage: 'P-12 --as MAIL --reason TEXT',
  about: 'Applies an approved plan, or continues one that stopped.',
  details: [
    '--as MAIL     your account; the password is read from standard input',
    '--pause       pauses it instead, after the records under way',
    '--cancel      cancels it instead; what was written stays',
    'It goes on inside the running product; plumbline plan shows how far it is.',
  ],
  options: {
    as: { type: 'string' },
    reason: { type: 'string' },
    pause: { type: 'boolean' },
    cancel: { type: 'boolean' },
  },
  async run(globals, values, positionals) {
    const id = planId(positionals)
    const server = runningDesk(globals)
    const reason = text(values, 'reason')
    const what = values.pause === true ? 'pause' : values.cancel === true ? 'cancel' : 'apply'
    // Stopping takes no proof: it must never wait for one.
    const cookie = what === 'apply' ? await signedIn(globals, server, text(values, 'as')) : undefined
    const plan = await ask<ShownPlan>(server, `/plans/${id}/${what}`, { reason }, cookie)
    globals.out(`${globals.json ? JSON.stringify(plan, null, 2) : planText(plan)}\n`)
    return 0
  },
}
