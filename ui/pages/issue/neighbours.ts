/** The issues before and after one, in the order of the unresolved list: read once, as people walk along it. */
import { api } from '../../api.ts'

/** Further than this nobody walks step by step. */
const WALKED = '500'
let numbers: Promise<number[]> | null = null

export async function neighbours(
  number: number,
): Promise<{ previous: number | null; next: number | null; place: number; of: number }> {
  numbers ??= api
    .issues({ q: 'is:unresolved', sort: 'attention', limit: WALKED })
    .then((page) => page.issues.map((i) => i.number))
  const list = await numbers.catch(() => {
    numbers = null
    return [] as number[]
  })
  const at = list.indexOf(number)
  return {
    previous: list[at - 1] ?? null,
    next: at === -1 ? null : (list[at + 1] ?? null),
    place: at + 1,
    of: list.length,
  }
}
/** The list has changed: read it again next time. */
export const forgetNeighbours = () => void (numbers = null)
