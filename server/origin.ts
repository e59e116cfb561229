/** Origin: where people reach the dashboard. Links in messages start with it. */
import type { Config } from './config/schema.ts'

/** Without a path and without a slash at the end. */
export function originOf(config: Pick<Config, 'server'>): string {
  const { public_url, host, port } = config.server
  return (public_url ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}`).replace(/\/$/, '')
}
