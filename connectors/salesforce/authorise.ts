/** Signing in to Salesforce: three grants, one token that is good until the org says otherwise. */
import type { ConnectorContext, Credentials, HttpRequest } from '../contract.ts'
import type { Token } from '../oauth.ts'
import { clientCredentials, jwtBearer, refreshToken } from '../oauth.ts'
import type { SalesforceConfig } from './config.ts'

export async function authorise(
  ctx: ConnectorContext<SalesforceConfig>,
  _request: HttpRequest,
  credentials: Credentials,
): Promise<Record<string, string>> {
  return { authorization: `Bearer ${await credentials.token('session', () => grant(ctx))}` }
}

function grant(ctx: ConnectorContext<SalesforceConfig>): Promise<Token> {
  const { auth, instance_url } = ctx.config
  const tokenUrl = `${instance_url.replace(/\/$/, '')}/services/oauth2/token`
  if (auth.flow === 'jwt') {
    const { client_id, username, audience, private_key } = auth
    return jwtBearer(ctx, { tokenUrl, issuer: client_id, subject: username, audience, privateKey: private_key })
  }
  const client = { tokenUrl, clientId: auth.client_id, clientSecret: auth.client_secret, send: 'body' as const }
  return auth.flow === 'refresh_token'
    ? refreshToken(ctx, { ...client, refreshToken: auth.refresh_token })
    : clientCredentials(ctx, client)
}
