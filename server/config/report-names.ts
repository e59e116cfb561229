/** The names that `reports` use: recipients, channels, platforms and checks. */
import { at, entries, items, known, zoneName, type Names } from './names.ts'
import type { Path } from './problem.ts'

const ADDRESS = /^[^\s@<>,;:"]+@[^\s@<>,;:"]+$/

export function reportNames(n: Names, config: unknown): void {
  const channels = entries(at(config, 'channels'))
  const mail = channels.filter(([, c]) => ['mail', 'folder'].includes(String(at(c, 'kind')))).map(([name]) => name)
  const recipients = entries(at(config, 'recipients')).map(([name]) => name)
  const reader = (path: Path, written: unknown) => {
    if (typeof written !== 'string') return
    if (!ADDRESS.test(written)) return void known(n, path, 'recipient or mail address', written, recipients)
    if (mail.length === 0) n.report(path, 'is a mail address, and no channel sends mail; add one below channels')
  }
  for (const [name, report] of entries(at(config, 'reports'))) {
    const path: Path = ['reports', name]
    if (name === 'archive') n.report(path, '"archive" is the place of all reports; call it otherwise', { on: 'key' })
    for (const [i, written] of items(at(report, 'recipients'))) reader([...path, 'recipients', i], written)
    reader([...path, 'owner'], at(report, 'owner'))
    const channel = at(report, 'channel')
    if (channel !== undefined) known(n, [...path, 'channel'], 'channel that sends mail', channel, mail)
    zoneName(n, [...path, 'timezone'], at(report, 'timezone'))
    const filters = at(report, 'filters')
    for (const [i, platform] of items(at(filters, 'platforms')))
      known(n, [...path, 'filters', 'platforms', i], 'platform', platform, n.platforms)
    for (const [i, check] of items(at(filters, 'checks')))
      if (n.checks && !String(check).endsWith('/'))
        known(n, [...path, 'filters', 'checks', i], 'check', check, n.checks)
  }
}
