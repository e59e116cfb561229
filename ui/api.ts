/** The one client of the API. Everything the dashboard knows about the server's types comes from `App`. */
import { hc, type InferResponseType } from 'hono/client'
import type { App } from '../server/app.ts'

const v1 = hc<App>('/', { headers: { 'x-requested-by': 'plumbline' } }).v1

export type Session = InferResponseType<typeof v1.session.$get, 200>
export type Role = NonNullable<Session['user']>['role']
export type Overview = InferResponseType<typeof v1.overview.$get, 200>
export type Range = Overview['range']
export type IssuePage = InferResponseType<typeof v1.issues.$get, 200>
export type Issue = IssuePage['issues'][number]
export type Platform = NonNullable<Issue['platform']>
export type Facets = InferResponseType<typeof v1.issues.facets.$get, 200>
export type IssueDetail = InferResponseType<(typeof v1.issues)[':number']['$get'], 200>
export type Finding = IssueDetail['findings'][number]
export type Held = Finding['values'][number]
export type Connector = InferResponseType<typeof v1.connectors.$get, 200>[number]
export type ConnectorDetail = InferResponseType<(typeof v1.connectors)[':platform']['$get'], 200>
export type Tested = InferResponseType<(typeof v1.connectors)[':platform']['test']['$post'], 200>
export type Check = InferResponseType<typeof v1.checks.$get, 200>[number]
export type CheckDetail = InferResponseType<(typeof v1.checks)[':family'][':id']['$get'], 200>
export type Sort = 'attention' | 'risk' | 'severity' | 'due' | 'age' | 'changed' | 'findings'

/** An answer of the API that says no, or no answer at all (`status` 0). */
export class Failure extends Error {
  readonly status: number
  readonly code: string
  readonly remedy: string | null
  readonly requestId: string | null
  constructor(
    status: number,
    title: string,
    more: { code?: string; remedy?: string; request_id?: string; detail?: string } = {},
  ) {
    super(more.detail ? `${title} ${more.detail}` : title)
    this.status = status
    this.code = more.code ?? 'upstream'
    this.remedy = more.remedy ?? null
    this.requestId = more.request_id ?? null
  }
}

/** Told when a session has ended, so that the shell can ask to sign in again. */
let signedOut: () => void = () => undefined
export const onSignedOut = (callback: () => void) => void (signedOut = callback)

interface Answer {
  ok: boolean
  status: number
  text(): Promise<string>
}

/** Any failure, whatever its shape, as one kind of error with words for people. */
export function asFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown
  if (thrown instanceof Error && !(thrown instanceof TypeError)) return new Failure(0, thrown.message)
  return new Failure(0, 'The server cannot be reached.', {
    remedy: 'Check your connection; what is shown may be out of date.',
  })
}

async function sent(request: Promise<Answer>): Promise<Answer> {
  const answer = await request.catch((thrown: unknown) => {
    throw asFailure(thrown)
  })
  if (answer.ok) return answer
  const problem = parsed(await answer.text().catch(() => ''))
  if (answer.status === 401 && problem.code === 'auth') signedOut()
  throw new Failure(answer.status, problem.title ?? `The server answered ${answer.status}.`, problem)
}

function parsed(text: string): {
  title?: string
  code?: string
  remedy?: string
  request_id?: string
  detail?: string
} {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

/** The server validates its answers by the same types that `T` comes from; this is the one cast. */
const asked = async <T>(request: Promise<Answer>): Promise<T> => JSON.parse(await (await sent(request)).text()) as T
const done = async (request: Promise<Answer>): Promise<void> => void (await sent(request))

const issue = (number: number) => ({ number: String(number) })

export const api = {
  session: () => asked<Session>(v1.session.$get()),
  signIn: (json: { email: string; password: string }) => asked<Session>(v1.session.$post({ json })),
  signInOnce: (token: string) => asked<Session>(v1.session['one-time'].$post({ json: { token } })),
  firstAdministrator: (json: { token: string; email: string; name: string; password: string }) =>
    asked<Session>(v1.session['first-administrator'].$post({ json })),
  setPassword: (id: string, json: { token: string; password: string }) =>
    done(v1.users[':id'].password.$post({ param: { id }, json })),
  signOut: () => done(v1.session.$delete()),
  overview: (range: Range) => asked<Overview>(v1.overview.$get({ query: { range } })),
  issues: (query: { q: string; sort: Sort; cursor?: string; limit?: string }) =>
    asked<IssuePage>(v1.issues.$get({ query })),
  facets: (q: string) => asked<Facets>(v1.issues.facets.$get({ query: { q } })),
  issue: (number: number) => asked<IssueDetail>(v1.issues[':number'].$get({ param: issue(number) })),
  findings: (number: number, after: string) =>
    asked<{ findings: Finding[]; next: string | null }>(
      v1.issues[':number'].findings.$get({ param: issue(number), query: { after } }),
    ),
  assign: (number: number, json: { team?: string | null; person?: string | null }) =>
    asked<Issue>(v1.issues[':number'].assign.$post({ param: issue(number), json })),
  snooze: (number: number, json: { until: string | null; reason?: string }) =>
    asked<Issue>(v1.issues[':number'].snooze.$post({ param: issue(number), json })),
  accept: (number: number, json: { until: string | null; reason?: string }) =>
    asked<Issue>(v1.issues[':number'].accept.$post({ param: issue(number), json })),
  comment: (number: number, text: string) =>
    asked<Issue>(v1.issues[':number'].comment.$post({ param: issue(number), json: { text } })),
  recheck: (number: number) => asked<Issue>(v1.issues[':number'].recheck.$post({ param: issue(number) })),
  connectors: () => asked<Connector[]>(v1.connectors.$get()),
  connector: (platform: string) => asked<ConnectorDetail>(v1.connectors[':platform'].$get({ param: { platform } })),
  test: (platform: string) => asked<Tested>(v1.connectors[':platform'].test.$post({ param: { platform } })),
  collect: (platform: string) => asked<Connector>(v1.connectors[':platform'].collect.$post({ param: { platform } })),
  resume: (platform: string) => asked<Connector>(v1.connectors[':platform'].resume.$post({ param: { platform } })),
  checks: () => asked<Check[]>(v1.checks.$get()),
  check: (id: string) => {
    const [family = '', name = ''] = id.split('/')
    return asked<CheckDetail>(v1.checks[':family'][':id'].$get({ param: { family, id: name } }))
  },
}
