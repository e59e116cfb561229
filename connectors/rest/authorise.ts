/** Headers that sign us in, by the flow that the settings name. */
import type { ConnectorContext, Credentials } from '../contract.ts'
import { basic, clientCredentials, refreshToken } from '../oauth.ts'
import type { RestConfig } from './config.ts'

type Ctx = ConnectorContext<RestConfig>

export async function authorise(ctx: Ctx, credentials: Credentials): Promise<Record<string, string>> {
  return { ...ctx.config.headers, ...(await signIn(ctx, credentials)) }
}

async function signIn(ctx: Ctx, credentials: Credentials): Promise<Record<string, string>> {
  const { auth } = ctx.config
  switch (auth.flow) {
    case 'none':
      return {}
    // Fixed keys are kept like tokens, although they never change: a refusal is then asked about once more.
    case 'bearer':
      return { authorization: `Bearer ${await credentials.token('key', fixed(auth.token.reveal()))}` }
    case 'basic':
      return { authorization: await credentials.token('key', fixed(basic(auth.user, auth.password))) }
    case 'header':
      return { [auth.name]: await credentials.token('key', fixed(auth.value.reveal())) }
    case 'client_credentials':
      return bearer(
        await credentials.token('access', () =>
          clientCredentials(ctx, {
            tokenUrl: auth.token_url,
            clientId: auth.client_id,
            clientSecret: auth.client_secret,
            send: auth.send,
            extra: auth.extra,
            ...(auth.scope !== undefined && { scope: auth.scope }),
          }),
        ),
      )
    case 'refresh_token':
      return bearer(
        await credentials.token('access', () =>
          refreshToken(ctx, {
            tokenUrl: auth.token_url,
            clientId: auth.client_id,
            clientSecret: auth.client_secret,
            refreshToken: auth.refresh_token,
            send: auth.send,
          }),
        ),
      )
  }
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const fixed = (value: string) => () => Promise.resolve({ value, expiresAt: null })
