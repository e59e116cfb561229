/** Channels of every kind, on receivers of a test. */
import { generateKeyPairSync } from 'node:crypto'
import { outboxWorld, type OutboxWorld } from './outbox.ts'

export const KEY = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
export const OLD = `whsec_${Buffer.alloc(32, 9).toString('base64')}`

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})

/** @param port of an SMTP server @param url of an HTTP receiver */
export function channelWorld(port: number, url: string): OutboxWorld {
  return outboxWorld(
    `
server: { public_url: https://p.example }
channels:
  mail: { kind: mail, host: 127.0.0.1, port: ${port}, tls: optional, from: 'Plumbline <drift@p.example>', dkim: { domain: p.example, selector: s1, key: '\${ENV:DKIM}' } }
  spare: { kind: folder }
  hook: { kind: webhook, url: '${url}/hook', secrets: ['${KEY}', '${OLD}'], allow_private_network: true, fallback: spare }
  inside: { kind: webhook, url: '${url}/hook', secrets: ['${KEY}'] }
  slack: { kind: slack, url: '${url}/slack', allow_private_network: true }
  teams: { kind: teams, url: '${url}/teams', allow_private_network: true }
  google: { kind: google-chat, url: '${url}/google', allow_private_network: true }
  pager: { kind: pagerduty, url: '${url}/pager', routing_key: R0UT, allow_private_network: true }
  genie: { kind: opsgenie, url: '${url}/genie', api_key: GEN1E, allow_private_network: true }
  snow: { kind: servicenow, url: '${url}', user: u, password: pass, allow_private_network: true }
  jira: { kind: jira, url: '${url}', user: u@example.com, token: tok, project: OPS, allow_private_network: true }
recipients:
  ops: { channel: spare, address: ops@example.com }
alerts: { own: { tell: [ops] } }
`,
    { DKIM: privateKey },
  )
}
