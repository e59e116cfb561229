/** Waking: a snooze may end before its time, when a value changes, its check has looked again, or more goes wrong. */
import { iso } from './clock.ts'
import type { Context } from './context.ts'
import type { IssueRow } from './store/control/control.ts'
import { issueMarks } from './store/facts/issue-marks.ts'

/** What ends a snooze, with what was so when it began. */
export type Wakes = { on: 'change'; mark: string } | { on: 'run'; since: number } | { on: 'grows'; findings: number }
export const WAKE_WORDS = ['change', 'run', 'grows'] as const

/** The condition as it is kept: against what it will be judged. */
export async function wakesOf(
  { facts, clock }: Pick<Context, 'facts' | 'clock'>,
  number: number,
  wish: { on: Wakes['on']; findings?: number | undefined },
): Promise<Wakes> {
  const now = (await issueMarks(facts, [number])).get(number)!
  if (wish.on === 'change') return { on: 'change', mark: now.mark }
  if (wish.on === 'run') return { on: 'run', since: clock.now() }
  return { on: 'grows', findings: wish.findings ?? now.open }
}

/** In words, after "until"; null: time alone. */
export function wakeWords(row: Pick<IssueRow, 'snoozeWakes'>): string | null {
  if (row.snoozeWakes === null) return null
  const wakes = JSON.parse(row.snoozeWakes) as Wakes
  if (wakes.on === 'change') return 'a value changes'
  return wakes.on === 'run' ? 'its check has looked again' : `more than ${wakes.findings} findings are open`
}

/** Wakes every snoozed issue whose condition has come. Called after the checks have looked. */
export async function wakeSnoozed(ctx: Pick<Context, 'control' | 'facts' | 'clock'>): Promise<number[]> {
  const { control, facts, clock } = ctx
  const now = clock.now()
  const waiting = control
    .workedIssues()
    .filter((i) => i.snoozeWakes !== null && i.snoozedUntil !== null && i.snoozedUntil > now)
  const marks = await issueMarks(
    facts,
    waiting.map((i) => i.number),
  )
  const woken = waiting.filter((row) => {
    const wakes = JSON.parse(row.snoozeWakes!) as Wakes
    const { mark, open } = marks.get(row.number)!
    if (wakes.on === 'change') return mark !== wakes.mark
    if (wakes.on === 'run') return (control.checkState(row.check)?.lastRunAt ?? 0) > wakes.since
    return open > wakes.findings
  })
  for (const row of woken)
    control.workIssue(
      row.number,
      { snoozedUntil: null, snoozeReason: null, snoozeWakes: null },
      {
        ...{ at: now, actor: 'plumbline', what: 'reopened' },
        detail: { of: 'snooze', because: wakeWords(row), was_until: iso(row.snoozedUntil!) },
      },
    )
  return woken.map((row) => row.number)
}
