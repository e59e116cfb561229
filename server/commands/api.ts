/** The API from the command line: of the server that holds the data folder, or, where none runs, of one that lives for this call. */
import { createApp } from '../app.ts'
import { newSecret, digest } from '../api/passwords.ts'
import { PlumblineError } from '../errors.ts'
import { originOf } from '../origin.ts'
import { createRuntime } from '../runtime.ts'
import { VERSION } from '../version.ts'
import { withContext } from './collect.ts'
import type { Globals } from './command.ts'
import { askServer } from './server.ts'

export interface ApiCall {
  method: 'GET' | 'POST'
  /** `/v1/…` */
  path: string
  json?: unknown
}

/** @throws PlumblineError in the words of the API */
export async function callApi<T>(globals: Globals, call: ApiCall): Promise<T> {
  const said = await askServer<T>(globals, call)
  if (said !== null) return said
  return await withContext(globals, async (ctx) => {
    const token = newSecret()
    const runtime = createRuntime(ctx)
    const app = createApp({
      runtime,
      telemetry: null,
      origin: originOf(ctx.config),
      version: VERSION,
      localToken: digest(token),
      dashboardFolder: null,
    })
    try {
      const reply = await app.request(call.path, {
        method: call.method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(call.json !== undefined && { body: JSON.stringify(call.json) }),
      })
      const answer = (await reply.json()) as T & { title?: string; remedy?: string }
      if (reply.ok) return answer
      throw new PlumblineError(
        reply.status === 404 ? 'not_found' : 'config',
        answer.title ?? `The API answered ${reply.status}.`,
        {
          ...(answer.remedy !== undefined && { remedy: answer.remedy }),
        },
      )
    } finally {
      runtime.courier.close()
    }
  })
}
