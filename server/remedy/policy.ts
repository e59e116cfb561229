/** Approval policy: what a plan touches decides who must approve it. The strictest rule that applies wins. Pure. */
import { compare, format, sum } from '../../model/decimal.ts'
import { hasKind, kindOf } from '../../model/kinds.ts'
import type { ApprovalRule, RemedyConfig } from '../config/remedy-schema.ts'
import type { User } from '../store/control/control.ts'
import type { Item, Need } from './item.ts'

/** What the policy looks at in an item. */
export type Judged = Pick<Item, 'platform' | 'money' | 'currency' | 'legal_entity'> & {
  action: string
  kind: string
  /** Names of the fields that are written. */
  fields: readonly string[]
  reversible: boolean
}

export const judged = ({ platform, money, currency, legal_entity, request, after, undo }: Item): Judged => ({
  platform,
  money,
  currency,
  legal_entity,
  action: request.action,
  kind: request.kind,
  fields: Object.keys(after),
  reversible: undo !== null,
})

export interface PolicyWorld {
  rules: readonly ApprovalRule[]
  environment: string
  /** The standing remediation that makes the plan; null: a person. */
  automation: string | null
  /** Groups that exist. The shipped policy names one that a company may not have: then anybody who may approve, may. */
  groups: ReadonlySet<string>
  roleOf(platform: string): string | null
  /** In the reporting currency; null when a rate is missing. */
  worth(amount: string, currency: string | null): string | null
}

export interface Ruling {
  /** people: every need must be met. */
  outcome: 'automatic' | 'people' | 'forbidden'
  needs: Need[]
  /** Why it is forbidden, or why it needs nobody. */
  why: string[]
  /** Money at stake in the reporting currency; null: of at least one item it is not known. */
  money: string | null
}

/** What no rule speaks about needs one approver: silence is no permission. */
const UNSPOKEN: Need = { approvers: 1, group: null, legal_entity: null, why: 'No line of the policy speaks about it.' }

export function ruling(items: readonly Judged[], world: PolicyWorld): Ruling {
  const money = atStake(items, world)
  const needs = new Map<string, Need>()
  const forbidden = new Set<string>()
  const automatic = new Set<string>()
  let unspoken = false
  for (const sample of classes(items)) {
    const speaking = world.rules.filter((rule) => applies(rule, sample, { world, money, count: items.length }))
    const strict = speaking.filter((r) => r.needs !== 'automatic')
    if (speaking.length === 0) unspoken = true
    // A line that lets something run by itself is an exception from the lines without a group: it must be written for it.
    const exempt = speaking.some((r) => r.needs === 'automatic')
    for (const rule of strict) {
      if (rule.needs === 'forbidden') forbidden.add(rule.why)
      else if (!(exempt && bare(rule))) keep(needs, needOf(rule, sample, world))
    }
    if (exempt) for (const r of speaking) if (r.needs === 'automatic') automatic.add(r.why)
  }
  if (unspoken) keep(needs, UNSPOKEN)
  if (forbidden.size > 0) return { outcome: 'forbidden', needs: [], why: [...forbidden], money }
  const wanted = [...needs.values()].sort((a, b) => order(a).localeCompare(order(b)))
  if (wanted.length > 0) return { outcome: 'people', needs: wanted, why: wanted.map((n) => n.why), money }
  return { outcome: items.length === 0 ? 'forbidden' : 'automatic', needs: [], why: [...automatic], money }
}

/** Sum in the reporting currency; null if it is not known of an item that is about money. */
function atStake(items: readonly Judged[], world: PolicyWorld): string | null {
  const worths: string[] = []
  for (const item of items) {
    const worth = item.money === null ? null : world.worth(item.money, item.currency)
    if (worth !== null) worths.push(worth)
    else if (priced(item)) return null
  }
  return format(sum(worths))
}

/** Is it about money at all? Of a telephone number nobody knows an amount, and none is missing. */
function priced({ kind, fields: written, money }: Judged): boolean {
  if (money !== null || !hasKind(kind)) return money !== null
  const { fields, worth } = kindOf(kind)
  return worth !== undefined || fields.some((f) => f.type === 'money' && written.includes(f.name))
}

