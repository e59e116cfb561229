/** What went wrong between the dashboard and the API, in words for people; and the one place where answers are read. */
import { inOurLanguage } from './said.ts'

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

export interface Answer {
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

export async function sent(request: Promise<Answer>): Promise<Answer> {
  const answer = await request.catch((thrown: unknown) => {
    throw asFailure(thrown)
  })
  if (answer.ok) return answer
  const problem = await parsed(await answer.text().catch(() => ''))
  if (answer.status === 401 && problem.code === 'auth') signedOut()
  throw new Failure(answer.status, problem.title ?? `The server answered ${answer.status}.`, problem)
}

interface Problem {
  title?: string
  code?: string
  remedy?: string
  request_id?: string
  detail?: string
}

/** A refusal is read in our language; where its words cannot be had, as the server said it. */
async function parsed(text: string): Promise<Problem> {
  try {
    const value: unknown = JSON.parse(text, await inOurLanguage().catch(() => undefined))
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
