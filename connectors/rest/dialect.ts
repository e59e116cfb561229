/** What a reply of a described API means: its errors in its own words, and its call budget. */
import { headerBudget } from '../budget.ts'
import type { BudgetReading, HttpReply } from '../contract.ts'
import type { RestConfig } from './config.ts'
import { at, textOf } from './place.ts'

/** The first rule that fits; undefined: the status decides. */
export function errors(reply: HttpReply, config: RestConfig) {
  for (const rule of config.errors) {
    if (rule.status !== undefined && rule.status !== reply.status) continue
    const body = rule.at !== undefined || rule.message !== undefined ? bodyOf(reply) : undefined
    if (rule.at !== undefined) {
      const word = textOf(at(body, rule.at))
      if (word === null || (rule.equals && !rule.equals.includes(word))) continue
    } else if (rule.status === undefined) continue
    const said = rule.message === undefined ? null : textOf(at(body, rule.message))
    const word = rule.at === undefined ? null : textOf(at(body, rule.at))
    return { code: rule.means, message: [said, word].filter(Boolean).join(' ') || `status ${reply.status}` }
  }
  return undefined
}

/** A reply that is no JSON has no words of its own. */
function bodyOf(reply: HttpReply): unknown {
  try {
    return reply.json()
  } catch {
    return undefined
  }
}

export function budget(reply: HttpReply, config: RestConfig): BudgetReading | undefined {
  const names = config.budget
  if (!names) return undefined
  return headerBudget(reply, {
    ...(names.limit && { limit: names.limit }),
    ...(names.remaining && { remaining: names.remaining }),
    ...(names.used && { used: names.used }),
    ...(names.reset && { reset: names.reset, resetIs: names.reset_is }),
  })
}
