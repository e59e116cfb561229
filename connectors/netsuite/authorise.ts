/** Signing in to NetSuite: every request signed with four secrets, or a bearer token for a signed assertion. */
import type { ConnectorContext, Credentials, HttpRequest } from '../contract.ts'
import { clientAssertion, oauth1 } from '../oauth.ts'
import type { NetSuiteConfig } from './config.ts'
import { baseOf } from './config.ts'

const TOKEN_PATH = '/services/rest/auth/oauth2/v1/token'

export async function authorise(
  ctx: ConnectorContext<NetSuiteConfig>,
  request: HttpRequest,
  credentials: Credentials,
): Promise<Record<string, string>> {
  const { auth, account } = ctx.config
  if (auth.flow === 'token') {
    const { consumer_key, consumer_secret, token_id, token_secret } = auth
    const realm = account.toUpperCase()
    const keys = {
      consumerKey: consumer_key,
      consumerSecret: consumer_secret,
      token: token_id,
      tokenSecret: token_secret,
      realm,
    }
    return { authorization: oauth1(request, keys, ctx.clock.now()) }
  }
  const tokenUrl = `${baseOf(ctx.config).replace(/\/$/, '')}${TOKEN_PATH}`
  const { client_id, certificate_id, private_key } = auth
  const grant = () =>
    clientAssertion(ctx, {
      tokenUrl,
      issuer: client_id,
      subject: client_id,
      audience: tokenUrl,
      privateKey: private_key,
      keyId: certificate_id,
      algorithm: 'PS256',
      scope: 'rest_webservices',
    })
  return { authorization: `Bearer ${await credentials.token('access', grant)}` }
}
