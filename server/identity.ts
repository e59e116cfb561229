/**
 * Identity as people question it: what the linker proposes and why, why records are one thing, who was one thing when,
 * and what a decision would change. The API and the command line both speak through this.
 */
import { judgePair, type Judged } from '../model/linkage/weights.ts'
import { hasKind } from '../model/kinds.ts'
import type { Context } from './context.ts'
import { PlumblineError } from './errors.ts'
import { decide, undo, type Wish } from './identify/decide.ts'
import { entityAt, type EntityAt, type Instant } from './identify/history.ts'
import { LINKED_KINDS, specOf } from './identify/linker/kinds.ts'
import { propose, type Proposed } from './identify/propose.ts'
import { settledPairs } from './identify/settled.ts'
import type { IdentityDecision } from './store/control/identity-decisions.ts'
import { linkHistory, recordsOf, type Link } from './store/facts/links.ts'
import { latestModel, suggestions, type KeptModel, type Suggestion } from './store/facts/link-suggestions.ts'
import { recordSides, type RecordSide } from './store/facts/record-sides.ts'
import { conflictsOf, type KeptConflict } from './store/facts/conflicts.ts'
import { inTurn } from './store/turns.ts'
import { whatIf, type WhatIf } from './what-if.ts'

export interface Explained extends Suggestion {
  judged: Judged
  sides: RecordSide[]
}

export interface EntityEvidence {
  kind: string
  entity_id: string
  links: Link[]
  sides: RecordSide[]
  conflicts: KeptConflict[]
  decisions: IdentityDecision[]
}

export interface Identity {
  suggestions(kind: string, page: { limit: number; offset: number }): Promise<{ rows: Suggestion[]; total: number }>
  /** One suggestion with its waterfall and both records. @throws not_found */
  suggestion(kind: string, id: string): Promise<Explained>
  /** Why the records of an entity are one thing. @throws not_found */
  entity(kind: string, id: string): Promise<EntityEvidence>
  entityAt(kind: string, id: string, at: Instant): Promise<EntityAt>
  history(kind: string, record: string): Promise<Link[]>
  models(): Promise<KeptModel[]>
  decisions(kind?: string): IdentityDecision[]
  decide(wish: Wish): Promise<IdentityDecision>
  undo(id: number, by: { reason: string; actor: string }): Promise<IdentityDecision>
  whatIf(wish: Omit<Wish, 'reason' | 'actor'>): Promise<WhatIf>
  /** Estimates anew and looks at everything. */
  propose(kinds?: readonly string[]): Promise<Proposed[]>
}

export function identityOf(ctx: Context): Identity {
  const { facts, control } = ctx
  // Deciding identifies, and nobody may look between the two halves of an identification.
  const look = <T>(work: () => Promise<T>) => inTurn(control, 'look', work)
  const page = (kind: string, more: { limit: number; offset: number; id?: string }) =>
    suggestions(facts, { kind: known(kind), settled: settledPairs(control, kind), ...more })

  return {
    suggestions: page,
    async suggestion(kind, id) {
      const { rows } = await page(kind, { limit: 1, offset: 0, id })
      const model = await latestModel(facts, kind)
      if (!rows[0] || !model)
        throw new PlumblineError('not_found', `There is no open suggestion ${id} of ${kind}.`, {
          remedy:
            'It may have been decided, or the records changed: plumbline identity suggestions lists what is open.',
        })
      const [found] = rows
      let frequent = 0
      const frequencies = specOf(facts.database, kind, null).fields.map((f) => {
        if (!f.termFrequency) return null
        return 2 ** -(found.rarities[frequent++] ?? 0)
      })
      return {
        ...found,
        judged: judgePair(model.model, Number(found.pattern), frequencies),
        sides: await recordSides(facts, kind, found.records),
      }
    },
    async entity(kind, id) {
      const links = await recordsOf(facts, known(kind), id)
      if (links.length === 0)
        throw new PlumblineError('not_found', `There is no ${kind} ${id}.`, {
          remedy: 'It may have been merged: ask for one of its records instead.',
        })
      const names = links.map((l) => `${l.platform}:${l.record_id}`)
      return {
        kind,
        entity_id: id,
        links,
        sides: await recordSides(facts, kind, names),
        conflicts: (await conflictsOf(facts, kind)).filter((c) => c.records.some((r) => names.includes(r))),
        decisions: control.identityDecisions({ kind }).filter((d) => d.groups.flat().some((r) => names.includes(r))),
      }
    },
    entityAt: (kind, id, at) => entityAt(facts, known(kind), id, at),
    history: (kind, record) =>
      linkHistory(facts, known(kind), record.slice(0, record.indexOf(':')), record.slice(record.indexOf(':') + 1)),
    async models() {
      const models: KeptModel[] = []
      for (const kind of LINKED_KINDS) {
        const model = await latestModel(facts, kind)
        if (model) models.push(model)
      }
      return models
    },
    decisions: (kind) => control.identityDecisions({ ...(kind !== undefined && { kind }) }).reverse(),
    decide: (wish) => look(() => decide(ctx, wish)),
    undo: (id, by) => look(() => undo(ctx, id, by)),
    whatIf: (wish) => look(() => whatIf(ctx, { ...wish, reason: 'What if', actor: 'what-if' })),
    propose: (kinds) => look(() => propose(ctx, { full: true, ...(kinds && { kinds }) })),
  }
}

function known(kind: string): string {
  if (hasKind(kind)) return kind
  throw new PlumblineError('not_found', `There is no kind "${kind}".`, { remedy: 'docs/model.md lists them.' })
}
