/** What properties of S/4HANA say together: names of four lines, and the letters that stand for the progress of a document. */
import type { Entity } from '../odata.ts'
import { asEntity } from '../odata.ts'
import { textOf, valueAt } from './values.ts'

/** A property, or what several of them say together. */
export type Source = string | { from: readonly string[]; read(entity: Entity): string | null | undefined }

export const propertiesOf = (source: Source): readonly string[] => (typeof source === 'string' ? [source] : source.from)

export const is = (entity: Entity, property: string, word: string) => textOf(valueAt(entity, property)) === word
export const word = (entity: Entity, property: string) => textOf(valueAt(entity, property))
export const joined = (...from: string[]): Source => ({
  from,
  read: (entity) => from.flatMap((property) => word(entity, property) ?? []).join(' ') || null,
})
export const unsigned = (property: string): Source => ({
  from: [property],
  read: (entity) => word(entity, property)?.replace(/^-|-$/, '') ?? null,
})

export const NAMES = ['OrganizationBPName1', 'OrganizationBPName2', 'OrganizationBPName3', 'OrganizationBPName4']

/** A document that is ordered, rejected, blocked or in approval: A not yet begun, B begun, C done. */
export const progress = (...blocks: string[]): Source => ({
  from: ['OverallSDProcessStatus', 'OverallSDDocumentRejectionSts', 'SalesDocApprovalStatus', ...blocks],
  read(entity) {
    if (is(entity, 'OverallSDDocumentRejectionSts', 'C')) return 'rejected'
    if (is(entity, 'SalesDocApprovalStatus', 'A')) return 'in approval'
    if (blocks.some((property) => word(entity, property) !== null)) return 'blocked'
    return word(entity, 'OverallSDProcessStatus')
  },
})
export const BLOCKS = ['DeliveryBlockReason', 'HeaderBillingBlockReason']

/** What posting and clearing made of a billing document. */
export const billing: Source = {
  from: ['BillingDocumentIsCancelled', 'InvoiceClearingStatus', 'AccountingPostingStatus'],
  read(entity) {
    if (is(entity, 'BillingDocumentIsCancelled', 'true')) return 'cancelled'
    if (is(entity, 'InvoiceClearingStatus', 'C')) return 'cleared'
    return is(entity, 'AccountingPostingStatus', 'C') ? 'posted' : 'not posted'
  },
}

/** The set of sales areas, and the name under which its rows are put to their customer. */
export const AREAS = 'A_CustomerSalesArea'

/** Undefined where the areas disagree or none is seen: then nothing is said, instead of something wrong. */
export function agreed(property: string): Source {
  return {
    from: [`${AREAS}/${property}`],
    read(entity) {
      const rows = entity[AREAS]
      const found = new Set(Array.isArray(rows) ? rows.map((row) => textOf(asEntity(row)?.[property])) : [])
      return found.size === 1 ? [...found][0]! : undefined
    },
  }
}
