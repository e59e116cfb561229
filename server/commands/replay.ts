/** `plumbline replay`: drafts the plan that sends exceptions again, and says which are left out and why. */
import type { Command } from './command.ts'
import { text } from './command.ts'
import { ask, draftText, runningDesk, type ShownDraft } from './person.ts'

export const replay: Command = {
  usage: '[ID…] --reason TEXT [--to TARGET]',
  about: 'Drafts the replay of exceptions.',
  details: [
    'ID…                 of exceptions; left out: all that --group or --class name',
    '--group FINGERPRINT the same trouble together',
    '--class CLASS       rate_limit, timeout, missing_reference, …',
    '--to TARGET         original (default), middleware (runs the job again), or a target of remedy.targets',
    '--rate N            calls a second at most; default 5',
    'Exit 1 when nothing is left to send.',
  ],
  options: {
    reason: { type: 'string' },
    group: { type: 'string' },
    class: { type: 'string' },
    to: { type: 'string' },
    rate: { type: 'string' },
  },
  async run(globals, values, positionals) {
    const [group, kind, to, rate] = ['group', 'class', 'to', 'rate'].map((name) => text(values, name))
    const draft = await ask<ShownDraft & { matched: number; superseded: number; applied: number; too_old: number }>(
      runningDesk(globals),
      '/replays',
      {
        reason: text(values, 'reason'),
        ...(positionals.length > 0 && { ids: positionals.map(Number) }),
        ...(group && { fingerprint: group }),
        ...(kind && { class: kind }),
        ...(to && { to }),
        ...(rate && { rate: Number(rate) }),
      },
    )
    const { matched, superseded, applied, too_old } = draft
    const counts = `${matched} match: ${superseded} superseded, ${applied} outdated at their target, ${too_old} no longer kept by their source`
    globals.out(`${globals.json ? JSON.stringify(draft, null, 2) : `${counts}\n${draftText(draft)}`}\n`)
    return draft.plan ? 0 : 1
  },
}
