/** `plumbline collect`: one round of reading now, here or in the server that is running. */
import { openContext } from '../open.ts'
import { collectAll, type CollectOutcome } from '../round.ts'
import { identify } from '../identify/identify.ts'
import { PlumblineError } from '../errors.ts'
import { nearest } from '../config/nearest.ts'
import { askServerToRun } from './server.ts'
import type { Command } from './command.ts'

export const collectCommand: Command = {
  usage: '[PLATFORM…] [--full]',
  about: 'Reads what changed on the platforms, once, now.',
  details: [
    '--full   enumerates everything and finds what was deleted',
    'Exit 1 when a platform could not be read; the others are.',
  ],
  options: { full: { type: 'boolean' } },
  async run(globals, values, platforms) {
    const mode = values.full === true ? 'full' : 'changes'
    const outcomes =
      (await askServerToRun<CollectOutcome[]>(globals, { do: 'collect', platforms, mode })) ??
      (await withContext(globals, async (ctx) => {
        const known = Object.keys(ctx.config.platforms)
        for (const name of platforms) {
          if (known.includes(name)) continue
          throw new PlumblineError('config', `There is no platform "${name}".`, {
            remedy: `Did you mean "${nearest(name, known) ?? known[0]}"? Configured: ${known.join(', ')}.`,
          })
        }
        const done = await collectAll(ctx, { ...(platforms.length && { platforms }), mode })
        await identify(ctx)
        return done
      }))
    if (globals.json) globals.out(`${JSON.stringify(outcomes, null, 2)}\n`)
    else for (const o of outcomes) globals.out(`${line(o)}\n`)
    return outcomes.some((o) => o.error || o.result?.streams.some((s) => s.error) || o.result?.events?.error) ? 1 : 0
  },
}

export async function withContext<T>(
  globals: Parameters<Command['run']>[0],
  work: (ctx: Awaited<ReturnType<typeof openContext>>['ctx']) => Promise<T>,
): Promise<T> {
  const opened = await openContext({ configFile: globals.config, data: globals.data, env: globals.env })
  try {
    return await work(opened.ctx)
  } finally {
    await opened.close()
  }
}

function line({ platform, result, error }: CollectOutcome): string {
  if (error) return `${platform}: ${error.message}${error.remedy ? ` ${error.remedy}` : ''}`
  const streams = result!.streams.map((s) => {
    const figures = `${s.read} read, ${s.stored} changed${s.deleted ? `, ${s.deleted} deleted` : ''}${s.quarantined ? `, ${s.quarantined} in quarantine` : ''}`
    return `  ${s.stream}: ${figures}${s.error ? ` — ${s.error.message}${s.error.remedy ? ` ${s.error.remedy}` : ''}` : ''}`
  })
  const { events } = result!
  if (events) {
    const figures = `${events.read} read, ${events.stored} new${events.refused ? `, ${events.refused} refused` : ''}`
    streams.push(`  events: ${figures}${events.error ? ` — ${events.error.message}` : ''}`)
  }
  return [`${platform}:`, ...streams].join('\n')
}
