/** `plumbline plan`: drafts a plan, or lists what there is. Drafting looks at every record and changes nothing. */
import type { Command } from './command.ts'
import { text } from './command.ts'
import { ask, draftText, planText, runningDesk, type ShownDraft, type ShownPlan } from './person.ts'

export const plan: Command = {
  usage: '[I-4 | QUERY] [--reason TEXT]',
  about: 'Drafts the fix of an issue or of a query, or lists the plans.',
  details: [
    'I-4                 every open finding of the issue',
    'QUERY               issues by the search grammar, in quotes: "severity:high field:segment"',
    '--reason TEXT       why; needed to draft',
    '--undo P-12         drafts the plan that takes back what P-12 wrote',
    '--rate N            calls a second to each platform at most',
    'Exit 1 when nothing is left to do.',
  ],
  options: { reason: { type: 'string' }, undo: { type: 'string' }, rate: { type: 'string' } },
  async run(globals, values, positionals) {
    const server = runningDesk(globals)
    const [what] = positionals
    const undo = text(values, 'undo')
    const reason = text(values, 'reason')
    const show = (value: unknown, words: string) =>
      globals.out(`${globals.json ? JSON.stringify(value, null, 2) : words}\n`)
    if (what === undefined && undo === undefined) {
      const plans = await ask<ShownPlan[]>(server, '/plans')
      show(plans, plans.length ? plans.map(planText).join('\n') : 'No plans.')
      return 0
    }
    const rate = text(values, 'rate')
    const body = {
      reason,
      ...(rate !== undefined && { rate: Number(rate) }),
      ...(/^I-\d+$/i.test(what ?? '') ? { issue: what } : { query: what }),
    }
    const draft = await ask<ShownDraft>(server, undo ? `/plans/${undo}/undo` : '/plans', undo ? { reason } : body)
    show(draft, draftText(draft))
    return draft.plan ? 0 : 1
  },
}
