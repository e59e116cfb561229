/** Undo: what a plan did, taken back by a plan of its own, which needs its own approval and refuses where values have moved on. */
import type { Context } from '../context.ts'
import { PlumblineError } from '../errors.ts'
import type { PlanRow } from '../store/control/remedy-rows.ts'
import { draftPlan, type Draft } from './draft.ts'
import type { Item, ItemResult, PlanHeader } from './item.ts'
import { ITEM_WRITTEN } from './item-state.ts'
import type { Reach } from './reach.ts'
import { wish, type LeftOut, type Wish } from './wish.ts'

const PAGE = 2_000

/** @throws PlumblineError `conflict` if nothing of it was written, or it is still at work */
export async function undoPlan(
  ctx: Pick<Context, 'config' | 'control' | 'clock' | 'facts' | 'landscape'>,
  reach: Reach,
  plan: PlanRow,
  { requester, reason, standing = null }: { requester: string; reason: string; standing?: string | null },
): Promise<Draft> {
  if (plan.state === 'applying')
    throw new PlumblineError('conflict', `P-${plan.number} is at work.`, { remedy: 'Pause it first.' })
  const wishes: Wish[] = []
  const none: LeftOut[] = []
  for (let after = 0; ;) {
    const rows = ctx.control.planItems(plan.id, after, PAGE, [...ITEM_WRITTEN])
    for (const row of rows) {
      const item = JSON.parse(row.body) as Item
      const back = undoWish(item, JSON.parse(row.result ?? '{}') as ItemResult)
      if (back) wishes.push(back)
      else
        none.push({
          platform: item.platform,
          kind: item.request.kind,
          record_id: item.request.recordId,
          why: 'There is no way back.',
        })
    }
    if (rows.length < PAGE) break
    after = rows.at(-1)!.seq
  }
  if (wishes.length === 0 && none.length === 0)
    throw new PlumblineError('conflict', `Nothing of P-${plan.number} was written.`, {
      remedy: 'There is nothing to undo.',
    })
  const { title } = JSON.parse(plan.header) as PlanHeader
  const draft = await draftPlan(ctx, reach, wishes, {
    title: `Undo: ${title}`,
    reason,
    origin: `undo P-${plan.number}`,
    requester,
    undoOf: plan.id,
    standing,
  })
  draft.dryRun.left_out.push(...none)
  return draft
}

/** What takes one item back; its record must still hold what the item wrote. */
function undoWish(item: Item, result: ItemResult): Wish | null {
  const recordId = result.record_id ?? item.request.recordId
  if (!item.undo || recordId === null) return null
  const { action, fields, references, refs } = item.undo
  return wish({
    platform: item.platform,
    kind: item.request.kind,
    action,
    recordId,
    entity: item.entity,
    fields,
    references,
    refs,
    money: item.money,
    currency: item.currency,
    legal_entity: item.legal_entity,
    expect: result.holds ?? item.after,
  })
}
