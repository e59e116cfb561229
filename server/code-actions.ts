/**
 * Entries of reference maps as items of a plan. They are kept in the control store, laid over what the configuration says at
 * every start, and in force at once; whoever keeps the maps in files writes them there and they agree.
 */
import { cannot, movedSince } from '../connectors/mark.ts'
import { kindOf } from '../model/kinds.ts'
import type { Context } from './context.ts'
import type { OwnAction } from './own-actions.ts'

/** Map → platform, connector, role or `*` → code → canonical value; null: taken out. */
type Codes = Record<string, Record<string, Record<string, string | null>>>
/** Where the control store keeps what plans have said. */
export const PLANNED_CODES = 'reference codes by plan'

export interface CodeName {
  map: string
  /** Platform, connector, role, or `*` for everybody. */
  who: string
  code: string
}

export const codeId = ({ map, who, code }: CodeName): string => [map, who, code].map(encodeURIComponent).join('/')
function codeName(id: string | null): CodeName {
  const [map = '', who = '', code = ''] = (id ?? '').split('/').map(decodeURIComponent)
  return { map, who, code }
}

/** What plans have said about codes so far. */
export const plannedCodes = ({ control }: Pick<Context, 'control'>): Codes =>
  JSON.parse(control.get(PLANNED_CODES) ?? '{}') as Codes

/** Lays what plans have said over the maps of the configuration. Called once at every start, and after every change. */
export function layCodes(ctx: Pick<Context, 'config' | 'control'>): void {
  for (const [map, owners] of Object.entries(plannedCodes(ctx))) {
    const entries = ctx.config.reference_maps[map]?.entries
    // A map that is configured no more is read by nobody.
    if (!entries) continue
    for (const [who, codes] of Object.entries(owners))
      for (const [code, means] of Object.entries(codes))
        if (means === null) delete entries[who]?.[code]
        else (entries[who] ??= {})[code] = means
  }
}

export function codeAction(ctx: Context): OwnAction {
  const look: OwnAction['look'] = (request) => {
    const { map, who, code } = codeName(request.recordId)
    const entries = ctx.config.reference_maps[map]?.entries
    const means = entries && Object.hasOwn(entries, who) ? (entries[who]![code] ?? null) : null
    return Promise.resolve({ kept: entries ? { means } : null, mark: means ?? '' })
  }
  return {
    name: 'set_code',
    fields: ['means'],
    guard: 'etag',
    undo: 'set_code',
    check(request) {
      const { map, who, code } = codeName(request.recordId)
      if (!who || !code) throw cannot('Name a map, whose code it is, and the code.')
      const means = request.fields['means'] ?? null
      const states = statesOf(ctx, map)
      if (means !== null && states.length > 0 && !states.includes(means))
        throw cannot(`"${means}" is no state that ${map} can mean.`, `Write one of ${states.join(', ')}.`)
    },
    look,
    async perform(_ctx, request, standing) {
      const now = await look(request)
      const moved = movedSince(
        standing,
        { row: now.kept && { id: null, value: now.kept, raw: '' }, mark: now.kept && now.mark },
        'entry',
      )
      if (moved) return moved
      const { map, who, code } = codeName(request.recordId)
      const before = ctx.control.get(PLANNED_CODES)
      const all = plannedCodes(ctx)
      ;((all[map] ??= {})[who] ??= {})[code] = request.fields['means'] ?? null
      if (!ctx.control.compareAndSet(PLANNED_CODES, before, JSON.stringify(all)))
        return { status: 'conflict', reason: 'another plan changed the maps at the same time' }
      layCodes(ctx)
      return { status: 'done', recordId: request.recordId! }
    },
  }
}

/** Where a map is read for states, the states of those kinds; else nothing is known of its values. */
function statesOf({ config }: Pick<Context, 'config'>, map: string): string[] {
  const kinds = Object.values(config.platforms).flatMap(({ maps }) =>
    Object.entries(maps ?? {}).flatMap(([field, name]) =>
      name === map && field.endsWith('.state') ? [field.slice(0, -'.state'.length)] : [],
    ),
  )
  return [...new Set(kinds.flatMap((kind) => [...kindOf(kind).states]))]
}
