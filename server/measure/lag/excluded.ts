/** Excluded times: changes whose window met one of them spend no budget, and say why. */
import type { Kind } from '../../../model/kind.ts'
import { pattern } from '../../config/pattern.ts'
import type { Context } from '../../context.ts'

export type Excluded = (field: string, owner: string, follower: string, changedAt: number, dueAt: number) => string

/** The reason of the first excluded time that the change's window met; empty where none did. */
export function excludedBy({ config, landscape }: Pick<Context, 'config' | 'landscape'>, kind: Kind): Excluded {
  const meets = (name: string | undefined, platform: string) =>
    name === undefined || landscape.named(name).some((p) => p.name === platform)
  const times = config.objectives.exclude.map((e) => ({
    ...e,
    beginMs: Date.parse(e.begin),
    endMs: Date.parse(e.end),
    patterns: e.fields?.map(pattern) ?? null,
  }))
  return (field, owner, follower, changedAt, dueAt) =>
    times.find(
      (t) =>
        changedAt < t.endMs &&
        dueAt > t.beginMs &&
        meets(t.from, owner) &&
        meets(t.to, follower) &&
        (t.patterns === null || t.patterns.some((p) => p.matches(kind.name, field))),
    )?.reason ?? ''
}
