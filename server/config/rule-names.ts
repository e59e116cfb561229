/** The names that everything beside `platforms` uses: owners, edges, calendars, issuers, identity, rates, schedules and checks. */
import { hasKind, KINDS } from '../../model/kinds.ts'
import type { FieldTypeName } from '../../model/fields.ts'
import { currencies, isCurrency } from '../../model/types/currencies.ts'
import { alertNames } from './alert-names.ts'
import { minutesOf, weekMinutes } from './calendar.ts'
import {
  actor,
  actors,
  at,
  entries,
  fieldName,
  fieldPattern,
  items,
  known,
  stateName,
  suggestion,
  zoneName,
} from './names.ts'
import type { Names } from './names.ts'
import { parsePattern } from './pattern.ts'
import type { Path } from './problem.ts'
import { reportNames } from './report-names.ts'
import { objectiveNames } from './time-names.ts'

export function ruleNames(n: Names, config: unknown): void {
  for (const [pattern, rule] of entries(at(config, 'ownership')))
    ownershipNames(n, ['ownership', pattern], pattern, rule)
  for (const [i, edge] of items(at(config, 'edges'))) edgeNames(n, ['edges', i], edge)
  for (const [name, calendar] of entries(at(config, 'calendars'))) calendarNames(n, ['calendars', name], calendar)
  for (const [entity, issuer] of entries(at(config, 'issuer'))) actor(n, ['issuer', entity], issuer)
  for (const [kind, identity] of entries(at(config, 'identity')))
    for (const [i, key] of items(at(identity, 'keys')))
      for (const [j, field] of items(key))
        if (hasKind(kind)) fieldName(n, ['identity', kind, 'keys', i, j], kind, field)
  moneyNames(n, at(config, 'money'))
  objectiveNames(n, at(config, 'objectives'))
  zoneName(n, ['schedules', 'timezone'], at(config, 'schedules', 'timezone'))
  checkNames(n, at(config, 'checks'))
  alertNames(n, config)
  reportNames(n, config)
}

function ownershipNames(n: Names, path: Path, pattern: string, rule: unknown): void {
  fieldPattern(n, path, pattern, 'key')
  actors(n, path, rule)
  for (const part of ['owners', 'followers', 'advisory', 'gated', 'foreign', 'absent'])
    actors(n, [...path, part], at(rule, part))
  const kind = pattern.split('.')[0]!
  for (const [state, owners] of entries(at(rule, 'by_state'))) {
    if (hasKind(kind)) stateName(n, [...path, 'by_state', state], kind, state)
    actors(n, [...path, 'by_state', state], owners)
  }
}

function edgeNames(n: Names, path: Path, edge: unknown): void {
  actor(n, [...path, 'from'], at(edge, 'from'))
  actor(n, [...path, 'to'], at(edge, 'to'))
  const fields = items(at(edge, 'fields'))
  for (const [i, pattern] of fields) fieldPattern(n, [...path, 'fields', i], pattern)
  known(n, [...path, 'calendar'], 'calendar', at(edge, 'calendar'), n.calendars)
  toleranceFits(
    n,
    [...path, 'tolerance'],
    at(edge, 'tolerance'),
    fields.map(([, pattern]) => String(pattern)),
  )
  if (
    ['window', 'criticality', 'calendar', 'tolerance', 'stands'].every((key) => at(edge, key) === undefined) &&
    entries(edge).length > 0
  )
    n.report(path, 'says nothing: give it a window, criticality, calendar, tolerance or stands')
}

/** Days for dates, amounts and shares for numbers: a tolerance that no named field understands is a slip. */
function toleranceFits(n: Names, path: Path, tolerance: unknown, patterns: string[]): void {
  if (tolerance === undefined) return
  const wanted: FieldTypeName[] = String(tolerance).endsWith('d') ? ['date', 'instant'] : ['money', 'number']
  const parsed = patterns.map(parsePattern)
  if (parsed.some((p) => 'wrong' in p)) return
  const fits = KINDS.some((kind) =>
    kind.fields.some(
      (f) => wanted.includes(f.type) && parsed.some((p) => !('wrong' in p) && p.matches(kind.name, f.name)),
    ),
  )
  if (!fits)
    n.report(
      path,
      `none of these fields is a ${wanted[0] === 'date' ? 'date' : 'number or an amount'}, so this tolerance fits none`,
    )
}

function calendarNames(n: Names, path: Path, calendar: unknown): void {
  zoneName(n, [...path, 'timezone'], at(calendar, 'timezone'))
  const hours = at(calendar, 'hours')
  for (const [day, spans] of entries(hours))
    for (const [i, span] of items(spans)) {
      const [from, to] = minutesOf(String(span))
      if (from >= to)
        n.report(
          [...path, 'hours', day, i],
          'ends before it begins; write a night as two spans: 22:00-24:00 and, on the next day, 00:00-06:00',
        )
    }
  const texts = entries(hours).map(([day, spans]) => [day, items(spans).map(([, span]) => String(span))])
  if (hours !== undefined && weekMinutes({ hours: Object.fromEntries(texts) }) === 0)
    n.report([...path, 'hours'], 'no hour of the week counts, so no window would ever end')
  for (const [i, span] of items(at(calendar, 'maintenance')))
    if (Date.parse(String(at(span, 'from'))) >= Date.parse(String(at(span, 'to'))))
      n.report([...path, 'maintenance', i], 'ends before it begins')
}

function moneyNames(n: Names, money: unknown): void {
  const currency = (path: Path, code: unknown, on: 'key' | 'value') => {
    if (typeof code === 'string' && /^[A-Z]{3}$/.test(code) && !isCurrency(code))
      n.report(path, `there is no currency "${code}"`, { on, ...suggestion(code, currencies()) })
  }
  currency(['money', 'reporting_currency'], at(money, 'reporting_currency'), 'value')
  for (const [i, dated] of items(at(money, 'rates')))
    for (const [code] of entries(at(dated, 'rates'))) currency(['money', 'rates', i, 'rates', code], code, 'key')
}

function checkNames(n: Names, checks: unknown): void {
  if (!n.checks) return
  for (const [i, id] of items(at(checks, 'disable'))) known(n, ['checks', 'disable', i], 'check', id, n.checks)
  for (const [id, other] of entries(at(checks, 'override'))) {
    known(n, ['checks', 'override', id], 'check', id, n.checks, 'key')
    for (const [i, name] of items(at(other, 'on')))
      if (name !== 'issuer') actor(n, ['checks', 'override', id, 'on', i], name)
  }
}
