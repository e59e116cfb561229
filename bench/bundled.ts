/** A proof's child process as one file of JavaScript: what is to be killed many times must begin soon. */
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { PACKAGE_ROOT } from '../server/version.ts'

/** Binaries that find their files by where they lie. */
const NATIVE = [/^chdb/, '@photostructure/sqlite']

/**
 * Writes the program and says where it is.
 * @param whole with its packages in it, and of them only what it uses: it begins in less than half the time
 */
export async function bundled(program: URL, whole = false): Promise<string> {
  const name = basename(program.pathname).replace(/\.ts$/, '')
  // Beside the packages that stay outside of it; a folder of its own, because building empties it under whoever runs from it.
  const folder = join(PACKAGE_ROOT, 'dist', 'prove', name)
  await build({
    configFile: false,
    logLevel: 'silent',
    ...(whole && { ssr: { noExternal: true } }),
    build: {
      ssr: fileURLToPath(program),
      outDir: folder,
      target: 'node20',
      rollupOptions: { ...(whole && { external: NATIVE }), output: { entryFileNames: '[name].mjs' } },
    },
  })
  return join(folder, `${name}.mjs`)
}
