/** The table of key figures: every figure there is, in the order in which people read them. */
import { collecting } from './collecting.ts'
import { commerce } from './commerce.ts'
import { duplicates } from './duplicates.ts'
import type { Family, Kpi } from './kpi.ts'
import { outcomes } from './outcomes.ts'
import { service } from './served.ts'
import { synchronisation } from './synchronisation.ts'

export const FAMILIES: readonly Family[] = [synchronisation, collecting, duplicates, commerce, service, outcomes]

export const KPIS: readonly Kpi[] = FAMILIES.flatMap((f) => f.kpis)
