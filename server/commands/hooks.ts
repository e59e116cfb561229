/** `plumbline hooks`: the address to enter at every sender, what has come in there, and what is missing. */
import { hookViews, type HookView } from '../api/intake.ts'
import { openContext } from '../open.ts'
import { askIntake } from './server.ts'
import type { Command } from './command.ts'

export const hooks: Command = {
  usage: '',
  about: 'Addresses that platforms and integrations send to, and what came of it.',
  details: [
    'Asks the running server, else the data folder. Exit 1 when a sender has never been heard of or is refused.',
  ],
  options: {},
  async run(globals) {
    const views = (await askIntake(globals)) ?? (await fromFolder(globals))
    const missing = views.map((view) => ({ view, lacks: lacksOf(view) }))
    if (globals.json)
      globals.out(
        `${JSON.stringify(
          missing.map(({ view, lacks }) => ({ ...view, lacks })),
          null,
          2,
        )}\n`,
      )
    else if (views.length === 0)
      globals.out(
        'No platform takes deliveries. The connectors webhook, cloudevents and otlp do; see docs/intake.md.\n',
      )
    else for (const { view, lacks } of missing) globals.out(shown(view, lacks))
    return missing.some(({ lacks }) => lacks.length > 0) ? 1 : 0
  },
}

async function fromFolder(globals: Parameters<Command['run']>[0]): Promise<HookView[]> {
  const opened = await openContext({ configFile: globals.config, data: globals.data, env: globals.env })
  try {
    const { ctx } = opened
    const { host, port, public_url } = ctx.config.server
    const origin = public_url?.replace(/\/$/, '') ?? `http://${host}:${port}`
    return hookViews(ctx, origin, ctx.control.hookCounts(), () => 0)
  } finally {
    await opened.close()
  }
}

function lacksOf(view: HookView): string[] {
  const lacks: string[] = []
  if (/^http:\/\/(127\.|localhost|\[::1\])/.test(view.url))
    lacks.push('This address is reachable from this machine only: set server.public_url to what senders can reach.')
  if (view.last_received_at === null)
    lacks.push('Nothing has come in yet: enter the address at the sender and send a test.')
  const refused = view.refused.reduce((sum, r) => sum + r.n, 0)
  if (refused > view.signed + view.token + view.unsigned)
    lacks.push(
      `Most deliveries are refused: ${view.refused.map((r) => `${r.reason} (${r.n})`).join(', ')}. Compare the secrets.`,
    )
  if (view.aside > 0)
    lacks.push(`${view.aside} deliveries cannot be read: add a rule, then read them again on page Connectors.`)
  return lacks
}

function shown(view: HookView, lacks: readonly string[]): string {
  const said = [
    `${view.signed} signed`,
    `${view.token} by token`,
    `${view.unsigned} unsigned`,
    `${view.refused.reduce((sum, r) => sum + r.n, 0)} refused`,
    `last ${view.last_received_at ?? 'never'}`,
    ...(view.handshake_at ? [`handshake ${view.handshake_at}`] : []),
  ]
  return [`${view.platform}  ${view.url}`, `  ${said.join(', ')}`, ...lacks.map((l) => `  ! ${l}`), ''].join('\n')
}
