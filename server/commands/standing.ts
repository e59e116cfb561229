/** `plumbline standing`: what mends by itself, within which limits, and what it did. */
import { PlumblineError } from '../errors.ts'
import { text, type Command } from './command.ts'
import { ask, runningDesk } from './person.ts'

interface Automation {
  name: string
  mode: 'shadow' | 'on'
  why_safe: string
  per_hour: number
  money_per_hour: string
  used: { items: number; money: string | null }
  stopped: string | null
  did: {
    at: string
    plan: number | null
    items: number
    says: string
    state: string | null
    verified: number
    failed: number
  }[]
}
interface Rate {
  check: string
  action: string
  held: number
  failed: number
  waiting: number
  first_fix_rate: number | null
}

export const standing: Command = {
  usage: '[NAME] [--start --reason TEXT] [--rates]',
  about: 'Lists standing remediations with what they did, or how often fixes held.',
  details: [
    '--start    starts one again that has stopped; an approver does that',
    '--rates    first-fix rate of every check and action or runbook step',
    'Exit 1 when one has stopped.',
  ],
  options: { start: { type: 'boolean' }, reason: { type: 'string' }, rates: { type: 'boolean' } },
  async run(globals, values, [name]) {
    const server = runningDesk(globals)
    const show = (value: unknown, words: string) =>
      globals.out(globals.json ? `${JSON.stringify(value, null, 2)}\n` : words)
    if (values.rates === true) {
      const rates = await ask<Rate[]>(server, '/runbooks/rates')
      show(rates, rates.length ? rates.map(rateLine).join('') : 'No fix has been seen to its end yet.\n')
      return 0
    }
    if (values.start === true) {
      if (!name) throw new PlumblineError('config', 'Which one?', { remedy: 'Name one of remedy.automations.' })
      await ask(server, `/standing/automations/${name}/start`, { reason: text(values, 'reason') })
    }
    const all = await ask<Automation[]>(server, '/standing/automations')
    const named = all.filter((a) => name === undefined || a.name === name)
    show(named, named.length ? named.map(block).join('') : 'None is configured; see remedy.automations.\n')
    return named.some((a) => a.stopped !== null) ? 1 : 0
  },
}

function block({ name, mode, why_safe, per_hour, money_per_hour, used, stopped, did }: Automation): string {
  const money = Number(money_per_hour) === 0 ? '' : `, ${used.money ?? 'unknown'} of ${money_per_hour} at stake`
  return [
    `${name} (${mode}): ${used.items} of ${per_hour} writes this hour${money}`,
    `  safe because: ${why_safe}`,
    ...(stopped === null ? [] : [`  stopped: ${stopped}`]),
    ...did.slice(0, 10).map(({ at, plan, says, state, verified, failed }) => {
      const came = plan === null ? '' : ` P-${plan} ${state}: ${verified} verified, ${failed} failed`
      return `  ${at} ${says}${came}`
    }),
    '',
  ].join('\n')
}

function rateLine({ check, action, held, failed, waiting, first_fix_rate: rate }: Rate): string {
  const share = rate === null ? 'not known yet' : `${Math.round(rate * 100)} %`
  return `${check}  ${action}: ${share} (${held} held, ${failed} did not, ${waiting} wait for a look)\n`
}
