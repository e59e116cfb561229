/**
 * Foreign writes: a platform that does not own a field gave it a value that the owner had never held. Pure.
 *
 * A value that came from the owner by any way is no such write: whatever the owner held before, or took within the
 * edge's window after, however late it arrived. Where the versions that we have leave room for a value of the owner
 * that we did not see, nobody is accused.
 */
import type { Field } from '../../../model/fields.ts'
import type { Edge, Standing, Tolerance } from '../../../model/landscape.ts'
import { writerSort } from '../../../model/writer.ts'
import { instant } from '../timing.ts'
import { derived, speakerAt, stagesOf, valueAt, type Scene, type Speaker, type Stage } from './authority-trail.ts'

export interface ForeignWrite {
  platform: string
  field: string
  stage: Stage
  before: Stage
  speaker: Speaker
  standing: Standing
  edge: Edge
  /** The owner took the value over at this instant (epoch ms). */
  adoptedAt: number | null
  /** The platform itself holds something else since this instant. */
  undoneAt: number | null
}

/** How an owner must stand to somebody whose writes are looked at. */
const WATCHED: ReadonlySet<Standing> = new Set<Standing>(['follower', 'gated', 'foreign'])

/** Every foreign write of the field that the versions prove, oldest first. */
export function foreignWrites(scene: Scene, field: Field): ForeignWrite[] {
  return [...scene.trails.keys()]
    .flatMap((platform) => {
      const stages = stagesOf(scene.trails, platform, field.name)
      return stages.flatMap((stage, i) => {
        const before = stages[i - 1]
        if (!before || !stage.written || !says(stage)) return []
        const write = foreign(scene, field, stage, before)
        return write ? [{ ...write, undoneAt: stages[i + 1]?.at ?? null }] : []
      })
    })
    .sort((a, b) => a.stage.at - b.stage.at)
}

/** A code without an entry and a value that cannot be read are told of by other checks. */
const says = (stage: Stage) => stage.is === 'value' || stage.is === 'empty'

function foreign(scene: Scene, field: Field, stage: Stage, before: Stage): Omit<ForeignWrite, 'undoneAt'> | null {
  const { landscape, kind, trails } = scene
  const speaker = speakerAt(scene, field.name, stage.at - 1)
  if (!speaker || speaker.owner === stage.platform) return null
  const rank = (name: string) => (speaker.owners.includes(name) ? speaker.owners.indexOf(name) : Infinity)
  // An owner further up the list that was silent speaks by writing.
  if (rank(stage.platform) < rank(speaker.owner)) return null
  const standing = landscape.standing(kind, field.name, stage.platform, speaker.owner, speaker.at)
  if (!WATCHED.has(standing)) return null
  const edge = landscape.edge(kind, field.name, speaker.owner, stage.platform)
  const tolerance = scene.tolerance ?? edge.tolerance
  const owned = stagesOf(trails, speaker.owner, field.name)
  const until = stage.at + edge.windowMs
  if (owned.some((s) => s.at <= until && derived(field, s, stage, tolerance))) return null
  if (spread(scene, field, stage, tolerance)) return null
  if (!proven(scene, field, stage, before, owned, speaker.owner, edge.windowMs)) return null
  const adopted = owned.find((s) => s.at > until && derived(field, s, stage, tolerance))
  // A change that needs approval was approved once the owner has it.
  if (adopted && standing === 'gated') return null
  return {
    platform: stage.platform,
    field: field.name,
    stage,
    before,
    speaker,
    standing,
    edge,
    adoptedAt: adopted?.at ?? null,
  }
}

/** Another platform had the value before: this one only passed it on, and the other one is asked. */
function spread(scene: Scene, field: Field, stage: Stage, tolerance: Tolerance | null): boolean {
  const sort = writerSort(stage.by)
  return [...scene.trails.keys()].some((platform) => {
    if (platform === stage.platform) return false
    return stagesOf(scene.trails, platform, field.name).some((s) => {
      if (s.at > stage.at || (s.at === stage.at && platform > stage.platform)) return false
      if (!derived(field, s, stage, tolerance)) return false
      // A person's write is not explained by a value that an integration brought elsewhere in the same while.
      return !(s.after !== null && sort === 'person' && writerSort(s.by) === 'carrier' && (stage.after ?? 0) < s.at)
    })
  })
}

/**
 * True if the versions leave no room for a value of the owner that we did not see. Either the owner had not changed
 * since we saw the value before, which was the owner's own, or for a whole window before that; or a person wrote, and
 * everything that changed with that version is foreign in the same way.
 */
function proven(
  scene: Scene,
  field: Field,
  stage: Stage,
  before: Stage,
  owned: readonly Stage[],
  owner: string,
  windowMs: number,
): boolean {
  const last = owned.findLast((s) => s.observedAt <= stage.observedAt + windowMs && s.at <= stage.at)
  const later = owned.some((s) => s.observedAt <= stage.observedAt + windowMs && s.at > stage.at)
  const caughtUp = last !== undefined && derived(field, last, before, null)
  if (last && !later && last.at <= stage.after! - (caughtUp ? 0 : windowMs)) return true
  return writerSort(stage.by) === 'person' && alone(scene, field, stage, owner)
}

/** Every field that this version changed took a value that its owner never held: nothing was carried with it. */
function alone(scene: Scene, field: Field, stage: Stage, owner: string): boolean {
  for (const [name, stages] of scene.trails.get(stage.platform) ?? []) {
    if (name === field.name) continue
    const changed = stages.find((s) => s.observedAt === stage.observedAt && s.at === stage.at && s.after !== null)
    if (!changed) continue
    const holder = scene.holders.get(owner)
    const said = valueAt(stagesOf(scene.trails, owner, name), stage.at, instant(holder?.created_at))
    if (said === 'none' || said === 'unknown' || said.is === 'cannot_hold') return false
    if (stagesOf(scene.trails, owner, name).some((s) => s.is === changed.is && s.key === changed.key)) return false
  }
  return true
}
