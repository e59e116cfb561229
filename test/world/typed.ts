/** Typed: a command as a person types it beside the running product, with the password that they are asked for. */
import { scryptSync } from 'node:crypto'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { parseArgs } from 'node:util'
import type { Command } from '../../server/commands/command.ts'

export interface Ran {
  code: number
  out: string
}

export interface Desk {
  /** With plumbline.yaml, and the data folder `data`. */
  folder: string
  /** What is typed when a password is asked for. */
  password: string
}

/** A hash that is quickly tried: its cost travels with it, and a test signs in dozens of times. */
export function quickHash(password: string): string {
  const [salt, ln] = [Buffer.from('the salt of tests'), 4]
  const key = scryptSync(password.normalize('NFC'), salt, 32, { N: 2 ** ln, r: 8, p: 1 })
  const text = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
  return `$scrypt$ln=${ln},r=8,p=1$${text(salt)}$${text(key)}`
}

/** @param line arguments; what is one with spaces in it stands between single quotes */
export async function typed(command: Command, line: string, { folder, password }: Desk, json = false): Promise<Ran> {
  const { values, positionals } = parseArgs({
    args: [...line.matchAll(/'([^']*)'|(\S+)/g)].map((m) => m[1] ?? m[2]!),
    options: command.options,
    allowPositionals: true,
  })
  let out = ''
  const keyboard = Object.getOwnPropertyDescriptor(process, 'stdin')!
  Object.defineProperty(process, 'stdin', { value: Readable.from([`${password}\n`]), configurable: true })
  try {
    const files = { config: join(folder, 'plumbline.yaml'), configGiven: true, data: join(folder, 'data'), env: {} }
    const code = await command.run(
      { ...files, json, out: (text: string) => void (out += text), err: () => {} },
      values,
      positionals,
    )
    return { code, out }
  } finally {
    Object.defineProperty(process, 'stdin', keyboard)
  }
}
