/** NetSuite record types that the connector knows, in reading order. */
import { creditmemo, customerpayment, estimate, invoice, opportunity, salesorder } from './documents.ts'
import { contact, customer, item, subscription, supportcase } from './entities.ts'
import { posting, transactionline } from './ledger.ts'
import type { Shipped } from './sources.ts'

export const SHIPPED: Record<string, Shipped> = {
  customer,
  contact,
  salesorder,
  invoice,
  customerpayment,
  creditmemo,
  item,
  transactionline,
  posting,
  estimate,
  opportunity,
  supportcase,
  subscription,
}