/** A rule without any condition: what holds unless something else is said. */
function bare(rule: ApprovalRule): boolean {
  const { kinds, fields, actions, platforms, legal_entities, environments, automations, money_from } = rule
  const { irreversible, items_from } = rule
  const conditions = [
    ...[kinds, fields, actions, platforms, legal_entities, environments],
    ...[automations, money_from, irreversible, items_from],
  ]
  return conditions.every((c) => c === undefined)
}

function needOf(rule: ApprovalRule, item: Judged, { groups }: PolicyWorld): Need {
  const approvers = typeof rule.needs === 'object' ? rule.needs.approvers : rule.needs === 'four_eyes' ? 2 : 1
  return {
    approvers,
    group: rule.group !== undefined && groups.has(rule.group) ? rule.group : null,
    legal_entity: rule.per_legal_entity ? item.legal_entity : null,
    why: rule.why,
  }
}

/** Of two needs for the same people the larger number is kept. */
function keep(needs: Map<string, Need>, need: Need): void {
  const key = `${need.group ?? ''} ${need.legal_entity ?? ''}`
  const known = needs.get(key)
  if (!known || known.approvers < need.approvers) needs.set(key, need)
}

const order = (n: Need) => `${n.group ?? ''} ${n.legal_entity ?? ''}`

/** Items of which the policy cannot tell one from the other are looked at once: a plan of 100,000 has few classes. */
function classes(items: readonly Judged[]): Judged[] {
  const found = new Map<string, Judged>()
  for (const item of items) {
    const { platform, action, kind, legal_entity: entity, reversible, fields } = item
    const key = [platform, action, kind, entity ?? '', reversible, ...fields].join(' ')
    if (!found.has(key)) found.set(key, item)
  }
  return [...found.values()]
}

function applies(
  rule: ApprovalRule,
  item: Judged,
  { world, money, count }: { world: PolicyWorld; money: string | null; count: number },
): boolean {
  const { kind, action } = item
  const one = (list: readonly string[] | undefined, ...names: (string | null)[]) =>
    list === undefined || names.some((n) => n !== null && list.includes(n))
  return (
    one(rule.kinds, kind) &&
    one(rule.actions, action) &&
    one(rule.platforms, item.platform, world.roleOf(item.platform)) &&
    one(rule.legal_entities, item.legal_entity) &&
    one(rule.environments, world.environment) &&
    one(rule.automations, world.automation) &&
    (rule.fields === undefined || item.fields.some((f) => rule.fields!.some((p) => names(p, kind, f)))) &&
    // What is at stake is not known: the rule for large amounts speaks.
    (rule.money_from === undefined || money === null || compare(money, rule.money_from) >= 0) &&
    (rule.irreversible === undefined || rule.irreversible !== item.reversible) &&
    (rule.items_from === undefined || count >= rule.items_from)
  )
}

function names(pattern: string, kind: string, field: string): boolean {
  const full = `${kind}.${field}`
  return pattern === full || pattern === kind || (pattern.endsWith('.*') && full.startsWith(pattern.slice(0, -1)))
}

/** Somebody who approved, as they are now. */
export interface Approver {
  id: string
  groups: readonly { name: string; legalEntities: readonly string[] | null }[]
}

/** Needs that these approvers do not meet yet, with how many are still wanted. */
export function unmet(
  needs: readonly Need[],
  approvers: readonly Approver[],
  requester: string,
): (Need & { wanted: number })[] {
  const distinct = new Map(approvers.filter((a) => a.id !== requester).map((a) => [a.id, a]))
  return needs.flatMap((need) => {
    const fit = [...distinct.values()].filter((a) => meets(a, need)).length
    return fit >= need.approvers ? [] : [{ ...need, wanted: need.approvers - fit }]
  })
}

/** Could this person count towards the need? */
export function meets(approver: Approver, need: Pick<Need, 'group' | 'legal_entity'>): boolean {
  const answers = (entities: readonly string[] | null) =>
    need.legal_entity === null || entities === null || entities.includes(need.legal_entity)
  if (need.group === null && need.legal_entity === null) return true
  return approver.groups.some((g) => (need.group === null || g.name === need.group) && answers(g.legalEntities))
}

export function approverOf({ groups }: Pick<RemedyConfig, 'groups'>, user: Pick<User, 'id' | 'email'>): Approver {
  const mine = Object.entries(groups).filter(([, g]) =>
    g.members.some((m) => m.toLowerCase() === user.email.toLowerCase()),
  )
  return { id: user.id, groups: mine.map(([name, g]) => ({ name, legalEntities: g.legal_entities ?? null })) }
}
