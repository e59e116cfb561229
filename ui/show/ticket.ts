/** An issue as Markdown, to paste into a ticket: enough to decide without opening the dashboard. */
import type { Finding, IssueDetail } from '../api.ts'
import { moneyWords } from './numbers.ts'
import { slaClock } from './times.ts'
import { columnsOf } from './values.ts'
import { causeWords, plain, stateWords } from './words.ts'

const safe = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

export function ticketOf(
  { issue, check, findings }: IssueDetail,
  finding: Finding | null,
  address: string,
  now: number,
): string {
  const cash = moneyWords(issue.amounts, issue.amount_reporting, issue.reporting_currency)
  const sla = slaClock(issue, now)
  const head = [
    `**${issue.id} ${safe(issue.title)}**`,
    '',
    [
      plain(issue.severity),
      stateWords(issue),
      `${issue.findings.open} open findings`,
      cash ? `${cash.first} at risk` : 'amount unknown',
      sla?.text,
    ]
      .filter(Boolean)
      .join(' · '),
    `Likely cause: ${causeWords(issue.cause)}. Next step: ${issue.next_step}.`,
    `First seen ${issue.first_seen_at}, last checked ${issue.last_seen_at}.`,
  ]
  const shown = finding ?? findings[0]
  const table = shown
    ? [
        '',
        `| ${columnsOf(shown, false)
          .map((c) => safe(c.held.platform.title) + (c.held.stands === 'owner' ? ' ★ owner' : ''))
          .join(' | ')} |`,
        `|${shown.values.map(() => ' --- ').join('|')}|`,
        `| ${columnsOf(shown, false)
          .map((c) => (c.is === 'value' ? safe(c.text) : `(${c.text})`) + (c.role === 'deviates' ? ' ◆ differs' : ''))
          .join(' | ')} |`,
        '',
        ...shown.evidence.map((e) => `- ${safe(e.says)} (${e.strength})`),
      ]
    : []
  return [...head, ...table, ...(check?.fix ? ['', check.fix.trim()] : []), '', address].join('\n')
}
