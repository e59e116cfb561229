/** The values table of a finding: a column a platform, every cell in words that cannot be mistaken for another. */
import type { Finding, Held } from '../api.ts'

export interface Cell {
  held: Held
  /** What is shown large. */
  text: string
  /** The text is the platform's own; otherwise it is one of our words for why there is none. */
  is: 'value' | 'word'
  role: 'owner' | 'deviates' | 'agrees' | 'aside'
  /** Why it is marked as it is, in words: colour never says it alone. */
  says: string | null
}

/** Each state of a cell has a word of its own; none of them is "nothing". */
const WORDS: Record<Exclude<Held['state'], 'value'>, string> = {
  empty: 'empty',
  absent: 'not delivered (no permission, or left out)',
  cannot_hold: 'not held',
  unmapped: 'code without a mapping',
  invalid: 'cannot be read',
  missing: 'no record',
  deleted: 'deleted',
}

const STANDS: Partial<Record<Held['stands'], string>> = {
  advisory: 'shown for comparison, need not agree',
  gated: 'not expected in this state',
  foreign: 'outside the scope',
}

export function cellOf(held: Held, raw: boolean): Cell {
  const text = raw ? (held.raw ?? held.value) : held.value
  const shows =
    held.state === 'value' ||
    ((held.state === 'unmapped' || held.state === 'invalid') && (held.raw ?? held.value) !== null)
  const deviates = held.at_fault
  return {
    held,
    text: shows
      ? ((held.state === 'value' ? text : (held.raw ?? held.value)) ?? '')
      : WORDS[held.state as Exclude<Held['state'], 'value'>],
    is: shows ? 'value' : 'word',
    role: deviates ? 'deviates' : held.stands === 'owner' ? 'owner' : held.stands === 'follower' ? 'agrees' : 'aside',
    says: deviates
      ? 'differs from the owner'
      : held.state === 'unmapped' || held.state === 'invalid'
        ? WORDS[held.state]
        : (STANDS[held.stands] ?? null),
  }
}

/** Platforms of a finding in reading order: the owner, the one at fault, the rest. */
export function columnsOf(finding: Finding, raw: boolean): Cell[] {
  const weight = (c: Cell) => (c.held.stands === 'owner' ? 0 : c.role === 'deviates' ? 1 : c.role === 'agrees' ? 2 : 3)
  return finding.values.map((v) => cellOf(v, raw)).sort((a, b) => weight(a) - weight(b))
}
