/** Who would own what under a proposed configuration: lines of the matrix that at least two platforms keep, with those to choose from. */
import type { z } from 'zod'
import type { LiveLandscape } from '../config/landscape.ts'
import type { Config } from '../config/schema.ts'
import type { Context } from '../context.ts'
import { matrix } from './ownership.ts'
import type { previewSchema } from './set-up-views.ts'

type Owners = z.output<typeof previewSchema>['owners']

export function wouldOwn(ctx: Context, config: Config, landscape: LiveLandscape): Owners {
  return matrix({ ...ctx, config, landscape }).flatMap((line): Owners => {
    const keepers = landscape.platforms.filter((p) => landscape.keeps(p.name, line.kind))
    if (keepers.length < 2) return []
    const whole = line.fields.includes('existence')
    return [
      {
        kind: line.kind,
        // A choice for the whole kind is written to the kind; for some of its fields, to the first, with the others beside it.
        pattern: whole ? line.kind : `${line.kind}.${line.fields[0]!}`,
        fields: line.fields,
        owner: line.owners[0]?.platform ?? null,
        by_state: line.by_state.map((s) => ({ state: s.state, owner: s.owners[0]?.platform ?? null })),
        keepers: keepers.map((p) => ({ platform: p.name, title: p.title })),
        followers: line.others.filter((o) => o.standing === 'follower').map((o) => o.title),
        trouble: line.trouble,
      },
    ]
  })
}
