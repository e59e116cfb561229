/** Asking the API: what it answers, read as the type that the route gives. */
import { sent, type Answer } from './failure.ts'
import { inOurLanguage } from './said.ts'

/** The server validates its answers by the same types that `T` comes from; this is the one cast. */
export const asked = async <T>(request: Promise<Answer>): Promise<T> =>
  JSON.parse(await (await sent(request)).text(), await inOurLanguage()) as T
export const done = async (request: Promise<Answer>): Promise<void> => void (await sent(request))
export const written = async (request: Promise<Answer>): Promise<string> => await (await sent(request)).text()
