/** `plumbline identity`: question who is one customer, and decide. */
import { PlumblineError } from '../errors.ts'
import { identityOf, type Identity } from '../identity.ts'
import { withContext } from './collect.ts'
import { askServer } from './server.ts'
import { text, type Command, type Globals, type Values } from './command.ts'

export const identityCommand: Command = {
  usage: 'suggestions|show|why|decide|undo|what-if|history|model|decisions|propose',
  about: 'Questions who is one customer: proposals, evidence, decisions, history.',
  details: [
    'suggestions                       pairs that are probably one thing, likeliest first',
    'show ID                           the weight of every piece of evidence of a suggestion',
    'why ENTITY                        why these records are one; --as-of and --known-at for another time',
    'decide ACTION RECORD… [/ RECORD…] confirm or merge joins; reject, split or cut keep the groups around / apart',
    'what-if ACTION RECORD… [/ …]      which drift would appear or vanish; writes nothing',
    'undo DECISION                     takes a decision back',
    'history RECORD                    every entity that a record has belonged to',
    'model                             the figures that evidence is weighed by',
    'propose                           estimates anew and looks at everything',
    '--kind KIND                       default customer',
    '--reason TEXT                     needed to decide and to undo',
  ],
  options: {
    kind: { type: 'string' },
    reason: { type: 'string' },
    'as-of': { type: 'string' },
    'known-at': { type: 'string' },
  },
  async run(globals, values, [what, ...rest]) {
    const asked = QUESTIONS[what ?? '']
    if (!asked)
      throw new PlumblineError('config', what ? `There is no "identity ${what}".` : 'What about identity?', {
        remedy: `One of ${Object.keys(QUESTIONS).join(', ')}.`,
      })
    const wish = { kind: text(values, 'kind') ?? 'customer', rest, values }
    const { method, path, body } = asked.call(wish)
    const answer =
      (await askServer<unknown>(globals, { method, path, json: body })) ??
      (await withContext(globals, async (ctx): Promise<unknown> => asked.here(identityOf(ctx), wish)))
    print(globals, answer)
    return 0
  },
}

interface Wished {
  kind: string
  rest: string[]
  values: Values
}

interface Question {
  /** How the running server is asked. */
  call(wish: Wished): { method: 'GET' | 'POST'; path: string; body?: unknown }
  /** The same without a server. */
  here(identity: Identity, wish: Wished): object | Promise<object>
}

const one = ({ rest }: Wished, what: string): string => {
  if (rest[0] === undefined)
    throw new PlumblineError('config', `Which ${what}?`, { remedy: 'plumbline identity --help' })
  return rest[0]
}
const reasonOf = ({ values }: Wished): string => {
  const reason = text(values, 'reason')
  if (!reason) throw new PlumblineError('config', 'A decision needs a reason.', { remedy: 'Add --reason "why".' })
  return reason
}
const instantOf = (values: Values, name: string): number | undefined => {
  const given = text(values, name)
  if (given === undefined) return undefined
  const ms = Date.parse(given)
  if (Number.isNaN(ms))
    throw new PlumblineError('config', `--${name} "${given}" is not an instant.`, {
      remedy: 'Write it like 2026-11-20T12:00:00Z.',
    })
  return ms
}

const ACTIONS = ['confirm', 'reject', 'split', 'merge', 'cut'] as const

/** `confirm a:1 b:2`, `cut a:1 / b:2 c:3`. */
function decisionOf(wish: Wished) {
  const [action, ...records] = wish.rest
  const known = ACTIONS.find((a) => a === action)
  if (!known)
    throw new PlumblineError('config', `"${action ?? ''}" is no decision.`, { remedy: `One of ${ACTIONS.join(', ')}.` })
  const groups: string[][] = [[]]
  for (const r of records)
    if (r === '/') groups.push([])
    else groups.at(-1)!.push(r)
  return { kind: wish.kind, action: known, groups }
}

