/** Bound: the most that a pair can reach, told from which of its values are the same, before anything is spelled. */
import { COMPARATORS } from '../../../model/linkage/comparators.ts'
import { priorBits, RARITY_MAX, weightOf, type LinkModel } from '../../../model/linkage/weights.ts'
import type { LinkField } from './spec.ts'

/** Rounding may not lose a pair that stands exactly at the threshold. */
const ROUNDING = 1e-3

/** Numbers in SQL keep six places. */
export const number = (x: number) => x.toFixed(6)

/** Bits that the rarity of a shared value adds, `rarity` being SQL of the bits of the value. */
export const rarityBitsSql = (u: number, rarity: string) =>
  `greatest(-${RARITY_MAX}, least(${RARITY_MAX}, ${number(Math.log2(u))} + ${rarity}))`

/** Condition on rows `x` and `y` of the blocks that holds wherever the bits of the pair can reach `atLeast`. */
export function reachesSql(fields: readonly LinkField[], model: LinkModel, atLeast: number): string {
  const most = model.fields.map((field, i) => {
    const [x, y] = [`x.v_${field.name}`, `y.v_${field.name}`]
    const [same, ...others] = COMPARATORS[field.compare].map((_, l) => weightOf(field, l + 1))
    const rare = fields[i]!.termFrequency ? ` + ${rarityBitsSql(field.u[0]!, `x.q_${field.name}`)}` : ''
    return `multiIf(${x} = 0 or ${y} = 0, 0, ${x} = ${y}, ${number(same!)}${rare}, ${number(Math.max(...others))})`
  })
  return `${number(priorBits(model.prior))} + ${most.join(' + ')} >= ${number(atLeast - ROUNDING)}`
}
