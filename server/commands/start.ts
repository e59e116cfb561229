/** `plumbline start`: collectors, checks, API and dashboard, until it is told to stop. */
import { existsSync } from 'node:fs'
import { keepRunning } from '../again.ts'
import type { Running } from '../main.ts'
import { foundSample } from './sample.ts'
import type { Command, Globals } from './command.ts'

export const start: Command = {
  usage: '[--set-up]',
  about: 'Collectors, checks, API and dashboard.',
  details: [
    'Runs until Ctrl-C. The first start prints a one-time link that makes the first administrator.',
    'Without a plumbline.yaml the dashboard leads through a set-up that writes one.',
    '--set-up   the same where --config names a file that does not exist yet',
  ],
  options: { 'set-up': { type: 'boolean' } },
  async run(globals, values) {
    // From here on: whoever reads that it runs may ask it to stop at once.
    const asked = stopped()
    const setUp = values['set-up'] === true || !globals.configGiven
    const missing = setUp && !existsSync(globals.config)
    const kept = await keepRunning({
      ...{ configFile: globals.config, data: globals.data, env: globals.env, setUp, sample: foundSample },
      begun(running, first) {
        if (first) welcome(globals, running, 'Make the first administrator at')
        // The first round does not wait for the first slot.
        if (Object.keys(running.runtime.ctx.config.platforms).length > 0) firstRound(running)
      },
    })
    if (missing)
      globals.out(
        `There is no ${globals.config} yet: ${kept.running.url}/set-up leads through it, or shows a sample company first.\n`,
      )
    await Promise.race([asked, kept.over])
    globals.err('Stopping …\n')
    await kept.stop()
    return 0
  },
}

/** Reads and checks once; a failure is told, and the schedules go on. */
export function firstRound({ runtime }: Running): void {
  void runtime
    .collect({})
    .then(() => runtime.check({}))
    .catch((thrown: unknown) => {
      if (!runtime.ctx.signal.aborted) runtime.ctx.log.error('first round failed', { error: String(thrown) })
    })
}

export function welcome(globals: Globals, { url, signInLink }: Running, invitation: string): void {
  globals.out(`Plumbline is running at ${url}\n`)
  if (signInLink) globals.out(`${invitation} ${signInLink}\n`)
}

/** Resolves at Ctrl-C or when the service manager asks; a second time leaves at once. */
export function stopped(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false
    const stop = () => {
      if (asked) process.exit(130)
      asked = true
      resolve()
    }
    process.on('SIGINT', stop)
    process.on('SIGTERM', stop)
  })
}
