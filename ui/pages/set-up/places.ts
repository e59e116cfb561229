/** Places in a connector's settings: what stands there, and the settings with something else there. Empty groups go. */
type Settings = Record<string, unknown>
const inner = (value: unknown): Settings => (typeof value === 'object' && value !== null ? (value as Settings) : {})

export const told = (settings: Settings, path: readonly string[]): unknown =>
  path.reduce<unknown>((at, key) => inner(at)[key], settings)

export function taken(settings: Settings, [key, ...rest]: readonly string[], value: unknown): Settings {
  if (key === undefined) return settings
  const { [key]: was, ...others } = settings
  const next = rest.length === 0 ? value : taken(inner(was), rest, value)
  const empty = next === undefined || (rest.length > 0 && Object.keys(inner(next)).length === 0)
  return empty ? others : { ...others, [key]: next }
}
