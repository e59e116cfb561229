/** A proof's child process as one file of JavaScript: what is to be killed many times must begin soon. */
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { PACKAGE_ROOT } from '../server/version.ts'

/** Writes the program and says where it is. */
export async function bundled(program: URL): Promise<string> {
  // Beside the packages, which stay outside of it.
  const folder = join(PACKAGE_ROOT, 'dist', 'prove')
  await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      ssr: fileURLToPath(program),
      outDir: folder,
      target: 'node20',
      rollupOptions: { output: { entryFileNames: '[name].mjs' } },
    },
  })
  return join(folder, basename(program.pathname).replace(/\.ts$/, '.mjs'))
}
