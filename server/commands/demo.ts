/** `plumbline demo`: the whole product over the fault laboratory. No accounts, no configuration, nothing leaves this machine. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serve } from '../main.ts'
import type { Runtime } from '../runtime.ts'
import { founded } from './sample.ts'
import { stopped, welcome } from './start.ts'
import { text, type Command } from './command.ts'

export const demo: Command = {
  usage: '[--port PORT]',
  about: 'The product over a simulated company: every kind of drift, no accounts needed.',
  details: [
    '--port PORT     default 7117',
    '--seed TEXT     another company',
    'Keeps its data in a temporary folder unless --data names one; nothing leaves this machine.',
  ],
  options: { port: { type: 'string' }, seed: { type: 'string' } },
  async run(globals, values) {
    const kept = globals.data !== undefined
    const folder = globals.data ?? mkdtempSync(join(tmpdir(), 'plumbline-demo-'))
    mkdirSync(folder, { recursive: true })
    globals.err('Founding a company …\n')
    const seed = text(values, 'seed')
    const company = await founded(folder, seed ? { seed } : {})
    const { configFile } = company
    const password = randomBytes(12).toString('base64url')
    const port = Number(text(values, 'port') ?? '7117')
    const running = await serve({
      configFile,
      data: join(folder, 'data'),
      env: globals.env,
      port,
      readyAdministrator: { email: 'demo@plumbline.example', name: 'Demo' },
      readyApprovers: { accounts: APPROVERS, password },
    })
    const { runtime } = running
    welcome(globals, running, 'Sign in with this link, once:')
    globals.out(twoPeople(running.approverLinks, password))
    company.live(running)
    await firstLook(runtime)
    globals.out(
      'The first findings are there. The company lives on: new ones appear and others heal. Ctrl-C ends it.\n',
    )
    await stopped()
    globals.err('Stopping …\n')
    await running.stop()
    await company.stop()
    if (!kept) rmSync(folder, { recursive: true, force: true })
    return 0
  },
}

/** Nobody approves what they asked for, and large amounts take two: so there are more people than one. */
const APPROVERS = [
  { email: 'anna@plumbline.example', name: 'Anna, who approves' },
  { email: 'bert@plumbline.example', name: 'Bert, who approves too' },
]

function twoPeople([anna, bert]: string[], password: string): string {
  return [
    'A fix is approved by somebody else. To see one through to its proof, open this in a private window, once:',
    `  Anna, an approver    ${anna}`,
    `  Bert, for the large  ${bert}`,
    `The password of all three, asked for again before approving and applying: ${password}`,
    '',
  ].join('\n')
}

/** The schedules read and check at once: asking for it here as well would make both wait for each other. */
function firstLook({ live }: Runtime): Promise<void> {
  return new Promise((resolve) => {
    const stop = live.subscribe((event) => {
      if (event.type !== 'checked' || event.open === 0) return
      stop()
      resolve()
    })
  })
}
