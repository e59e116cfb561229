/** What the linker's fields are called. */
const LABELS: Record<string, string> = {
  tax_id: 'Tax id',
  registration: 'Registration number',
  mailbox: 'Mailbox',
  postal_code: 'Postal code',
  plan_code: 'Plan code',
  sku: 'SKU',
}

export const labelOf = (field: string): string =>
  LABELS[field] ?? field[0]!.toUpperCase() + field.slice(1).replaceAll('_', ' ')
