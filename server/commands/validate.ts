/** `plumbline validate`: every problem of configuration, connectors and checks, at once. */
import { readChecks } from '../check/read.ts'
import { loadConfig } from '../config/load.ts'
import { validate as validateConfig } from '../config/validate.ts'
import { discoverConnectors, foldersOf, pluginFolders } from '../discover.ts'
import { checkFolders, requireConfig } from '../open.ts'
import type { Command } from './command.ts'

export const validate: Command = {
  usage: '',
  about: 'Configuration, connectors, checks: every problem with file, line and a suggestion.',
  details: ['Reads nothing but files: no platform is asked. Use doctor for that.'],
  options: {},
  async run({ config: file, env, json, out }) {
    requireConfig(file)
    const plugins = pluginFolders(env.PLUMBLINE_PLUGINS)
    const connectors = await discoverConnectors(foldersOf('connectors', plugins))
    const { config, folder } = loadConfig(file, { env, connectors })
    // Checks depend on the configuration; where it cannot be read, its own problems are all that can be told.
    const { checks, problems: inChecks } = config
      ? readChecks(checkFolders(config, folder, plugins), config)
      : { checks: [], problems: [] }
    const { code, text, problems } = validateConfig(file, { env, connectors }, inChecks)
    out(
      json
        ? `${JSON.stringify({ ok: code === 0, problems }, null, 2)}\n`
        : `${text}${config ? `, ${checks.length} checks` : ''}\n`,
    )
    return code
  },
}
