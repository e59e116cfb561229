/** `plumbline certificate`: issues an agreement certificate, prints the public key, or takes a new key. */
import { writeFileSync } from 'node:fs'
import { issueCertificate } from '../report/certificate/issue.ts'
import { publicKeys, rotate, type PublicKey } from '../report/certificate/keys.ts'
import { withContext } from './collect.ts'
import { downloadFromServer, askServer } from './server.ts'
import { text, type Command } from './command.ts'

export const certificate: Command = {
  usage: '[--out FILE]',
  about: 'Issues a signed certificate of how many customers agree; anybody can verify it offline.',
  details: [
    '--out FILE      default: standard output',
    '--public-key    prints the key that certificates are verified with, PEM, and issues nothing',
    '--rotate-key    takes a new key; certificates of the old one stay good',
  ],
  options: { out: { type: 'string' }, 'public-key': { type: 'boolean' }, 'rotate-key': { type: 'boolean' } },
  async run(globals, values) {
    if (values['rotate-key'] === true) {
      const key = await withContext(globals, (ctx) => Promise.resolve(rotate(ctx, 'local')))
      globals.out(`${key.pem}`)
      globals.err(`Key ${key.id} signs from now on.\n`)
      return 0
    }
    if (values['public-key'] === true) {
      const pieces: Buffer[] = []
      const keys = (await downloadFromServer(globals, '/v1/certificates/keys', (p) => pieces.push(p)))
        ? (JSON.parse(Buffer.concat(pieces).toString('utf8')) as PublicKey[])
        : await withContext(globals, (ctx) =>
            Promise.resolve(publicKeys(ctx).length ? publicKeys(ctx) : [rotate(ctx, 'local')]),
          )
      globals.out(keys[0]?.pem ?? '')
      return 0
    }
    const issued = await issue(globals)
    const out = text(values, 'out')
    if (out === undefined) globals.out(issued)
    else writeFileSync(out, issued)
    globals.err(`${(JSON.parse(issued) as { statement: string }).statement}\n`)
    return 0
  },
}

async function issue(globals: Parameters<Command['run']>[0]): Promise<string> {
  const made = await askServer<{ id: string }>(globals, { method: 'POST', path: '/v1/certificates', json: {} })
  if (!made) return (await withContext(globals, (ctx) => issueCertificate(ctx, 'local'))).text
  const pieces: Buffer[] = []
  await downloadFromServer(globals, `/v1/certificates/${made.id}`, (p) => pieces.push(p))
  return Buffer.concat(pieces).toString('utf8')
}
