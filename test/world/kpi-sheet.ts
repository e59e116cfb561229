/** A sheet of figures: sums, shares and means by part, in plain JavaScript, for what key figures must be. */

/** Scope → value; the total is under the empty scope. */
export type Figures = Map<string, number | null>

export const PLATFORMS = ['crm', 'erp', 'billing', 'support', 'provisioning', 'success']
export const one = () => 1

export interface Sheet {
  out: Map<string, Figures>
  put<T>(
    id: string,
    split: string,
    list: readonly T[],
    name: (x: T) => string,
    part: (x: T) => number,
    whole: ((x: T) => number) | null,
    names?: string[],
  ): void
}

export function sheet(): Sheet {
  const out = new Map<string, Figures>()
  /** Parts and total of part / whole; `whole` null: only counted. */
  function put<T>(
    id: string,
    split: string,
    list: readonly T[],
    name: (x: T) => string,
    part: (x: T) => number,
    whole: ((x: T) => number) | null,
    names: string[] = [],
  ) {
    const by = new Map<string, [number, number]>([
      ['', [0, 0]],
      ...names.map((n) => [`${split}:${n}`, [0, 0]] as [string, [number, number]]),
    ])
    for (const x of list)
      for (const key of ['', `${split}:${name(x) || 'none'}`]) {
        const have = by.get(key) ?? [0, 0]
        by.set(key, [have[0] + part(x), have[1] + (whole ? whole(x) : 0)])
      }
    out.set(id, new Map([...by].map(([key, [a, b]]) => [key, whole ? (b === 0 ? null : a / b) : a])))
  }
  return { out, put }
}