const at = (wish: Wished) => ({ asOf: instantOf(wish.values, 'as-of'), knownAt: instantOf(wish.values, 'known-at') })
const get = (path: string) => ({ method: 'GET' as const, path })
const post = (path: string, body: unknown) => ({ method: 'POST' as const, path, body })

const QUESTIONS: Record<string, Question> = {
  suggestions: {
    call: ({ kind }) => get(`/v1/identity/suggestions?kind=${kind}`),
    here: async (identity, { kind }) => await identity.suggestions(kind, { limit: 50, offset: 0 }),
  },
  show: {
    call: (w) => get(`/v1/identity/suggestions/${w.kind}/${one(w, 'suggestion')}`),
    here: (identity, w) => identity.suggestion(w.kind, one(w, 'suggestion')),
  },
  why: {
    call: (w) => {
      const { asOf, knownAt } = at(w)
      const path = `/v1/identity/entities/${w.kind}/${encodeURIComponent(one(w, 'entity'))}`
      if (asOf === undefined && knownAt === undefined) return get(path)
      const query = new URLSearchParams()
      if (asOf !== undefined) query.set('as_of', new Date(asOf).toISOString())
      if (knownAt !== undefined) query.set('known_at', new Date(knownAt).toISOString())
      return get(`${path}/at?${query}`)
    },
    here: (identity, w) => {
      const { asOf, knownAt } = at(w)
      if (asOf === undefined && knownAt === undefined) return identity.entity(w.kind, one(w, 'entity'))
      const now = Date.now()
      return identity.entityAt(w.kind, one(w, 'entity'), { asOf: asOf ?? now, knownAt: knownAt ?? now })
    },
  },
  decide: {
    call: (w) => post('/v1/identity/decisions', { ...decisionOf(w), reason: reasonOf(w) }),
    here: (identity, w) => identity.decide({ ...decisionOf(w), reason: reasonOf(w), actor: 'command line' }),
  },
  'what-if': {
    call: (w) => post('/v1/identity/what-if', decisionOf(w)),
    here: (identity, w) => identity.whatIf(decisionOf(w)),
  },
  undo: {
    call: (w) => post(`/v1/identity/decisions/${one(w, 'decision')}/undo`, { reason: reasonOf(w) }),
    here: (identity, w) => identity.undo(Number(one(w, 'decision')), { reason: reasonOf(w), actor: 'command line' }),
  },
  history: {
    call: (w) => get(`/v1/identity/history?kind=${w.kind}&record=${encodeURIComponent(one(w, 'record'))}`),
    here: (identity, w) => identity.history(w.kind, one(w, 'record')),
  },
  model: { call: () => get('/v1/identity/models'), here: (identity) => identity.models() },
  decisions: { call: () => get('/v1/identity/decisions'), here: (identity) => identity.decisions() },
  propose: {
    call: (w) => post('/v1/identity/propose', { kind: w.kind }),
    here: (identity, w) => identity.propose([w.kind]),
  },
}

/** Machines get JSON; people get the same as indented text, without brackets. */
function print({ json, out }: Globals, answer: unknown): void {
  out(json ? `${JSON.stringify(answer, null, 2)}\n` : `${plain(answer, 0)}\n`)
}

function plain(value: unknown, depth: number): string {
  const pad = '  '.repeat(depth)
  if (value === null || value === undefined || value === '') return '–'
  if (Array.isArray(value)) {
    if (value.length === 0) return 'none'
    if (value.every((v) => typeof v !== 'object' || v === null)) return value.join(', ')
    return value.map((v) => `\n${pad}- ${plain(v, depth + 1).trimStart()}`).join('')
  }
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : value.toPrecision(6)
  if (typeof value !== 'object') return String(value as string | boolean)
  return Object.entries(value)
    .map(([k, v]) => `\n${pad}${k}: ${plain(v, depth + 1)}`)
    .join('')
    .replace(/^\n/, depth === 0 ? '' : '\n')
}
