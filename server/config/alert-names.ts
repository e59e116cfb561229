/** The names that `channels`, `recipients` and `alerts` use: channels, recipients, checks, ends of edges, zones; and what belongs together. */
import { actor, at, entries, items, known, suggestion, zoneName, type Names } from './names.ts'
import type { Path } from './problem.ts'

/** Stand for whoever an issue belongs to; not names of recipients. */
export const STANDINS = ['owner', 'assignee'] as const

export function alertNames(n: Names, config: unknown): void {
  const channels = entries(at(config, 'channels')).map(([name]) => name)
  const recipients = entries(at(config, 'recipients')).map(([name]) => name)
  for (const [name, channel] of entries(at(config, 'channels')))
    channelNames(n, ['channels', name], name, channel, channels)
  for (const [name, recipient] of entries(at(config, 'recipients')))
    recipientNames(n, ['recipients', name], name, recipient, config, { channels, recipients })
  const tell = (path: Path, written: unknown, standins = true) => {
    for (const [i, name] of items(written))
      if (!(standins && STANDINS.includes(name as 'owner')))
        known(n, [...path, i], 'recipient', name, [...recipients, ...(standins ? STANDINS : [])])
  }
  const seen = new Set<unknown>()
  for (const [i, route] of items(at(config, 'alerts', 'routes'))) {
    const path: Path = ['alerts', 'routes', i]
    const name = at(route, 'name')
    if (typeof name === 'string' && seen.has(name))
      n.report([...path, 'name'], `there is another route "${name}"; give each a name of its own`)
    seen.add(name)
    tell([...path, 'tell'], at(route, 'tell'))
    for (const [j, step] of items(at(route, 'escalate'))) tell([...path, 'escalate', j, 'tell'], at(step, 'tell'))
    matchNames(n, [...path, 'match'], at(route, 'match'))
  }
  tell(['alerts', 'own', 'tell'], at(config, 'alerts', 'own', 'tell'), false)
}

function channelNames(n: Names, path: Path, name: string, channel: unknown, channels: readonly string[]): void {
  const fallback = at(channel, 'fallback')
  if (fallback === name) n.report([...path, 'fallback'], 'stands in for itself; name another channel')
  else if (fallback !== undefined) known(n, [...path, 'fallback'], 'channel', fallback, channels)
  const timeout = at(channel, 'timeout')
  if (typeof timeout === 'string' && /^\d+s$/.test(timeout) && (parseInt(timeout) < 15 || parseInt(timeout) > 30))
    n.report([...path, 'timeout'], 'is outside of 15s to 30s')
  for (const [i, written] of items(at(channel, 'secrets'))) {
    const bytes = Buffer.from(String(written).replace(/^whsec_/, ''), 'base64').length
    if (bytes < 24 || bytes > 64)
      n.report([...path, 'secrets', i], 'is no key of 24 to 64 bytes in base64; make one with: openssl rand -base64 32')
  }
}

function recipientNames(
  n: Names,
  path: Path,
  name: string,
  recipient: unknown,
  config: unknown,
  { channels, recipients }: { channels: readonly string[]; recipients: readonly string[] },
): void {
  if (STANDINS.includes(name as 'owner'))
    n.report(path, `"${name}" stands for whoever an issue belongs to; call the recipient otherwise`, { on: 'key' })
  const channel = at(recipient, 'channel')
  if (known(n, [...path, 'channel'], 'channel', channel, channels)) {
    const kind = at(config, 'channels', String(channel), 'kind')
    if ((kind === 'mail' || kind === 'folder') && at(recipient, 'address') === undefined)
      n.report(path, `needs an address, because its channel ${String(channel)} sends mail`)
  }
  const instead = at(recipient, 'instead')
  if (instead === name) n.report([...path, 'instead'], 'stands in for itself; name another recipient')
  else if (instead !== undefined) known(n, [...path, 'instead'], 'recipient', instead, recipients)
  if (at(recipient, 'digest') === 'manual')
    n.report([...path, 'digest'], 'a digest needs times; leave it out to be told at once')
  const region = at(recipient, 'region')
  const language = at(recipient, 'language') ?? 'en'
  if (typeof region === 'string' && typeof language === 'string' && !region.startsWith(language))
    n.report([...path, 'region'], `is no locale of the language ${language}`, suggestion(region, [`${language}-CH`]))
  zoneName(n, [...path, 'timezone'], at(recipient, 'timezone'))
  for (const part of ['quiet', 'on_call'])
    for (const [i, span] of items(at(recipient, part))) {
      const [from, to] = String(at(span, 'hours')).split('-')
      if (from === to) n.report([...path, part, i, 'hours'], 'begins when it ends; write 00:00-24:00 for a whole day')
    }
}

const listed = (written: unknown): [number | null, unknown][] =>
  Array.isArray(written) ? items(written) : [[null, written]]

export function matchNames(n: Names, path: Path, match: unknown): void {
  for (const part of ['from', 'to'])
    for (const [i, end] of listed(at(match, part)))
      if (end !== undefined) actor(n, i === null ? [...path, part] : [...path, part, i], end)
  for (const [i, id] of listed(at(match, 'check')))
    if (typeof id === 'string' && !id.includes('*') && n.checks)
      known(n, i === null ? [...path, 'check'] : [...path, 'check', i], 'check', id, n.checks)
}
