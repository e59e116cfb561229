/** The map of platforms: who speaks to whom, where each stands on the sheet, and how healthy each way is. */
import type { Edge, Overview, Platform } from '../api.ts'
import { count, counted } from './numbers.ts'
import { trouble } from './edges.ts'

export const SHEET = { width: 900, height: 420, box: { width: 116, height: 36 } } as const

export type Health = 'bad' | 'unknown' | 'ok' | 'quiet'
/** Shape and word besides the colour. */
export const HEALTH: Record<Health, { sign: string; word: string }> = {
  bad: { sign: '◆', word: 'wrong' },
  unknown: { sign: '▲', word: 'cannot be verified' },
  ok: { sign: '✓', word: 'in order' },
  quiet: { sign: '–', word: 'nothing changed yet' },
}

export interface MapNode {
  platform: Platform
  x: number
  y: number
  /** What is wrong with reading it; null: nothing. */
  trouble: string | null
}
export interface MapWay {
  owner: Platform
  follower: Platform
  health: Health
  says: string
  open: number
  inFlight: number
  /** Promises that were measured on it. */
  edges: number
  /** Least of the error budgets that is left; null: not measured. */
  left: number | null
  href: string
  d: string
  label: { x: number; y: number }
}

/** Ways of authority between platforms; those that keep nothing in common are left out. */
export function mapOf(overview: Overview, edges: readonly Edge[]): { nodes: MapNode[]; ways: MapWay[] } {
  const tied = overview.pairs.filter((p) => p.checked)
  const named = [...new Map(tied.flatMap((p) => [p.owner, p.follower]).map((p) => [p.name, p])).values()]
  // Whoever owns most stands on the left: authority is read from left to right.
  const owned = (p: Platform) => tied.filter((t) => t.owner.name === p.name).length
  const platforms = [...named].sort((a, b) => owned(b) - owned(a) || (a.name < b.name ? -1 : 1))
  const unread = new Map(
    overview.connectors.flatMap((c) => {
      const mark = [c.auth, c.freshness, c.completeness].find((m) => m.state === 'bad' || m.state === 'warn')
      return mark ? [[c.platform.name, mark.says] as const] : []
    }),
  )
  const nodes = platforms.map((platform, i): MapNode => {
    const angle = Math.PI + (2 * Math.PI * i) / Math.max(1, platforms.length)
    return {
      platform,
      x: Math.round(SHEET.width / 2 + (SHEET.width / 2 - 90) * Math.cos(angle)),
      y: Math.round(SHEET.height / 2 + (SHEET.height / 2 - 36) * Math.sin(angle)),
      trouble: unread.get(platform.name) ?? null,
    }
  })
  const at = new Map(nodes.map((n) => [n.platform.name, n]))
  const ways = tied.map((pair): MapWay => {
    const own = edges.filter((e) => e.owner.name === pair.owner.name && e.follower.name === pair.follower.name)
    const worst = own.map(trouble).find((t) => t !== null)
    const lefts = own.flatMap((e) => e.budget.left ?? [])
    const blind = [pair.owner.name, pair.follower.name].find((name) => unread.has(name))
    const undecided = own.some((e) => e.undecided > 0)
    const health: Health =
      pair.findings > 0 || own.some((e) => e.still_wrong > 0 || e.burns.some((b) => b.alarm))
        ? 'bad'
        : blind !== undefined || undecided
          ? 'unknown'
          : own.some((e) => e.norm.changes > 0 || e.period.changes > 0)
            ? 'ok'
            : 'quiet'
    return {
      ...{ owner: pair.owner, follower: pair.follower, health, open: pair.findings, edges: own.length },
      inFlight: own.reduce((n, e) => n + e.in_flight, 0),
      left: lefts.length ? Math.min(...lefts) : null,
      says: saying(pair.findings, worst ?? null, blind === undefined ? null : (unread.get(blind) ?? null)),
      href:
        pair.findings > 0
          ? `/issues?q=${encodeURIComponent(`is:open pair:${pair.owner.name}>${pair.follower.name}`)}`
          : '/flows',
      ...curve(at.get(pair.owner.name)!, at.get(pair.follower.name)!),
    }
  })
  return { nodes, ways }
}

function saying(open: number, worst: string | null, blind: string | null): string {
  const parts = [open > 0 ? counted(open, 'open finding') : null, worst, blind].filter((p) => p !== null)
  return parts.join('; ') || 'nothing open'
}

/** From edge to edge of the boxes, bent to its own left, so that there and back are two ways. */
function curve(from: MapNode, to: MapNode): { d: string; label: { x: number; y: number } } {
  const [dx, dy] = [to.x - from.x, to.y - from.y]
  const length = Math.hypot(dx, dy) || 1
  const bend = Math.min(60, length / 6)
  const mid = { x: (from.x + to.x) / 2 + (-dy / length) * bend, y: (from.y + to.y) / 2 + (dx / length) * bend }
  const a = edgeOf(from, mid)
  const b = edgeOf(to, mid)
  const label = { x: Math.round((a.x + 2 * mid.x + b.x) / 4), y: Math.round((a.y + 2 * mid.y + b.y) / 4) }
  return { d: `M${a.x} ${a.y}Q${Math.round(mid.x)} ${Math.round(mid.y)} ${b.x} ${b.y}`, label }
}

/** Where the line from a box's middle towards a point leaves the box, with a little air. */
function edgeOf(node: MapNode, towards: { x: number; y: number }): { x: number; y: number } {
  const [dx, dy] = [towards.x - node.x, towards.y - node.y]
  const reach = Math.min(
    (SHEET.box.width / 2 + 6) / Math.max(1e-6, Math.abs(dx)),
    (SHEET.box.height / 2 + 6) / Math.max(1e-6, Math.abs(dy)),
  )
  return { x: Math.round(node.x + dx * reach), y: Math.round(node.y + dy * reach) }
}

/** One sentence for those who hear the map. */
export function mapWords(nodes: readonly MapNode[], ways: readonly MapWay[]): string {
  const of = (health: Health) => ways.filter((w) => w.health === health).length
  return `${counted(nodes.length, 'platform')}, ${counted(ways.length, 'way')} of authority: ${count(of('bad'))} with something wrong, ${count(of('unknown'))} that cannot be verified, ${count(of('ok'))} in order, ${count(of('quiet'))} without a change yet.`
}
