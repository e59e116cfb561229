/** All flows of model/flows/, in the order of a customer's life. */
import type { Flow } from './flow.ts'
import accountClosure from './flows/account-closure.ts'
import accountOnboarding from './flows/account-onboarding.ts'
import amendment from './flows/amendment.ts'
import cancellation from './flows/cancellation.ts'
import contractToService from './flows/contract-to-service.ts'
import creditHold from './flows/credit-hold.ts'
import customerLifecycle from './flows/customer-lifecycle.ts'
import orderToCash from './flows/order-to-cash.ts'
import quoteToCash from './flows/quote-to-cash.ts'
import renewal from './flows/renewal.ts'

/** Static imports, because the dashboard, which has no directory to scan, shows them too. */
export const FLOWS: readonly Flow[] = [
  customerLifecycle,
  accountOnboarding,
  quoteToCash,
  orderToCash,
  contractToService,
  amendment,
  creditHold,
  renewal,
  cancellation,
  accountClosure,
]

export function flowNamed(name: string): Flow | undefined {
  return FLOWS.find((flow) => flow.name === name)
}
