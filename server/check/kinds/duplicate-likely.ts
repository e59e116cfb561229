/**
 * Likely duplicates: several entities that are probably one, by weighed evidence. Never a verdict: a proposal for a
 * person, because what identification has not joined was kept apart for a reason that only people may overrule.
 */
import { keyColumn } from '../../../model/fields.ts'
import { fieldOf, kindOf } from '../../../model/kinds.ts'
import { PUBLIC_MAIL } from '../../../model/types/public-mail.ts'
import type { Evidence, Observation } from '../../../model/verdict.ts'
import { currentTable } from '../../store/facts/columns.ts'
import { ident } from '../../store/facts/ident.ts'
import type { Check, Compiled, CompileContext, JudgeContext } from '../contract.ts'
import { titleOf } from '../timing.ts'

/** The kind that has names, numbers and addresses to be told by. */
export const LIKELY_KIND = 'customer'

export interface LikelyRow {
  eid: string
  entity_id: string
  customer_entity_id: string
  other_entity_id: string
  /** What they share. */
  reasons: string[]
  one: Side
  other: Side
  /** One is the parent of the other, or they have one parent. */
  related: number
}

interface Side {
  records: [platform: string, record_id: string][]
  tax: string[]
  registration: string[]
}

/** What speaks for one company, and how much. */
const FOR: Record<string, { weight: number; says: string }> = {
  registration: { weight: 0.8, says: 'the same registration number in one country' },
  legal: { weight: 0.6, says: 'the same legal name in one country' },
  place: { weight: 0.5, says: 'the same name at one postal code' },
  domain: { weight: 0.5, says: 'the same web or mail domain at one postal code' },
  phone: { weight: 0.3, says: 'the same telephone number' },
}
/** What speaks against it. */
const OTHER_TAX = -0.3
const OTHER_REGISTRATION = -0.4
/** From here on it is worth a look. */
const ENOUGH = 0.5
/** Entities that share one fact: of more, the fact says nothing (a group's switchboard, a shared office). */
const SHARED_MAX = 6

export function likelySql({ database }: Pick<CompileContext, 'database'>): Compiled {
  const table = `${ident(database)}.${ident(currentTable(LIKELY_KIND))}`
  const key = (name: string) => `nullIf(toString(${ident(keyColumn(fieldOf(LIKELY_KIND, name)))}), '')`
  const [country, postal] = [key('bill_to.country'), key('bill_to.postal_code')]
  const mail = `nullIf(substring(ifNull(${key('email')}, ''), position(ifNull(${key('email')}, ''), '@') + 1), '')`
  const host = `if(coalesce(${key('domain')}, ${mail}) in {public_mail:Array(String)}, null, coalesce(${key('domain')}, ${mail}))`
  const facts: [string, string][] = [
    ['registration', `concat(${key('registration_number')}, '|', ${country})`],
    ['legal', `concat(${key('legal_name')}, '|', ${country})`],
    ['place', `concat(${key('name')}, '|', ${postal})`],
    ['domain', `concat(${host}, '|', ${postal})`],
    ['phone', key('phone')],
  ]
  const side = (alias: string) =>
    `tuple(arraySort(any(${alias}.records)), arraySort(any(${alias}.tax)), arraySort(any(${alias}.registration)))`
  const sql = `with
  parties as (
    select eid, any(entity_id) as entity_id, groupUniqArray((toString(platform), record_id)) as records,
      groupUniqArrayIf(assumeNotNull(${key('tax_id')}), ${key('tax_id')} is not null) as tax,
      groupUniqArrayIf(assumeNotNull(${key('registration_number')}), ${key('registration_number')} is not null) as registration,
      groupUniqArrayIf(parent_eid, parent_eid != 0) as parents
    from ${table} final
    where deleted = 0 and ifNull(role, '') not in ('bill_to', 'ship_to') and ifNull(state, '') not in ('lead', 'closed')
    group by eid
  ),
  shared as (
    select fact.1 as reason, fact.2 as said, groupUniqArray(eid) as eids
    from ${table} final
    array join arrayFilter(f -> f.2 != '', [${facts.map(([name, sql]) => `('${name}', ifNull(${sql}, ''))`).join(',\n      ')}]) as fact
    where deleted = 0 and eid in (select eid from parties)
    group by reason, said
    having length(eids) between 2 and ${SHARED_MAX}
  ),
  pairs as (
    select least(a, b) as one, greatest(a, b) as other, groupUniqArray(reason) as reasons
    from (select reason, arrayJoin(eids) as a, eids from shared)
    array join eids as b
    where a < b
    group by one, other
  )
select pairs.one as eid, any(x.entity_id) as entity_id, any(x.entity_id) as customer_entity_id, any(y.entity_id) as other_entity_id, arraySort(any(pairs.reasons)) as reasons,
  cast(${side('x')}, 'Tuple(records Array(Tuple(String, String)), tax Array(String), registration Array(String))') as one,
  cast(${side('y')}, 'Tuple(records Array(Tuple(String, String)), tax Array(String), registration Array(String))') as other,
  max(has(x.parents, y.eid) or has(y.parents, x.eid) or hasAny(x.parents, y.parents)) as related
from pairs
inner join parties as x on x.eid = pairs.one
inner join parties as y on y.eid = pairs.other
group by pairs.one, pairs.other
order by entity_id, other_entity_id`
  return { sql, params: { public_mail: [...PUBLIC_MAIL] }, needed: ['parties', 'shared', 'pairs'] }
}

