/** Finding an issue by what people write: `I-42` or `42`. */
import type { Context } from '../context.ts'
import { PlumblineError } from '../errors.ts'
import type { IssueRow } from '../store/control/control.ts'
import { issueFacts, type IssueFacts } from '../store/facts/issues.ts'

/** @throws PlumblineError('not_found') for anything that is no number of an issue */
export function issueNumberOf(text: string): number {
  const number = Number(/^(?:I-)?(\d{1,15})$/i.exec(text)?.[1] ?? 'NaN')
  if (Number.isNaN(number))
    throw new PlumblineError('not_found', `"${text}" is not an issue number.`, { remedy: 'Write it like I-42.' })
  return number
}

/** The issue with what people decided about it. @throws PlumblineError('not_found') */
export async function lookUpIssue(
  ctx: Context,
  text: string,
): Promise<{ number: number; issue: IssueFacts; row: IssueRow | null }> {
  const number = issueNumberOf(text)
  const [issue] = await issueFacts(ctx.facts, [number])
  if (!issue)
    throw new PlumblineError('not_found', `There is no issue I-${number}.`, {
      remedy: 'It may belong to another data folder; look it up by its words in the list.',
    })
  return { number, issue, row: ctx.control.issue(number) }
}
