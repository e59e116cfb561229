/** Titles in a reader's language: of checks, issues, kinds and fields. What nobody translated stays as it was written. */
import { GERMAN_FIELDS, GERMAN_KINDS } from '../model/german.ts'
import { hasKind, kindOf } from '../model/kinds.ts'
import type { Locale } from '../model/message.ts'
import type { Context } from './context.ts'

/** What an issue or a finding is called, and by which check. */
export interface Titled {
  check: string | null
  title: string
  kind: string | null
  field: string | null
}

export interface Titles {
  check(id: string, written?: string): string
  issue(of: Titled): string
  /** Of a field; the kind's where there is none. Empty where nothing is known. */
  field(kind: string | null, field: string | null): string
  /** `invoice`, `invoices`, in the language. */
  kind(name: string, n: number): string
}

export function titlesIn(locale: Locale, { checks }: Pick<Context, 'checks'>): Titles {
  const byId = new Map(checks.map((c) => [c.id, c]))
  const german = locale === 'de'
  const kind = (name: string, n: number): string => {
    if (german && GERMAN_KINDS[name]) return GERMAN_KINDS[name][n === 1 ? 0 : 1]
    if (!hasKind(name)) return name
    return n === 1 ? kindOf(name).title : kindOf(name).plural
  }
  const field = (of: string | null, name: string | null): string => {
    if (of === null || !hasKind(of)) return name ?? ''
    const label = kindOf(of).fields.find((f) => f.name === name)?.label
    if (label !== undefined) return (german ? GERMAN_FIELDS[label] : undefined) ?? label
    return name ?? kind(of, 1)
  }
  return {
    kind,
    field,
    check: (id, written = id) => {
      const check = byId.get(id)
      return check?.titles?.[locale] ?? check?.title ?? written
    },
    issue({ check: id, title, kind: of, field: name }) {
      const check = id === null ? undefined : byId.get(id)
      const translated = check?.titles?.[locale]
      if (translated === undefined) return title
      // A title that says more than its check's names the field: so does the translation.
      return title === check!.title || name === null || name === '' ? translated : `${translated}: ${field(of, name)}`
    },
  }
}
