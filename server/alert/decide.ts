/**
 * Deciding: who is told of a piece of news, when, and why not. Pure: everything that is known comes in, every answer
 * carries its reason, so that the same function tells what will happen and explains what did.
 */
import type { AlertsConfig, Match, RouteConfig } from '../config/alerts-schema.ts'
import type { ChannelConfig, RecipientConfig } from '../config/channels-schema.ts'
import { nextSlot } from '../schedule/slots.ts'
import type { AlertSilence } from '../store/control/alert-rows.ts'
import { endOfHours, nextHours } from './hours.ts'
import { matchWords, mismatch, type Matching } from './match.ts'
import { causeKey, type News, type Subject } from './subject.ts'

export interface Known extends Matching {
  now: number
  alerts: Pick<AlertsConfig, 'routes' | 'own'>
  recipients: Readonly<Record<string, RecipientConfig>>
  channels: Readonly<Record<string, ChannelConfig>>
  silences: readonly AlertSilence[]
  /** Platforms that cannot be read, and since when. */
  stale: ReadonlyMap<string, number>
  /** Who was told of the subject since it opened; what is over is told to them. */
  told: readonly { recipient: string; channel: string; route: string }[]
  unsubscribed: ReadonlySet<string>
}

export interface Decision {
  route: string
  recipient: string
  channel: string
  state: 'queued' | 'held' | 'none'
  reason: string
  /** Not before. */
  notBefore: number
  /** What is told together. */
  groupKey: string
}

/** How many stand-ins are followed before it is given up. */
const STAND_INS = 4

export function decide(news: News, s: Subject, known: Known): Decision[] {
  if (news === 'own_opened' || news === 'own_closed') return own(news, s, known)
  if (news === 'resolved') return over(s, known)
  const decisions: Decision[] = []
  const against: string[] = []
  for (const route of known.alerts.routes) {
    const why = refusal(route, news, s, known)
    if (why !== null) {
      against.push(`${route.name}: ${why}`)
      continue
    }
    for (const name of told(route.tell, s))
      decisions.push(toRecipient(name, route.name, `route “${route.name}” takes it`, s, known))
    if (!route.continue) break
  }
  if (decisions.length === 0)
    return [
      none(
        '',
        known.alerts.routes.length === 0
          ? 'there is no route; add one under alerts.routes'
          : `no route takes it; ${against.join('; ')}`,
        known,
      ),
    ]
  return unique(decisions)
}

/** Why a route does not take it; null when it does. */
export function refusal(route: RouteConfig, news: News, s: Subject, known: Matching): string | null {
  if (!route.enabled) return 'it is switched off'
  if (!route.when.includes(news as (typeof route.when)[number]))
    return `it takes no news of the kind “${news.replaceAll('_', ' ')}”`
  return mismatch(route.match, s, known)
}

/** Names to tell, with the stand-ins for the issue's own people put in; `!name` where nobody is known. */
function told(names: readonly string[], s: Subject): string[] {
  return names.map((name) =>
    name === 'owner' ? (s.team ?? '!owner') : name === 'assignee' ? (s.assignee ?? '!assignee') : name,
  )
}

export function toRecipient(name: string, route: string, because: string, s: Subject, known: Known): Decision {
  if (name.startsWith('!')) return none(route, `${because}, but it has no ${name.slice(1)}`, known, name.slice(1))
  let [at, why] = [name, because]
  for (let hops = 0; hops < STAND_INS; hops++) {
    const recipient = known.recipients[at]
    if (!recipient) return none(route, `${why}, but ${at} has no entry under recipients`, known, at)
    const { on_call: onCall, timezone, instead } = recipient
    if (onCall === undefined || nextHours(onCall, timezone, known.now) === known.now)
      return timed(at, recipient, route, why, s, known)
    if (instead === undefined) {
      const begins = nextHours(onCall, timezone, known.now)
      if (begins === null) return none(route, `${why}, but ${at} is never on call`, known, at)
      return timed(at, recipient, route, `${why}; ${at} is on call again then`, s, known, begins)
    }
    why = `${why}; ${at} is not on call, ${instead} stands in`
    at = instead
  }
  return none(route, `${why}, but nobody of them is on call`, known, at)
}

