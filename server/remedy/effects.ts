/** Effects of a replay: whether it made a second record of what was there already, told by the target itself and by no key. */
import type { Subject } from '../../model/record.ts'
import type { Context } from '../context.ts'
import type { Facts } from '../store/facts/facts.ts'
import { heldNamed, heldOfEntities } from '../store/facts/held-records.ts'
import type { PlanItemRow } from '../store/control/remedy-rows.ts'
import type { Item, ItemResult } from './item.ts'

const PAGE = 2_000
const NO_FIELDS: ReadonlySet<string> = new Set()

/** How many records of the same thing a platform holds; the thing is known by one of its records there, or by its entity. */
export interface Place extends Subject {
  entity: string
}
const keyOf = (p: Subject) => `${p.platform} ${p.kind} ${p.record_id}`

/** By `platform kind record_id`; what is gone counts for nothing. */
export async function recordsAt(facts: Facts, places: readonly Place[]): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  for (const kind of new Set(places.map((p) => p.kind))) {
    const of = places.filter((p) => p.kind === kind)
    // Identification may have said meanwhile that it is another thing.
    const named = new Map(
      (await heldNamed(facts, kind, of, NO_FIELDS)).map((r) => [keyOf({ ...r, kind }), r.entity_id]),
    )
    const entityOf = (p: Place) => named.get(keyOf(p)) ?? p.entity
    const held = new Map<string, number>()
    for (const r of await heldOfEntities(facts, kind, [...new Set(of.map(entityOf))], NO_FIELDS)) {
      const at = `${r.platform} ${r.entity_id}`
      if (!r.deleted) held.set(at, (held.get(at) ?? 0) + 1)
    }
    for (const p of of) counts.set(keyOf(p), held.get(`${p.platform} ${entityOf(p)}`) ?? 0)
  }
  return counts
}

/** Platforms that have to be read again before the effects of the plan can be told. */
export function effectPlatforms({ control }: Pick<Context, 'control'>, plan: string): string[] {
  const found = new Set<string>()
  for (const { item } of replayed({ control }, plan)) found.add(item.effect!.platform)
  return [...found]
}

/** After the targets were read: what each replay did there, in the result of its item. Says how many made a second record. */
export async function proveEffects(
  { control, facts, clock }: Pick<Context, 'control' | 'facts' | 'clock'>,
  plan: string,
): Promise<number> {
  const items = [...replayed({ control }, plan)]
  const place = ({ effect, entity }: Item): Place => ({ ...effect!, entity })
  const counts = await recordsAt(
    facts,
    items.map(({ item }) => place(item)),
  )
  let doubled = 0
  for (const { row, item } of items) {
    const [before, now] = [item.effect!.records!, counts.get(keyOf(item.effect!)) ?? 0]
    const second = now > Math.max(before, 1)
    if (second) doubled++
    const says = `${item.effect!.platform} was read again: it holds ${now} of it, ${before} before${second ? '; the replay made a second record' : ''}.`
    const result: ItemResult = { ...(JSON.parse(row.result ?? '{}') as ItemResult), says }
    control.moveItem(plan, row.seq, [row.state], row.state, clock.now(), JSON.stringify(result))
  }
  if (items.length > 0)
    control.audit({
      ...{
        at: clock.now(),
        actor: 'plumbline',
        action: 'plan.effects read',
        object: `P-${control.plan(plan)!.number}`,
      },
      detail: { replayed: items.length, second_records: doubled },
    })
  return doubled
}

function* replayed({ control }: Pick<Context, 'control'>, plan: string): Generator<{ row: PlanItemRow; item: Item }> {
  for (let after = 0; ;) {
    const rows = control.planItems(plan, after, PAGE, ['verified'])
    for (const row of rows) {
      const item = JSON.parse(row.body) as Item
      if (item.request.action === 'redeliver' && item.effect?.records !== undefined) yield { row, item }
    }
    if (rows.length < PAGE) return
    after = rows.at(-1)!.seq
  }
}
