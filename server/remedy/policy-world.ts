/** The policy as it is configured now, with what it needs to know of the company. */
import { approvalRules, SHIPPED_APPROVALS, type ApprovalRule } from '../config/remedy-schema.ts'
import { iso } from '../clock.ts'
import type { Context } from '../context.ts'
import type { PolicyWorld } from './policy.ts'

let shipped: ApprovalRule[] | null = null

export function policyWorld(
  { config, landscape, clock }: Pick<Context, 'config' | 'landscape' | 'clock'>,
  automation: string | null,
): PolicyWorld {
  const { remedy, platforms } = config
  const today = iso(clock.now()).slice(0, 10)
  return {
    rules: remedy.approvals ?? (shipped ??= approvalRules.parse(SHIPPED_APPROVALS)),
    environment: remedy.environment,
    automation,
    groups: new Set(Object.keys(remedy.groups)),
    roleOf: (platform) => platforms[platform]?.role ?? null,
    worth: (amount, currency) =>
      currency === null
        ? null
        : currency === landscape.reportingCurrency
          ? amount
          : landscape.convert(amount, currency, today),
  }
}
