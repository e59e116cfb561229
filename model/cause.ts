/**
 * Cause: why a follower does not hold what the owner holds. Pure rules over the evidence, tried in order; the first that
 * applies speaks. Shared by the check stage, which decides with them, and the dashboard, which explains them.
 *
 * How sure a cause is, is read off its evidence (`sureOf`):
 * - certain: a record or an event shows it directly.
 * - likely: it follows from what was seen, and another explanation is possible.
 * - possible: the best guess; little was seen.
 */
import { evidenceAround } from './cause-around.ts'
import { newerIn, said, seenOf, type Blame, type DifferenceFacts, type Seen } from './cause-facts.ts'
import { arrived, overtaken, unanswered, unsent, writtenOver } from './cause-delivery.ts'
import { heldBefore, lastHand, leftOut, olderValue, ownHand, unclear, untouched, whileDown } from './cause-history.ts'
import { neighbours, roundedField } from './cause-values.ts'
import type { Cause, Evidence } from './verdict.ts'

export interface Rule {
  cause: Cause
  /** When it applies, in one sentence: what the dashboard and the docs say of it. */
  when: string
  decide(seen: Seen): Blame | null
}

export type Sure = 'certain' | 'likely' | 'possible'

/** How sure the cause is: by the best piece of evidence for it. Null: nothing speaks for it. */
export function sureOf(evidence: readonly Evidence[]): Sure | null {
  const strengths = evidence.filter((e) => e.for === 'cause').map((e) => e.strength)
  if (strengths.includes('strong')) return 'certain'
  if (strengths.includes('supporting')) return 'likely'
  return strengths.length > 0 ? 'possible' : null
}

/** Why a follower's field differs from the owner's. Every rule says what would disprove it. */
export function blame(facts: DifferenceFacts): Blame {
  const seen = seenOf(facts)
  for (const rule of RULES) {
    const blamed = rule.decide(seen)
    if (blamed) return { ...blamed, evidence: [...blamed.evidence, ...around(blamed.cause, seen)] }
  }
  return said(
    'unknown',
    'weak',
    'The platforms do not say when either side was written.',
    'History of the records, or recorded events of the change.',
  )
}

/** A change that is told of travelled when it was sent; of others, when the owner changed. */
function around(cause: Cause, s: Seen): Evidence[] {
  const way = { from: s.owner.platform, to: s.follower.platform, at: s.present?.startedAt ?? s.ownerAt }
  return evidenceAround(cause, way, s.around, s.titleOf)
}

/** The rules for a field that differs, in the order in which they are tried. */
export const RULES: readonly Rule[] = [
  {
    cause: 'identity_in_doubt',
    when: 'The references of the records contradict each other: they may not be one thing at all.',
    decide: (s) =>
      s.doubt === null ? null : said('identity_in_doubt', 'strong', s.doubt, 'A decision which records are one.'),
  },
  {
    cause: 'currency',
    when: 'The field is the currency itself.',
    decide: (s) =>
      s.field.type === 'currency' && s.owner.value !== null && s.follower.value !== null
        ? said(
            'currency',
            'strong',
            `${s.owner.title} says ${s.owner.value}, ${s.follower.title} says ${s.follower.value}.`,
            newerIn(s),
          )
        : null,
  },
  {
    cause: 'rounding',
    when: 'The two amounts differ by no more than rounding or cutting digits makes.',
    decide: (s) =>
      s.owner.value !== null && s.follower.value !== null && (s.shown === 'rounding' || roundedField(s))
        ? said(
            'rounding',
            'supporting',
            `The two differ by no more than rounding makes: ${s.owner.value} and ${s.follower.value}.`,
            'A change of either amount that explains the difference.',
          )
        : null,
  },
  {
    cause: 'time_zone',
    when: 'The two instants differ by a whole offset of a time zone.',
    decide: (s) =>
      s.shown === 'time_zone' && s.owner.value !== null && s.follower.value !== null
        ? said(
            'time_zone',
            'supporting',
            'The two differ by a whole offset of a time zone.',
            'A change of either side that explains the difference.',
          )
        : null,
  },
  {
    cause: 'stale_event',
    when: 'An older change was applied after the newer one.',
    decide: (s) => overtaken(s) ?? olderValue(s),
  },
  {
    cause: 'overwritten',
    when: 'The follower held the owner’s value, and a later write replaced it.',
    decide: (s) => heldBefore(s) ?? writtenOver(s),
  },
  {
    cause: 'not_applied',
    when: 'The change reached the follower, which refused it, or does not show it.',
    decide: arrived,
  },
  {
    cause: 'not_acknowledged',
    when: 'The change was sent and the follower never answered.',
    decide: unanswered,
  },
  {
    cause: 'never_sent',
    when: 'Deliveries on this way are reported, and none carried the owner’s value.',
    decide: unsent,
  },
  {
    cause: 'time_zone',
    when: 'The two days are neighbours, and nothing else explains them.',
    decide: neighbours,
  },
  {
    cause: 'non_owner_write',
    when: 'Somebody who carries nothing from elsewhere wrote the follower after the owner’s change.',
    decide: ownHand,
  },
  {
    cause: 'not_applied',
    when: 'The follower was written after the owner’s change, and this field stayed as it was.',
    decide: leftOut,
  },
  {
    cause: 'never_sent',
    when: 'The follower has not been written since the owner’s change.',
    decide: untouched,
  },
  {
    cause: 'never_sent',
    when: 'The follower, who carries to it or the owner was down when the owner changed, and nothing tells of a delivery.',
    decide: whileDown,
  },
  {
    cause: 'non_owner_write',
    when: 'The follower’s record was last written, after the owner’s change, by somebody who carries nothing from elsewhere.',
    decide: lastHand,
  },
  {
    cause: 'unknown',
    when: 'The follower was written after the owner’s change, and what was written is not known.',
    decide: unclear,
  },
]
