/** `plumbline approve`: a person says yes to exactly one plan. Takes their password: a token never approves. */
import type { Command } from './command.ts'
import { text } from './command.ts'
import { ask, planId, planText, runningDesk, signedIn, type ShownPlan } from './person.ts'

export const approve: Command = {
  usage: 'P-12 --hash HASH --as MAIL --reason TEXT',
  about: 'Approves a plan as it stands, as a person.',
  details: [
    '--hash HASH         of the plan that you looked at; plumbline plan shows it',
    '--as MAIL           your account; the password is read from standard input',
    '--irreversible N    how many of its records cannot be taken back, where there are any',
    '--return            asks its requester for a change instead: what was approved of it is void',
    '--reject            says no instead',
  ],
  options: {
    hash: { type: 'string' },
    as: { type: 'string' },
    reason: { type: 'string' },
    irreversible: { type: 'string' },
    return: { type: 'boolean' },
    reject: { type: 'boolean' },
  },
  async run(globals, values, positionals) {
    const id = planId(positionals)
    const server = runningDesk(globals)
    const cookie = await signedIn(globals, server, text(values, 'as'))
    const reason = text(values, 'reason')
    const typed = text(values, 'irreversible')
    const no = values.return === true ? 'return' : values.reject === true ? 'reject' : null
    const plan =
      no !== null
        ? await ask<ShownPlan>(server, `/plans/${id}/${no}`, { reason }, cookie)
        : await ask<ShownPlan>(
            server,
            `/plans/${id}/approve`,
            { hash: text(values, 'hash'), reason, ...(typed !== undefined && { irreversible: Number(typed) }) },
            cookie,
          )
    globals.out(`${globals.json ? JSON.stringify(plan, null, 2) : planText(plan)}\n`)
    return 0
  },
}
