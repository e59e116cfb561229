/** `plumbline trace`: one change followed over every platform. */
import { traceView } from '../api/traces.ts'
import { PlumblineError } from '../errors.ts'
import { trace, type Traced } from '../trace/trace.ts'
import type { TraceAsk } from '../trace/target.ts'
import { withContext } from './collect.ts'
import { text, type Command, type Values } from './command.ts'
import { askServer } from './server.ts'

type View = ReturnType<typeof traceView>
const TEXTS = ['finding', 'entity', 'platform', 'kind', 'record', 'correlation', 'trace', 'number', 'field'] as const

export const traceCommand: Command = {
  usage: '[I-NUMBER]',
  about: 'Follows one change over every platform: where it began, who has it, where it stopped and who must act.',
  details: [
    '--finding ID, --entity ID, --platform NAME --record ID [--kind KIND]',
    '--correlation ID, --trace ID, --number NUMBER   what middleware and traces carry',
    '--field FIELD       follows that field; default: the one of the finding, else the whole record',
    '--as-of INSTANT     as it was known then',
    'Exit 1 when the change stopped somewhere.',
  ],
  options: {
    ...Object.fromEntries(TEXTS.map((name) => [name, { type: 'string' as const }])),
    'as-of': { type: 'string' },
  },
  async run(globals, values, [issue]) {
    const ask = askOf(values, issue)
    const at = text(values, 'as-of')
    const query = new URLSearchParams(
      Object.entries({ ...ask, instant: at }).flatMap(([k, v]) => (v === undefined ? [] : [[k, String(v)]])),
    )
    const view =
      (await askServer<View>(globals, { method: 'GET', path: `/v1/trace?${query.toString()}` })) ??
      (await withContext(globals, async (ctx): Promise<View> => {
        const traced: Traced = await trace(ctx, ask, at === undefined ? ctx.clock.now() : Date.parse(at))
        return traceView(traced, ctx)
      }))
    globals.out(globals.json ? `${JSON.stringify(view, null, 2)}\n` : report(view))
    return view.branches.some((b) => b.outcome === 'stopped') ? 1 : 0
  },
}

function askOf(values: Values, issue: string | undefined): TraceAsk {
  const number = issue === undefined ? undefined : Number(/^(?:I-)?(\d+)$/i.exec(issue)?.[1] ?? Number.NaN)
  if (number !== undefined && Number.isNaN(number))
    throw new PlumblineError('config', `"${issue}" is no issue.`, { remedy: 'Write it like I-3000.' })
  const ask: TraceAsk = { ...(number !== undefined && { issue: number }) }
  for (const name of TEXTS) {
    const value = text(values, name)
    if (value !== undefined) ask[name] = value
  }
  return ask
}

function report(t: View): string {
  const head = `${t.kind_title} ${t.entity_id}${t.label ? `, ${t.label}` : ''}, as of ${t.as_of}`
  const tie = `tied together by ${t.correlated.by.replaceAll('_', ' ')}${t.correlated.ids.length ? ` ${t.correlated.ids.join(', ')}` : ''} (${t.correlated.sure}); ${t.flow.style}${t.flow.by.length ? ` by ${t.flow.by.map((p) => p.title).join(', ')}` : ''}`
  const hops = t.hops.map(
    (h) =>
      `  ${(h.at ?? 'never').padEnd(24)}  ${h.gap_ms === null ? '' : `+${(h.gap_ms / 1000).toFixed(1)} s`}`.padEnd(42) +
      `${h.says}${h.value === null ? '' : ` “${h.value}”`}; ${h.detail}${h.stopped ? '  ← stopped here' : ''}`,
  )
  const faults = t.branches.flatMap((b) =>
    b.fault ? [`${b.platform.title}: ${b.fault.layer} (${b.fault.sure}). ${b.fault.correction}`] : [],
  )
  return `${[head, tie, '', ...hops, '', ...t.answers.map((a) => `${a.question} ${a.answer}`), ...(faults.length ? ['', ...faults] : [])].join('\n')}\n`
}
