/** `plumbline start`: collectors, checks, API and dashboard, until it is told to stop. */
import { requireConfig } from '../open.ts'
import { serve, type Running } from '../main.ts'
import type { Command, Globals } from './command.ts'

export const start: Command = {
  usage: '',
  about: 'Collectors, checks, API and dashboard.',
  details: ['Runs until Ctrl-C. The first start prints a one-time link that makes the first administrator.'],
  options: {},
  async run(globals) {
    requireConfig(globals.config)
    const running = await serve({ configFile: globals.config, data: globals.data, env: globals.env })
    welcome(globals, running, 'Make the first administrator at')
    // The first round does not wait for the first slot.
    void running.runtime
      .collect({})
      .then(() => running.runtime.check({}))
      .catch((thrown: unknown) => running.runtime.ctx.log.error('first round failed', { error: String(thrown) }))
    await stopped()
    globals.err('Stopping …\n')
    await running.stop()
    return 0
  },
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
