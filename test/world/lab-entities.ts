/** Entities of the laboratory: records of one thing over its platforms, joined and compared by our own simple rules. */
import type { PlatformHistory } from '../../lab/history.ts'
import type { SimRecord } from '../../lab/platform.ts'

const ROLE: Record<string, string> = {
  salesforce: 'crm',
  netsuite: 'erp',
  stripe: 'billing',
  zendesk: 'support',
  provisioning: 'provisioning',
}

export interface Seen extends SimRecord {
  platform: string
  role: string
}
export type Entity = Seen[]

const COUNTRY: Record<string, string> = {
  germany: 'de',
  deutschland: 'de',
  deu: 'de',
  austria: 'at',
  österreich: 'at',
  aut: 'at',
  switzerland: 'ch',
  schweiz: 'ch',
  che: 'ch',
  france: 'fr',
  fra: 'fr',
  'united kingdom': 'gb',
  gbr: 'gb',
  'great britain': 'gb',
  'united states': 'us',
  usa: 'us',
  'united states of america': 'us',
  japan: 'jp',
  jpn: 'jp',
  kuwait: 'kw',
  kwt: 'kw',
  netherlands: 'nl',
  nederland: 'nl',
  nld: 'nl',
}

/** The comparison key of a value, by our own simple rules. */
export function key(field: string, type: string, value: string): string {
  const folded = value.normalize('NFKC').replace(/\s+/g, ' ').trim().toLowerCase().replaceAll('ß', 'ss')
  if (type === 'legal_name') return folded.replaceAll('.', '')
  if (type === 'phone') return folded.replace(/\D/g, '')
  if (type === 'tax_id') return folded.replace(/[^a-z0-9]/g, '')
  if (type === 'domain')
    return folded
      .replace(/^https?:\/\//, '')
      .replace(/^www\./, '')
      .replace(/\/$/, '')
  if (type === 'country') return COUNTRY[folded] ?? folded
  if (type === 'bool') return ['true', '1', 'yes'].includes(folded) ? 'true' : 'false'
  if (type === 'money' || type === 'number') return String(Number(folded))
  return type === 'code' ? value.trim() : folded
}

/** Records of one thing, joined by their references to each other, else by number, code or domain. */
export function entities(states: ReadonlyMap<string, PlatformHistory>, kind: string): Entity[] {
  const all: Seen[] = [...states.values()].flatMap((s) =>
    s.records(kind).map((r) => ({ ...r, platform: s.name, role: ROLE[s.name]! })),
  )
  const parent = new Map<string, string>()
  const find = (x: string): string => (parent.get(x) === x ? x : find(parent.get(x)!))
  const name = (r: { platform: string; id: string }) => `${r.platform}/${r.id}`
  for (const r of all) parent.set(name(r), name(r))
  const byKey = new Map<string, string>()
  for (const r of all) {
    for (const [platform, id] of Object.entries(r.refs))
      if (parent.has(`${platform}/${id}`)) parent.set(find(name(r)), find(`${platform}/${id}`))
    const business =
      r.fields.number ??
      (kind === 'product'
        ? r.fields.code
        : kind === 'customer' && r.fields.domain
          ? key('domain', 'domain', r.fields.domain)
          : null)
    if (!business || r.mergedInto) continue
    const other = byKey.get(business)
    if (other) parent.set(find(name(r)), find(other))
    else byKey.set(business, name(r))
  }
  const out = new Map<string, Entity>()
  for (const r of all) out.set(find(name(r)), [...(out.get(find(name(r))) ?? []), r])
  return [...out.values()]
}
