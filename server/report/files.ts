/** Files that go with a report: made from its data and content, kept by their bytes; what cannot be made says why. */
import { ATTACHMENT_BYTES_MAX, type AttachmentRef } from '../../model/message.ts'
import type { ReportFile } from '../config/reports-schema.ts'
import type { Context } from '../context.ts'
import { asError } from '../errors.ts'
import type { ReportRow } from '../store/facts/report-rows.ts'
import type { ReportContent } from './content.ts'
import { reportHtml } from './html.ts'
import { pdf } from './pdf.ts'
import { tableFile, TYPE } from './table.ts'

export interface MadeFile {
  name: string
  type: string
  bytes: Uint8Array
}

type Renders = Pick<Context, 'chromium'>

export async function reportFile(
  ctx: Renders,
  format: ReportFile,
  of: { content: ReportContent; rows: readonly ReportRow[]; name: string; origin: string },
): Promise<MadeFile> {
  const name = `${of.name}.${format}`
  if (format === 'pdf') {
    const html = reportHtml(of.content, { origin: of.origin, as: 'page', theme: 'light' })
    return { name, type: 'application/pdf', bytes: await pdf(html, ctx.chromium) }
  }
  return { name, type: TYPE[format], bytes: tableFile(of.rows, format) }
}

export interface Attached {
  files: MadeFile[]
  /** What is missing, and why. */
  missing: { name: string; why: string }[]
}

/** A report without one of its files is better than none: it says what is missing. */
export async function reportFiles(
  ctx: Renders,
  formats: readonly ReportFile[],
  of: { content: ReportContent; rows: readonly ReportRow[]; name: string; origin: string },
): Promise<Attached> {
  const attached: Attached = { files: [], missing: [] }
  for (const format of formats) {
    try {
      const file = await reportFile(ctx, format, of)
      if (file.bytes.byteLength <= ATTACHMENT_BYTES_MAX) attached.files.push(file)
      else attached.missing.push({ name: file.name, why: `${Math.ceil(file.bytes.byteLength / 1_048_576)} MB` })
    } catch (thrown) {
      const error = asError(thrown)
      attached.missing.push({ name: `${of.name}.${format}`, why: error.message })
    }
  }
  return attached
}

export function keep(ctx: Pick<Context, 'control' | 'clock'>, files: readonly MadeFile[]): AttachmentRef[] {
  return files.map(({ name, type, bytes }) => ({
    name,
    type,
    hash: ctx.control.keepAttachment(bytes, ctx.clock.now()),
    bytes: bytes.byteLength,
  }))
}