function timed(
  name: string,
  recipient: RecipientConfig,
  route: string,
  why: string,
  s: Subject,
  known: Known,
  from = known.now,
): Decision {
  const base = { route, recipient: name, channel: recipient.channel }
  if (!known.channels[recipient.channel])
    return none(route, `${why}, but its channel ${recipient.channel} is not configured`, known, name)
  if (known.unsubscribed.has(`alerts/${route}\n${recipient.address ?? ''}`.toLowerCase()))
    return none(route, `${why}, but ${recipient.address ?? name} left this list`, known, name)
  const holds = held(s, known)
  if (holds) return { ...base, state: 'held', reason: `${why}; ${holds.reason}`, notBefore: holds.until, groupKey: '' }
  const cause = `${route}|${name}|${recipient.channel}|${causeKey(s)}`
  const wakes = recipient.wakes.includes(s.severity)
  if (!wakes && recipient.digest !== undefined) {
    const at = nextSlot(recipient.digest, recipient.timezone, from) ?? from
    return {
      ...base,
      state: 'queued',
      reason: `${why}; collected for the digest`,
      notBefore: at,
      groupKey: `digest|${name}|${at}`,
    }
  }
  const quiet = wakes ? null : endOfHours(recipient.quiet, recipient.timezone, from)
  if (quiet !== null)
    return {
      ...base,
      state: 'queued',
      reason: `${why}; quiet hours until then`,
      notBefore: quiet,
      groupKey: `quiet|${name}|${quiet}`,
    }
  if (from > known.now)
    return { ...base, state: 'queued', reason: why, notBefore: from, groupKey: `quiet|${name}|${from}` }
  return { ...base, state: 'queued', reason: why, notBefore: known.now, groupKey: cause }
}

/** What holds it back for everybody: a silence, a dead connector, a decision of a person. */
function held(s: Subject, known: Known): { reason: string; until: number } | null {
  if (s.kind === 'own') return null
  const silence = known.silences.find((q) => mismatch(q.match as Match, s, known) === null)
  if (silence)
    return {
      reason: `silenced by ${silence.author} (${matchWords(silence.match as Match).join(', ') || 'everything'}): ${silence.reason}`,
      until: silence.endsAt,
    }
  if (s.acceptedUntil !== null && s.acceptedUntil > known.now)
    return { reason: 'it is accepted as correct until then', until: s.acceptedUntil }
  if (s.snoozedUntil !== null && s.snoozedUntil > known.now)
    return { reason: 'it is snoozed until then', until: s.snoozedUntil }
  const dead = [s.from, ...s.to].find((p) => p !== null && known.stale.has(p))
  if (dead && !FRESHNESS.has(s.cause ?? ''))
    return {
      reason: `${dead} cannot be read, which is told by itself; this follows once it is read again`,
      until: known.now,
    }
  return null
}

/** Causes that say that a connector is dead: these are not muted by its being dead. */
const FRESHNESS = new Set(['stale_stream', 'incomplete_stream'])

/** What is over is told to those who were told that it began. */
function over(s: Subject, known: Known): Decision[] {
  if (known.told.length === 0) return [none('', 'it is over, and nobody had been told of it', known)]
  return unique(
    known.told.map(({ recipient, route }): Decision => {
      const wants = known.alerts.routes.find((r) => r.name === route)?.when.includes('resolved') ?? true
      if (!wants) return none(route, `route “${route}” takes no news of the kind “resolved”`, known, recipient)
      const entry = known.recipients[recipient]
      if (!entry) return none(route, `${recipient} has no entry under recipients any more`, known, recipient)
      return timed(
        recipient,
        entry,
        route,
        `${recipient} was told of it`,
        { ...s, snoozedUntil: null, acceptedUntil: null },
        { ...known, silences: [], stale: new Map() },
      )
    }),
  )
}

function own(news: News, s: Subject, known: Known): Decision[] {
  const names = news === 'own_closed' ? known.told.map((t) => t.recipient) : known.alerts.own.tell
  if (names.length === 0)
    return [
      none(
        '',
        news === 'own_closed' ? 'it is over, and nobody had been told of it' : 'alerts.own.tell names nobody',
        known,
      ),
    ]
  return unique(
    names.map((name) => toRecipient(name, 'the monitor itself', 'it is about the monitor itself', s, known)),
  )
}

function none(route: string, reason: string, known: Known, recipient = ''): Decision {
  return { route, recipient, channel: '', state: 'none', reason, notBefore: known.now, groupKey: '' }
}

/** Nobody is told twice of one thing: the first rule that found them counts. */
function unique(decisions: readonly Decision[]): Decision[] {
  const seen = new Set<string>()
  return decisions.filter((d) => {
    const key = `${d.recipient}\n${d.channel}`
    return seen.has(key) ? false : (seen.add(key), true)
  })
}
