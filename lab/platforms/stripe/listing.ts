/** Lists of the simulated account: their order and filters, what can be expanded, and which permission a path asks for. */
import type { SimRecord } from '../../platform.ts'

const sorted = new WeakMap<SimRecord[], SimRecord[]>()

/** Newest first, deleted ones left out. */
export function live(records: SimRecord[]): SimRecord[] {
  let rows = sorted.get(records)
  if (!rows)
    sorted.set(
      records,
      (rows = records
        .filter((r) => r.deletedAt === undefined)
        .sort((a, b) => Math.floor(b.createdAt / 1000) - Math.floor(a.createdAt / 1000) || (a.id < b.id ? 1 : -1))),
    )
  return rows
}

export function inRange(query: URLSearchParams, created: number): boolean {
  const [gte, gt, lte, lt] = ['gte', 'gt', 'lte', 'lt'].map((name) => query.get(`created[${name}]`))
  return (
    !(gte && created < Number(gte)) &&
    !(gt && created <= Number(gt)) &&
    !(lte && created > Number(lte)) &&
    !(lt && created >= Number(lt))
  )
}

export function permissionOf(path: string, method: string): string {
  const part = path.split('/')[2] ?? ''
  const names: Record<string, string> = {
    subscription_items: 'subscription',
    invoice_payments: 'invoice',
    account: 'connected_account',
  }
  return `rak_${names[part] ?? part.replace(/s$/, '')}_${method === 'GET' ? 'read' : 'write'}`
}

/** What is asked to be expanded, or the part that cannot be. */
export function expansions(url: string, prefix: string): string[] | { wrong: string } {
  const asked = [...new URL(url).searchParams]
    .filter(([name]) => /^expand(\[\d*\])?$/.test(name))
    .map(([, value]) => value)
  const wrong = asked.find(
    (part) =>
      !part.startsWith(prefix) || !/^(tax_ids|default_price|latest_charge|customer)$/.test(part.slice(prefix.length)),
  )
  if (wrong !== undefined) return { wrong }
  return asked.map((part) => part.slice(prefix.length))
}
