/** Decisions about issues, one or many, each with its undo: the value that stood before is sent back. */
import { api, asFailure, type Issue, type Wake } from './api.ts'
import { counted } from './show/numbers.ts'
import { toasts } from './toasts.svelte.ts'

/** Requests under way at once: a bulk action must not crowd out what other people do. */
const AT_ONCE = 4

export type Decision =
  | { do: 'assign'; team?: string | null; person?: string | null }
  | { do: 'snooze' | 'accept'; until: string | null; reason?: string; wake?: Wake }

function send(issue: Issue, decision: Decision): Promise<Issue> {
  if (decision.do === 'assign') {
    const { team, person } = decision
    return api.assign(issue.number, { ...(team !== undefined && { team }), ...(person !== undefined && { person }) })
  }
  const { until, reason, wake } = decision
  const said = { until, ...(reason && { reason }) }
  return decision.do === 'accept'
    ? api.accept(issue.number, said)
    : api.snooze(issue.number, { ...said, ...(wake && { wake }) })
}

function before(issue: Issue, decision: Decision): Decision {
  if (decision.do === 'assign')
    return {
      do: 'assign',
      ...(decision.person !== undefined && { person: issue.person }),
      ...(decision.team !== undefined && { team: issue.team || null }),
    }
  const until = decision.do === 'snooze' ? issue.snoozed_until : issue.accepted_until
  return { do: decision.do, until, ...(until && issue.reason && { reason: issue.reason }) }
}

function said(decision: Decision, issues: readonly Issue[]): string {
  const subject = issues.length === 1 ? issues[0]!.id : counted(issues.length, 'issue')
  if (decision.do === 'assign')
    return decision.person || decision.team
      ? `${subject} assigned to ${decision.person ?? decision.team}.`
      : `${subject} given back.`
  if (decision.until === null)
    return decision.do === 'snooze' ? `${subject} is awake again.` : `${subject} is no longer accepted.`
  return decision.do === 'snooze' ? `${subject} snoozed.` : `${subject} accepted.`
}

/** Sends a decision for every issue. Says what was done, offers to take it back, and names what failed. */
export async function decide(issues: readonly Issue[], decision: Decision, changed: () => void): Promise<void> {
  const worked: Issue[] = []
  let failed: unknown = null
  let failures = 0
  const queue = [...issues]
  const work = async () => {
    for (let issue = queue.shift(); issue; issue = queue.shift()) {
      try {
        await send(issue, decision)
        worked.push(issue)
      } catch (thrown) {
        failed ??= thrown
        failures++
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  if (worked.length) {
    const undo = async () => {
      for (const issue of worked) await send(issue, before(issue, decision))
      changed()
    }
    toasts.say(said(decision, worked), undo)
  }
  if (failures === 1) toasts.fail(failed)
  else if (failures > 1) toasts.fail(new Error(`${failures} of ${issues.length} failed: ${asFailure(failed).message}`))
  changed()
}