export function judgeLikely(check: Check, row: LikelyRow, ctx: JudgeContext): Observation[] {
  const known = new Set(ctx.landscape.platforms.map((p) => p.name))
  const records = [...row.one.records, ...row.other.records].filter(([platform]) => known.has(platform))
  // A parent and its subsidiary share much by design.
  if (row.related || records.length < 2) return []
  const apart = (a: string[], b: string[]) => a.length > 0 && b.length > 0 && !a.some((x) => b.includes(x))
  const otherTax = apart(row.one.tax, row.other.tax)
  const otherRegistration = apart(row.one.registration, row.other.registration)
  const weight =
    row.reasons.reduce((sum, r) => sum + (FOR[r]?.weight ?? 0), 0) +
    (otherTax ? OTHER_TAX : 0) +
    (otherRegistration ? OTHER_REGISTRATION : 0)
  if (weight < ENOUGH - 1e-9) return []
  const strength = weight >= 1 ? 'strong' : 'supporting'
  const evidence: Evidence[] = row.reasons.map((r) => ({
    says: `They have ${FOR[r]?.says ?? r} (${(FOR[r]?.weight ?? 0).toFixed(1)}).`,
    strength,
    disproved_by: 'A person who knows that they are two.',
  }))
  if (otherTax) evidence.push({ says: `Their tax ids differ (${OTHER_TAX}).`, strength: 'supporting' })
  if (otherRegistration)
    evidence.push({ says: `Their registration numbers differ (${OTHER_REGISTRATION}).`, strength: 'supporting' })
  const platforms = [...new Set(records.map(([platform]) => titleOf(ctx, platform)))].join(', ')
  const [one, other] = [row.entity_id, row.other_entity_id].sort()
  return [
    {
      key: `likely|${one}|${other}`,
      check: check.id,
      category: check.category,
      kind: LIKELY_KIND,
      entity_id: row.entity_id,
      customer_entity_id: row.customer_entity_id,
      subject: records.map(([platform, record_id]) => ({ platform, kind: LIKELY_KIND, record_id })),
      scope: {},
      field: null,
      verdict: 'undecided',
      cause: 'identity_in_doubt',
      owner_platform: null,
      platform: null,
      expected: {},
      actual: {},
      values: [],
      evidence: [
        {
          says: `Evidence for one company weighs ${weight.toFixed(1)}; ${ENOUGH} is worth a look.`,
          strength: 'supporting',
        },
        ...evidence,
      ],
      amount_at_risk: null,
      currency: null,
      severity: check.severity,
      since: null,
      due_at: null,
      title: `Two ${kindOf(LIKELY_KIND).plural} are likely one (${platforms})`,
    },
  ]
}
