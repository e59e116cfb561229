/** Roles of platforms as people call them. */
import type { PlatformDraft } from './draft.svelte.ts'

export const ROLE_WORDS: Record<PlatformDraft['role'], string> = {
  crm: 'CRM',
  cpq: 'Quoting (CPQ)',
  erp: 'ERP',
  billing: 'Billing',
  commerce: 'Shop',
  support: 'Support desk',
  success: 'Customer success',
  psa: 'Project delivery',
  provisioning: 'Provisioning',
  tax: 'Tax engine',
  mdm: 'Master data hub',
  warehouse: 'Data warehouse',
  middleware: 'Integration platform',
}
export const ROLE_NAMES = Object.keys(ROLE_WORDS) as PlatformDraft['role'][]
