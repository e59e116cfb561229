/** Shadows: drafts that look in every round beside the live checks. What they see is counted and shown; nobody is told. */
import type { Context } from '../context.ts'
import { asError } from '../errors.ts'
import type { CheckDraft, ShadowRun } from '../store/control/check-drafts.ts'
import { findings } from '../store/facts/findings.ts'
import { readCheck } from './read.ts'
import { trial, trialGround, type TrialGround } from './trial.ts'

const SAMPLES = 20

/** One look of every shadow. A shadow that fails says so in its own row and stops nothing. */
export async function runShadows(ctx: Context): Promise<void> {
  const drafts = ctx.control.checkDrafts('shadow')
  if (drafts.length === 0) return
  const ground = await trialGround(ctx)
  for (const draft of drafts) {
    ctx.signal.throwIfAborted()
    ctx.control.addShadowRun(await lookOf(ctx, draft, ground))
  }
}

async function lookOf(ctx: Context, draft: CheckDraft, ground: TrialGround): Promise<ShadowRun> {
  const blank = { id: draft.id, version: '', at: ground.asOf, open: 0, inFlight: 0, undecided: 0, added: 0, removed: 0 }
  const { check, problems } = readCheck(`${draft.id}.yaml`, draft.id, draft.yaml, undefined)
  if (!check) return { ...blank, error: problems[0]?.message ?? 'it cannot be read', sample: '[]' }
  try {
    const seen = await trial(ctx, check, ground)
    const all = [...seen]
    const opens = all.filter(([, o]) => o.verdict === 'drift' || o.verdict === 'unmapped')
    const live = new Set((await findings(ctx.facts, { check: draft.id, states: ['open'] })).map((f) => f.id))
    const added = opens.filter(([id]) => !live.has(id))
    const open = new Set(opens.map(([id]) => id))
    return {
      ...blank,
      version: check.version,
      open: opens.length,
      inFlight: all.filter(([, o]) => o.verdict === 'in_flight').length,
      undecided: all.filter(([, o]) => o.verdict === 'undecided').length,
      added: added.length,
      removed: [...live].filter((id) => !open.has(id)).length,
      error: null,
      sample: JSON.stringify(added.slice(0, SAMPLES).map(([, o]) => o.title)),
    }
  } catch (thrown) {
    if (ctx.signal.aborted) throw thrown
    return { ...blank, version: check.version, error: asError(thrown).message, sample: '[]' }
  }
}
