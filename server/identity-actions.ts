/** Linking and unlinking as items of a plan: records become one thing, or are kept apart, by a decision like a person's. */
import type { ActionRequest } from '../connectors/action.ts'
import { cannot, movedSince } from '../connectors/mark.ts'
import type { Context } from './context.ts'
import { decide, undo } from './identify/decide.ts'
import type { OwnAction } from './own-actions.ts'
import { JOINING, type IdentityDecision } from './store/control/identity-decisions.ts'
import { linksNamed } from './store/facts/links.ts'
import { inTurn } from './store/turns.ts'

/** Records as `platform:id`, in one order: the id of the group they are. */
export const groupId = (records: readonly string[]): string =>
  [...new Set(records)].sort().map(encodeURIComponent).join(' ')
const recordsOf = ({ recordId }: ActionRequest): string[] => (recordId ?? '').split(' ').map(decodeURIComponent)

export function identityAction(ctx: Context, name: 'link' | 'unlink', kind: string): OwnAction {
  const look: OwnAction['look'] = async (request) => {
    const records = recordsOf(request)
    const links = await linksNamed(ctx.facts, kind, records)
    const entities = links.map((l) => l.entity_id)
    if (links.length < records.length) return { kept: null, mark: '' }
    return { kept: { together: String(new Set(entities).size === 1) }, mark: entities.join(' ') }
  }
  const together = async (request: ActionRequest) => (await look(request)).kept?.['together'] === 'true'
  return {
    name,
    fields: ['together'],
    guard: 'etag',
    undo: name === 'link' ? 'unlink' : 'link',
    check(request) {
      if (recordsOf(request).length < 2) throw cannot('Name two records at least, as platform:id.')
    },
    look,
    // Deciding identifies, and nobody may look between the two halves of an identification.
    perform: (_ctx, request, standing) =>
      inTurn(ctx.control, 'look', async () => {
        const now = await look(request)
        const row = now.kept && { id: null, value: now.kept, raw: '' }
        const moved = movedSince(standing, { row, mark: now.kept && now.mark }, 'group')
        if (moved) return moved
        const records = recordsOf(request)
        const by = { actor: 'a plan', reason: `Item ${request.key}.` }
        const join = name === 'link'
        // What was decided the other way about just these records is taken back first; often that is all it takes.
        const against = inForce(ctx, kind, records).find((d) => JOINING.has(d.action) !== join)
        if (against) await undo(ctx, against.id, by)
        if ((await together(request)) !== join) {
          const groups = join ? [records] : records.map((r) => [r])
          await decide(ctx, { kind, action: join ? 'merge' : 'cut', groups, ...by })
        }
        return { status: 'done', recordId: request.recordId! }
      }),
  }
}

function inForce({ control }: Context, kind: string, records: readonly string[]): IdentityDecision[] {
  const wanted = groupId(records)
  return control.identityDecisions({ kind, inForce: true }).filter((d) => groupId(d.groups.flat()) === wanted)
}
