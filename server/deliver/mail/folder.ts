/** Mails into a folder, as the .eml files that any mail program opens: for evaluation and the demo. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve, sep } from 'node:path'
import nodemailer from 'nodemailer'
import type { ChannelOf } from '../../config/channels-schema.ts'
import { asError } from '../../errors.ts'
import type { Door, DoorContext } from '../door.ts'
import { composeMail } from './compose.ts'

export function openFolder(config: ChannelOf<'folder'>, ctx: DoorContext): Door {
  const builder = nodemailer.createTransport({ streamTransport: true, buffer: true, newline: 'unix' })
  return {
    async send(row) {
      if (ctx.data === null) return { outcome: 'never', status: null, answer: 'there is no data folder to write into' }
      const folder = resolve(ctx.data, config.path)
      if (!folder.startsWith(resolve(ctx.data) + sep))
        return { outcome: 'never', status: null, answer: 'the folder lies outside of the data folder' }
      try {
        const info = await builder.sendMail(composeMail(row, config.from, ctx))
        mkdirSync(folder, { recursive: true, mode: 0o700 })
        // The same mail again replaces itself; a reader never meets half a file.
        const file = join(folder, `${row.id}.eml`)
        writeFileSync(`${file}.part`, info.message as Buffer, { mode: 0o600 })
        renameSync(`${file}.part`, file)
        return { outcome: 'sent', status: null, answer: `${config.path}/${row.id}.eml` }
      } catch (thrown) {
        const error = asError(thrown)
        return { outcome: error.code === 'full' ? 'later' : 'never', status: null, answer: error.message }
      }
    },
    close: () => builder.close(),
  }
}
