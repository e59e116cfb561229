/** Settings: the configuration that a comparison guessed, as a plumbline.yaml that reproduces it. */
import { stringify } from 'yaml'
import { kindOf } from '../../model/kinds.ts'
import { fold } from '../../connectors/files/columns.ts'
import type { GuessedFile } from './files.ts'

/** Names of platforms that say their role; any other is taken for a further one of the first free role. */
const ROLES = ['crm', 'erp', 'billing', 'support', 'commerce', 'success', 'psa', 'provisioning', 'mdm', 'warehouse']
const BY_WORD: readonly (readonly [RegExp, string])[] = [
  [/crm|salesforce|hubspot|pipedrive|dynamics/, 'crm'],
  [/erp|sap|netsuite|navision|datev|lexware|oracle/, 'erp'],
  [/bill|stripe|chargebee|zuora|fakt/, 'billing'],
  [/support|zendesk|freshdesk|intercom|service/, 'support'],
  [/shop|commerce|shopify/, 'commerce'],
]

export function rolesFor(platforms: readonly string[]): Record<string, string> {
  const roles: Record<string, string> = {}
  for (const p of platforms) {
    const word = ROLES.includes(p) ? p : BY_WORD.find(([pattern]) => pattern.test(p))?.[1]
    if (word) roles[p] = word
  }
  for (const p of platforms) roles[p] ??= ROLES.find((r) => !Object.values(roles).includes(r)) ?? 'warehouse'
  return roles
}

/** Pairs at least this probable are joined without asking: a report is read, not decided on. */
const JOINED_AT = 0.95

/** @param folder what paths are written from: null keeps them absolute */
export function settingsOf(files: readonly GuessedFile[], pathOf: (folder: string) => string): string {
  const roles = rolesFor([...new Set(files.map((f) => f.platform))])
  const platforms: Record<string, unknown> = {}
  for (const name of Object.keys(roles)) {
    const own = files.filter((f) => f.platform === name)
    const [first] = own
    platforms[name] = {
      connector: 'files',
      role: roles[name],
      config: {
        folder: pathOf(first!.folder),
        files: Object.fromEntries(
          own.map((f) => [f.kind, f.encoding === 'utf-8' ? f.file : { name: f.file, encoding: f.encoding }]),
        ),
        columns: Object.fromEntries(own.map((f) => [f.kind, columnsOf(f)])),
      },
    }
  }
  const linked = [...new Set(files.map((f) => f.kind))].filter((k) => ['customer', 'contact', 'product'].includes(k))
  return stringify(
    {
      platforms,
      identity: Object.fromEntries(linked.map((k) => [k, { linker: { link_at: JOINED_AT } }])),
    },
    { lineWidth: 0 },
  )
}

/** Columns by canonical name; one that happens to be called like a field it does not mean is kept as custom. */
function columnsOf({ kind, guess, profiles }: GuessedFile): Record<string, string> {
  const mapped = { ...guess.columns }
  const names = new Set([
    ...kindOf(kind).fields.map((f) => f.name),
    'record_id',
    'id',
    'status',
    'created_at',
    'changed_at',
    'deleted',
    'merged_into',
    'changed_by',
    'correlation_id',
  ])
  const taken = new Set(Object.values(mapped))
  for (const { column } of profiles) {
    const own = fold(column)
    const field = own.replace(/^(bill_to|ship_to)_/, '$1.')
    if (taken.has(column) || (!names.has(own) && !names.has(field))) continue
    mapped[`custom.${own.replace(/[^a-z0-9_]/g, '_')}`] = column
  }
  return mapped
}
