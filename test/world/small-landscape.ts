/** Small landscapes for tests: platforms named after their roles. */
import type { Whereabouts } from '../../model/landscape.ts'
import { buildLandscape } from '../../server/config/landscape.ts'
import type { LiveLandscape } from '../../server/config/landscape.ts'
import { configSchema, ROLES } from '../../server/config/schema.ts'
import type { Config } from '../../server/config/schema.ts'

type Input = Parameters<typeof configSchema.parse>[0] & object
type Keeps = (platform: string, kind: string) => boolean

export const landscape = (input: Input, keeps?: Keeps): LiveLandscape =>
  buildLandscape(configSchema.parse(input) as Config, keeps && { keeps })

/** One platform of each role, named after it. */
export const roles = (...names: string[]) =>
  Object.fromEntries(names.map((role) => [role, { connector: 'files', role }]))

export const everyRole = (): LiveLandscape => landscape({ platforms: roles(...ROLES) })

export const at = (state: string | null = null, scope: Record<string, string> = {}): Whereabouts => ({ state, scope })
