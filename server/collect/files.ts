/** Files for connectors: only below the folders that the platform's settings name, links followed only inside them. */
import { createReadStream } from 'node:fs'
import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { basename, join, resolve, sep } from 'node:path'
import type { ConnectorFiles } from '../../connectors/contract.ts'
import { asError, PlumblineError } from '../errors.ts'
import { FILE_BYTES } from './limits.ts'

/** @param settings the connector's configuration: its text values are the folders that may be named */
export function connectorFiles(settings: unknown): ConnectorFiles {
  const named =
    typeof settings === 'object' && settings !== null
      ? Object.values(settings).filter((v) => typeof v === 'string')
      : []
  const roots = new Set(named.map((folder) => resolve(folder)))

  async function inside(path: string): Promise<string> {
    const real = await realpath(path).catch((error: unknown) => {
      throw missing(path, error)
    })
    for (const root of roots) {
      const base = await realpath(root).catch(() => null)
      if (base !== null && (real === base || real.startsWith(base + sep))) return real
    }
    throw new PlumblineError('config', `${path} lies outside of the folder of its platform.`, {
      file: path,
      remedy: 'Name its folder in the platform’s settings; links may not lead out of it.',
    })
  }

  return {
    async list(folder) {
      const real = await inside(folder)
      const names = await readdir(real).catch((error: unknown) => {
        throw missing(folder, error)
      })
      const files = await Promise.all(
        names.sort().map(async (name) => {
          const path = join(folder, name)
          // A file may vanish between listing and asking; that is no fault.
          const found = await stat(join(real, name)).catch(() => null)
          return found?.isFile() ? { name, path, size: found.size, modifiedAt: Math.floor(found.mtimeMs) } : null
        }),
      )
      return files.filter((f) => f !== null)
    },
    async read(path) {
      const real = await inside(path)
      const { size } = await stat(real)
      if (size > FILE_BYTES)
        throw new PlumblineError(
          'full',
          `${basename(path)} has ${size} bytes; at most ${FILE_BYTES} are read at once.`,
          { file: path, remedy: 'Split it into several files, or deliver CSV or NDJSON.' },
        )
      return readFile(real)
    },
    async *stream(path) {
      try {
        for await (const chunk of createReadStream(await inside(path), { highWaterMark: 256 * 1024 }))
          yield chunk as Uint8Array
      } catch (error) {
        throw missing(path, error)
      }
    },
  }
}

function missing(path: string, error: unknown): PlumblineError {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new PlumblineError('config', `${path} does not exist.`, {
      file: path,
      cause: error,
      remedy: 'Correct the folder in the platform’s settings, or create it.',
    })
  if (code === 'EACCES' || code === 'EPERM')
    return new PlumblineError('config', `${path} may not be read.`, {
      file: path,
      cause: error,
      remedy: 'Give the account that runs this product the right to read it.',
    })
  return asError(error)
}
