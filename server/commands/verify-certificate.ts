/** `plumbline verify-certificate`: checks a certificate offline, and against anybody's own records. */
import { readFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { PlumblineError } from '../errors.ts'
import { verifyCertificate, verifyRecords, type GivenRecord } from '../report/certificate/verify.ts'
import { text, type Command } from './command.ts'

export const verifyCertificateCommand: Command = {
  usage: 'FILE [--records FILE…]',
  about: 'Verifies an agreement certificate: offline, and against your own exports.',
  details: [
    '--key FILE       the public key that you trust (PEM); without it, the key inside the certificate is used',
    '--records FILE   customers as NDJSON, as plumbline export records --kind customer writes them; several times',
    'Exit 0: genuine, and the records match. 1: changed, signed by another key, or the records differ. 2: no certificate.',
  ],
  options: { key: { type: 'string' }, records: { type: 'string', multiple: true } },
  async run(globals, values, [file]) {
    if (file === undefined)
      throw new PlumblineError('config', 'Which certificate?', {
        remedy: 'As in plumbline verify-certificate certificate.json',
      })
    const key = text(values, 'key')
    const records = (values.records as string[] | undefined) ?? []
    let verified
    try {
      verified = verifyCertificate(readText(file), key === undefined ? undefined : readText(key))
    } catch (thrown) {
      if (!(thrown instanceof PlumblineError) || thrown.code !== 'schema') throw thrown
      // No certificate at all: the caller named the wrong file.
      throw new PlumblineError('config', `${file}: ${thrown.message}`, {
        ...(thrown.remedy && { remedy: thrown.remedy }),
      })
    }
    if (records.length > 0) verified = await verifyRecords(verified, all(records))
    const { certificate, problems, compared } = verified
    const good = problems.length === 0
    if (globals.json)
      globals.out(
        `${JSON.stringify({ good, problems, compared, statement: certificate.statement, key_id: certificate.signature.key_id })}\n`,
      )
    else {
      globals.out(`${certificate.statement}\n`)
      globals.out(
        `Issued ${certificate.issued_at} by ${certificate.company}, signed by key ${certificate.signature.key_id}.\n`,
      )
      if (key === undefined)
        globals.out('The key came with the certificate: compare its number with the one that the issuer tells you.\n')
      if (compared)
        globals.out(
          `${compared.customers} customers in the records, ${compared.values} values that two platforms hold alike.\n`,
        )
      for (const problem of problems) globals.out(`WRONG: ${problem}\n`)
      if (good) globals.out(compared ? 'Genuine, and the records match.\n' : 'Genuine.\n')
    }
    return good ? 0 : 1
  },
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (thrown) {
    throw new PlumblineError('config', `${file} cannot be read: ${(thrown as Error).message}`)
  }
}

async function* all(files: readonly string[]): AsyncIterable<GivenRecord> {
  for (const file of files) {
    const handle = await open(file).catch((thrown: unknown) => {
      throw new PlumblineError('config', `${file} cannot be read: ${(thrown as Error).message}`)
    })
    let number = 0
    for await (const line of handle.readLines()) {
      number += 1
      if (line.trim() !== '') yield parsed(line, file, number)
    }
  }
}

function parsed(line: string, file: string, number: number): GivenRecord {
  try {
    const value = JSON.parse(line) as unknown
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as GivenRecord
  } catch {
    // Said below, with its place.
  }
  throw new PlumblineError('config', 'This line is no JSON object.', {
    file,
    line: number,
    remedy: 'Write one record a line, as plumbline export records --kind customer does.',
  })
}
