/** A person at the command line: what only a person may do takes their own password, never a token. */
import { createInterface } from 'node:readline'
import { PlumblineError } from '../errors.ts'
import { localRequest, type LocalServer } from '../http/local.ts'
import type { Globals } from './command.ts'
import { serverOf } from './server.ts'

/** @throws PlumblineError where no server runs on the data folder */
export function runningDesk(globals: Globals): LocalServer {
  const server = serverOf(globals)
  if (!server)
    throw new PlumblineError('config', 'What a person decides is taken by the running product, and none runs here.', {
      remedy: 'Start it with plumbline start, then run the command again.',
    })
  return server
}

export async function ask<T>(server: LocalServer, path: string, json?: unknown, cookie?: string): Promise<T> {
  const method = json === undefined ? 'GET' : 'POST'
  const reply = await localRequest(server, {
    method,
    path: `/v1${path}`,
    ...(json !== undefined && { json }),
    ...(cookie !== undefined && { cookie }),
  })
  return (reply === '' ? {} : JSON.parse(reply)) as T
}

/** Signs in with mail address and password, read from standard input; the cookie of the fresh session. */
export async function signedIn(globals: Globals, server: LocalServer, email: string | undefined): Promise<string> {
  if (!email)
    throw new PlumblineError('config', 'Who are you?', {
      remedy: 'Name your account with --as MAIL; your password is asked for.',
    })
  globals.err(`Password of ${email}: `)
  const password = await firstLine()
  let cookie = ''
  await localRequest(server, {
    method: 'POST',
    path: '/v1/session',
    json: { email, password },
    cookie: '',
    onCookie: (set) => void (cookie = set),
  })
  return cookie
}

function firstLine(): Promise<string> {
  const lines = createInterface({ input: process.stdin })
  return new Promise((resolve) => {
    lines.once('line', (line) => (resolve(line), lines.close()))
    lines.once('close', () => resolve(''))
  })
}

export interface ShownPlan {
  id: string
  number: number
  title: string
  state: string
  hash: string
  items: number
  irreversible: number
  environment: string
  stopped_because: string | null
  window: { name: string | null; opens_at: string; closes_at: string } | null
  counts: Record<string, number>
  waits_for: { wanted: number; group: string | null; why: string }[]
  dry_run: { vanish: number; appear: number; left_out_total: number; money: string | null } | null
}

export interface ShownDraft {
  plan: ShownPlan | null
  dry_run: { left_out: { platform: string; kind: string; record_id: string | null; why: string }[] }
}

export function planText(p: ShownPlan): string {
  const counts = Object.entries(p.counts).map(([state, n]) => `${n} ${state}`)
  return [
    `P-${p.number} ${p.state}: ${p.title} (${p.environment})`,
    `  ${p.items} records: ${counts.join(', ')}`,
    ...(p.dry_run
      ? [
          `  differences: ${p.dry_run.vanish} would vanish, ${p.dry_run.appear} would appear; ${p.dry_run.left_out_total} left out`,
        ]
      : []),
    ...(p.irreversible ? [`  ${p.irreversible} cannot be taken back`] : []),
    ...(p.stopped_because ? [`  ${p.stopped_because}`] : []),
    ...(p.window
      ? [
          `  applies itself from ${p.window.opens_at} until ${p.window.closes_at}${p.window.name ? ` (${p.window.name})` : ''}`,
        ]
      : []),
    ...p.waits_for.map(
      (w) => `  waits for ${w.wanted} approver${w.wanted === 1 ? '' : 's'}${w.group ? ` of ${w.group}` : ''}: ${w.why}`,
    ),
    `  hash ${p.hash}`,
  ].join('\n')
}

export function draftText({ plan, dry_run }: ShownDraft): string {
  const out = dry_run.left_out
    .slice(0, 20)
    .map((l) => `  left out: ${l.platform} ${l.kind} ${l.record_id ?? '(new)'}: ${l.why}`)
  return [plan ? planText(plan) : 'Nothing is left to do.', ...out].join('\n')
}

/** `P-12` or `12`. */
export function planId(positionals: readonly string[]): string {
  const [id] = positionals
  if (!id)
    throw new PlumblineError('config', 'Which plan?', { remedy: 'Write it like P-12; plumbline plan lists them.' })
  return id
}
