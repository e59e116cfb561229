/** The manifest: a file beside the others that says through which instant they are complete, and how many rows each has. */
import { z } from 'zod'
import type { ConnectorContext } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import { JsonError, parseExact } from '../exact-json.ts'
import type { FilesConfig } from './config.ts'

const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))

const schema = z.object({
  complete_through: instant.optional(),
  files: z
    .record(
      z.string(),
      z.object({ complete_through: instant.optional(), rows: z.number().int().nonnegative().optional() }),
    )
    .optional(),
})

export interface Manifest {
  /** Epoch ms through which the file is complete; its modification time where the manifest says nothing. */
  completeThrough(file: { name: string; modifiedAt: number }): number
  /** Rows that the file must have, where the manifest says so. */
  rows(name: string): number | null
}

/** @throws ConnectorError `schema` if there is one that cannot be read: guessing would be worse */
export async function readManifest(
  ctx: Pick<ConnectorContext<FilesConfig>, 'config' | 'files'>,
  listed: readonly { name: string; path: string }[],
): Promise<Manifest> {
  const name = ctx.config.manifest
  const found = listed.find((f) => f.name === name)
  if (!found) return { completeThrough: (file) => file.modifiedAt, rows: () => null }
  let parsed: ReturnType<typeof schema.safeParse>
  try {
    parsed = schema.safeParse(
      parseExact(new TextDecoder('utf-8', { fatal: true }).decode(await ctx.files.read(found.path))),
    )
  } catch (cause) {
    throw new ConnectorError(
      'schema',
      `${name} cannot be read: ${cause instanceof JsonError ? cause.message : 'it is not valid text'}.`,
      { file: name, cause },
    )
  }
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!
    throw new ConnectorError(
      'schema',
      `${name} cannot be read: ${issue.path.join('.') || 'the document'}: ${issue.message}.`,
      { file: name, remedy: 'Write complete_through as an instant with its offset, like 2026-11-20T06:00:00Z.' },
    )
  }
  const { complete_through, files } = parsed.data
  return {
    completeThrough: (file) => files?.[file.name]?.complete_through ?? complete_through ?? file.modifiedAt,
    rows: (file) => files?.[file]?.rows ?? null,
  }
}
