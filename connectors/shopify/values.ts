/** Values of GraphQL objects that need more than a path: numbers out of global ids, sums of money, states out of several fields. */
import { add, format, multiply, parse, subtract } from '../../model/decimal.ts'
import { MappingError } from '../contract.ts'
import { valueAt } from './paths.ts'

/** `gid://shopify/Order/123` → its number; companies share their numbers with customers and keep the whole id. */
export function idOf(gid: unknown): string | null {
  if (gid === null || gid === undefined) return null
  const [, type, number] = /^gid:\/\/shopify\/(\w+)\/([^/?]+)/.exec(typeof gid === 'string' ? gid : '') ?? []
  if (type === undefined || number === undefined) throw new MappingError('id', 'is no global id of Shopify')
  return type === 'Company' ? (gid as string) : number
}

/** The global id of a record. */
export const gidOf = (type: string, id: string) => (id.startsWith('gid://') ? id : `gid://shopify/${type}/${id}`)

/** Where a canonical field comes from: one path, or several read together. */
export type Source = string | { from: readonly string[]; read(node: unknown): unknown }

export const amountAt = (path: string) => `${path}.shopMoney.amount`

const decimalAt = (node: unknown, path: string) => {
  const value = valueAt(node, path)
  return typeof value === 'string' || typeof value === 'number' ? parse(String(value)) : null
}

/** Total less tax: Shopify's totals include it, whether prices do or not. */
export function netOf(total: string, tax: string): Source {
  return {
    from: [amountAt(total), amountAt(tax)],
    read(node) {
      const [gross, part] = [decimalAt(node, amountAt(total)), decimalAt(node, amountAt(tax)) ?? parse('0')!]
      return gross && format(subtract(gross, part))
    },
  }
}

export const referenceTo = (path: string): Source => ({ from: [path], read: (node) => idOf(valueAt(node, path)) })

/** The first of several references that is there. */
export const firstOf = (...paths: string[]): Source => ({
  from: paths,
  read: (node) => idOf(paths.map((path) => valueAt(node, path)).find((gid) => typeof gid === 'string')),
})

/** A word that means one thing whatever else there is; a word that is not listed leaves the field unknown. */
export const worded = (path: string, words: Record<string, string>): Source => ({
  from: [path],
  read: (node) => words[String(valueAt(node, path))],
})

export function timesOf(price: string, quantity: string): Source {
  return {
    from: [price, quantity],
    read(node) {
      const [each, count] = [decimalAt(node, price), decimalAt(node, quantity)]
      return each && count && format(multiply(each, count))
    },
  }
}

/** The amount of a contract: its lines, where all of them are at hand. */
export function sumOf(list: string, member: string, more: string): Source {
  return {
    from: [`${list}.0.${member}`, more],
    read(node) {
      const all = valueAt(node, list)
      if (!Array.isArray(all) || valueAt(node, more) === true) return undefined
      const amounts = all.map((one) => decimalAt(one, member))
      if (amounts.length === 0 || amounts.some((a) => a === null)) return undefined
      return format(amounts.reduce((sum, amount) => add(sum!, amount!), parse('0'))!)
    },
  }
}

const INTERVALS: Record<string, string> = {
  'DAY 1': 'day',
  'WEEK 1': 'week',
  'MONTH 1': 'month',
  'MONTH 3': 'quarter',
  'MONTH 12': 'year',
  'YEAR 1': 'year',
}
/** Every third month is a quarter; what has no name here stays unknown. */
export const intervalAt = (path: string): Source => ({
  from: [`${path}.interval`, `${path}.intervalCount`],
  read: (node) =>
    INTERVALS[`${String(valueAt(node, `${path}.interval`))} ${String(valueAt(node, `${path}.intervalCount`))}`],
})
