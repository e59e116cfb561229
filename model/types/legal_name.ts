/** A registered name. Stored as written; compared like a name, with its legal form in one spelling (`G.m.b.H.` = `GmbH`). */
import { bare, foldText } from '../fold.ts'
import { remember } from '../memo.ts'
import { keyed, written, type Read } from '../reading.ts'
import { ATTACHED_FORMS, FORM_BY_LETTERS, LEADING_FORMS, squash } from './legal-forms.ts'

export const readLegalName: Read = (raw) => {
  const text = written(raw)
  return typeof text === 'string' ? keyed(text, legalNameKey(text)) : text
}

/** A registered name taken apart; `form` and `leading` are canonical spellings, empty if there is none. */
interface Parts {
  leading: string
  name: string
  form: string
  /** The form touches the name, as in Japanese. */
  attached: boolean
}

export function legalNameKey(text: string): string {
  const { leading, name, form, attached } = parts(foldText(text))
  return [leading, name, form].filter((part) => part !== '').join(attached ? '' : ' ')
}

/** The key without its legal form: what identity goes by. A name that is nothing but a form keeps it. */
export function legalNameWithoutForm(key: string): string {
  return parts(key).name
}

export function hasLegalForm(key: string): boolean {
  const { leading, form } = parts(key)
  return leading !== '' || form !== ''
}

const NAMES_MAX = 20_000

const parts = remember(NAMES_MAX, (folded: string): Parts => {
  const attached = attachedForm(folded)
  if (attached) return attached
  const words = folded
    .replaceAll(',', ', ')
    .split(' ')
    .filter((word) => word !== '')
  if (words.length < 2) return { leading: '', name: folded, form: '', attached: false }
  const last = trailing(words)
  const first = leadingForm(words, last.from)
  const name = words
    .slice(first.to, last.from)
    .join(' ')
    .replace(/[\s,;/–-]+$/, '')
  if (name === '') return { leading: '', name: folded, form: '', attached: false }
  return { leading: first.form, name, form: last.form, attached: false }
})

/** The bare letters of one word; `&` and `+` stay, because they belong to forms. */
function lettersOf(word: string): string {
  if (/^[a-z0-9]+$/.test(word)) return word
  const plain = word.replace(/[.,()'"/-]/g, '')
  if (/^[a-z0-9]*$/.test(plain)) return plain
  if (plain === '+') return '&'
  return (plain.startsWith('&') ? '&' : '') + bare(plain).replaceAll(' ', '')
}

/** The longest run of last words that is a form, leaving at least one word for the name. */
function trailing(words: readonly string[]): { from: number; form: string } {
  let found = { from: words.length, form: '' }
  let run = ''
  for (let from = words.length - 1; from > 0; from--) {
    const letters = lettersOf(words[from]!)
    run = squash([letters]) + run
    if (run !== '' && !FORM_ENDS.has(run)) break
    const form = letters === '' ? undefined : FORM_BY_LETTERS.get(run)
    if (form) found = { from, form }
  }
  return found
}

const LEADING_WORDS_MAX = 4

function leadingForm(words: readonly string[], before: number): { to: number; form: string } {
  let found = { to: 0, form: '' }
  if (!LEADING_INITIALS.has(words[0]![0]!)) return found
  let run = ''
  for (let to = 1; to < before && to <= LEADING_WORDS_MAX; to++) {
    run += squash([lettersOf(words[to - 1]!)])
    const form = FORM_BY_LETTERS.get(run)
    if (form && LEADING_FORMS.has(form)) found = { to, form }
  }
  return found
}

/** Most names begin with none of these and need no further look. */
const LEADING_INITIALS: ReadonlySet<string> = new Set(
  [...FORM_BY_LETTERS].filter(([, form]) => LEADING_FORMS.has(form)).map(([letters]) => letters[0]!),
)

/** Every end of every form's letters: a run of last words that is none of these cannot grow into a form. */
const FORM_ENDS: ReadonlySet<string> = new Set(
  [...FORM_BY_LETTERS.keys()].flatMap((letters) => [...letters].map((_, at) => letters.slice(at))),
)

function attachedForm(folded: string): Parts | null {
  for (const spellings of ATTACHED_FORMS) {
    for (const spelling of spellings) {
      if (folded.length <= spelling.length) continue
      if (folded.endsWith(spelling))
        return { leading: '', name: folded.slice(0, -spelling.length).trim(), form: spellings[0]!, attached: true }
      if (folded.startsWith(spelling))
        return { leading: spellings[0]!, name: folded.slice(spelling.length).trim(), form: '', attached: true }
    }
  }
  return null
}
