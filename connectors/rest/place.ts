/** Places: where a value stands in a JSON body, written `customer.addresses[0].city` or `fields[name=Tier].value`. */

type Step = { key: string } | { index: number } | { where: { key: string; is: string } }

const STEP = /(?:^|\.)([^.[\]]+)|\[(\d+)\]|\[([^=[\]]+)=([^\]]*)\]/gy
const parsed = new Map<string, readonly Step[] | null>()

function stepsOf(place: string): readonly Step[] | null {
  const known = parsed.get(place)
  if (known !== undefined) return known
  const steps: Step[] = []
  let end = 0
  for (const [found, key, index, name, is] of place.matchAll(STEP)) {
    end += found.length
    if (key !== undefined) steps.push({ key })
    else if (index !== undefined) steps.push({ index: Number(index) })
    else steps.push({ where: { key: name!, is: is! } })
  }
  const whole = end === place.length && steps.length > 0 ? steps : null
  parsed.set(place, whole)
  return whole
}

export function isPlace(place: string): boolean {
  return stepsOf(place) !== null
}

/** The value at a place; undefined where there is none. A key that holds dots itself is found by its whole name first. */
export function at(value: unknown, place: string): unknown {
  if (isObject(value) && Object.hasOwn(value, place)) return value[place]
  let here = value
  for (const step of stepsOf(place) ?? []) {
    if ('key' in step) here = isObject(here) && Object.hasOwn(here, step.key) ? here[step.key] : undefined
    else if (!Array.isArray(here)) return undefined
    else if ('index' in step) here = here[step.index]
    else here = here.find((item) => isObject(item) && String(item[step.where.key]) === step.where.is)
    if (here === undefined) return undefined
  }
  return here
}

/** Writes a value at a place, making what lies between. Lists are made of the one entry that the place names. */
export function put(body: Record<string, unknown>, place: string, value: unknown): void {
  const steps = stepsOf(place) ?? []
  let here: unknown = body
  steps.forEach((step, i) => {
    const next = i === steps.length - 1 ? value : 'key' in (steps[i + 1] ?? {}) ? {} : []
    if ('key' in step) here = keep(here as Record<string, unknown>, step.key, next, i === steps.length - 1)
    else if ('index' in step) here = keep(here as Record<number, unknown>, step.index, next, i === steps.length - 1)
    else here = entry(here as unknown[], step.where, next, i === steps.length - 1)
  })
}

function keep<K extends string | number>(into: Record<K, unknown>, key: K, next: unknown, last: boolean): unknown {
  if (last || !Object.hasOwn(into, key))
    Object.defineProperty(into, key, { value: next, enumerable: true, configurable: true, writable: true })
  return into[key]
}

function entry(list: unknown[], where: { key: string; is: string }, next: unknown, last: boolean): unknown {
  const found = list.find((item) => isObject(item) && String(item[where.key]) === where.is)
  const made = found ?? { [where.key]: where.is, ...(isObject(next) && next) }
  if (!found) list.push(made)
  if (last && isObject(made) && isObject(next)) Object.assign(made, next)
  return made
}

/** `/customers/{id}` with its names filled in, safe inside an address. Undefined names stay visible as a mistake would. */
export function filled(template: string, values: Record<string, string>): string {
  return template.replace(/\{([a-z_]+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? encodeURIComponent(values[name]!) : whole,
  )
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Text of a scalar; null for nothing, objects and lists. */
export function textOf(value: unknown): string | null {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return typeof value === 'string' && value !== '' ? value : null
}
