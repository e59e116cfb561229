/** What a report must not carry: personal values, and values of fields that the alerts mask as well. */
import { hasKind, kindOf } from '../../model/kinds.ts'

/** What is shown in their place. */
export const HIDDEN = '•••'

/** Patterns are `kind.field`, with `*` for any. */
export function isHidden(masked: readonly string[], kind: string, field: string | null): boolean {
  if (field === null) return false
  const about = hasKind(kind) ? kindOf(kind).fields.find((f) => f.name === field) : undefined
  return about?.sensitivity === 'personal' || masked.some((pattern) => like(pattern, `${kind}.${field}`))
}

function like(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`).test(text)
}
