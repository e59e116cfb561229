/**
 * Taking turns: two platforms that keep overwriting a value of each other. Pure.
 *
 * A write is a turn of the platform where it was decided: where a person wrote it or nobody else held the value, or,
 * where a value is only passed on, of the platform that it came from. A value that its owner changes back and forth,
 * and that the others follow, is the owner's turn all the time and no quarrel.
 */
import type { Field } from '../../../model/fields.ts'
import { writerSort } from '../../../model/writer.ts'
import { derived, stagesOf, type Scene, type Stage } from './authority-trail.ts'

export interface Turn {
  side: string
  stage: Stage
}

export interface Quarrel {
  /** The two sides, in the order in which they began. */
  sides: readonly [string, string]
  turns: readonly Turn[]
  since: number
  last: number
  /** How long there and back takes on average, milliseconds. */
  periodMs: number
}

/** The longest alternation of two sides with two values that ends with the last write, if it has at least `min` turns. */
export function quarrel(
  scene: Scene,
  field: Field,
  owner: string | null,
  min: number,
  withinMs: number,
): Quarrel | null {
  const turns = collapsed(turnsOf(scene, field, owner), field)
  const last = turns.at(-1)
  if (!last || turns.length < min) return null
  const run: Turn[] = [last]
  for (let i = turns.length - 2; i >= 0; i--) {
    const [turn, next, second] = [turns[i]!, run[0]!, run[1]]
    if (next.stage.at - turn.stage.at > withinMs || turn.side === next.side) break
    if (second && (turn.side !== second.side || !derived(field, turn.stage, second.stage, null))) break
    run.unshift(turn)
  }
  if (run.length < min) return null
  return {
    sides: [run[0]!.side, run[1]!.side],
    turns: run,
    since: run[0]!.stage.at,
    last: last.stage.at,
    periodMs: (2 * (last.stage.at - run[0]!.stage.at)) / (run.length - 1),
  }
}

/** Every write of the field in order of time, with the platform that it is the turn of. */
function turnsOf(scene: Scene, field: Field, owner: string | null): Turn[] {
  const all = [...scene.trails.keys()]
    .flatMap((platform) => stagesOf(scene.trails, platform, field.name))
    .filter((s) => s.is === 'value')
    .sort((a, b) => a.at - b.at || (a.platform < b.platform ? -1 : 1))
  return all.flatMap((stage) =>
    stage.written ? [{ side: own(stage, owner) ? stage.platform : source(stage, all, field, owner), stage }] : [],
  )
}

/** A person decides; where nobody is named, the owner does. */
function own(stage: Stage, owner: string | null): boolean {
  const sort = writerSort(stage.by)
  return sort === 'person' || (sort === 'unknown' && stage.platform === owner)
}

/** Clocks differ: what another platform's own people wrote moments later came from there all the same. */
const SKEW_MS = 5 * 60_000

/** Where a value was taken from: the owner that held it then, else whoever else held it longest, else nowhere. */
function source(stage: Stage, all: readonly Stage[], field: Field, owner: string | null): string {
  const held = new Map<string, Stage>()
  for (const s of all) if (s.platform !== stage.platform && s.at <= stage.at) held.set(s.platform, s)
  const like = [...held.values()].filter((s) => derived(field, s, stage, null)).sort((a, b) => a.at - b.at)
  const from = like.find((s) => s.platform === owner) ?? like[0]
  const soon = (s: Stage) =>
    s.platform !== stage.platform &&
    s.at >= stage.at &&
    s.at - stage.at <= SKEW_MS &&
    writerSort(s.by) !== 'carrier' &&
    derived(field, s, stage, null)
  return (from ?? all.find(soon) ?? stage).platform
}

/** A side that repeats itself, or is repeated by those that follow, has one turn. */
function collapsed(turns: readonly Turn[], field: Field): Turn[] {
  const kept: Turn[] = []
  for (const turn of turns) {
    const before = kept.at(-1)
    if (before && before.side === turn.side && derived(field, before.stage, turn.stage, null)) continue
    kept.push(turn)
  }
  return kept
}
