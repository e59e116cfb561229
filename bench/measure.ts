/** Measurements: repetitions of jobs, taken in turns so that a noisy moment hits all of them alike. */
import type { Actor, Answer } from './actor.ts'
import type { Counts } from './ours.ts'

export interface Job {
  name: string
  actor: Actor
  what: string
}

export interface Measured {
  name: string
  ms: number[]
  cpuMs: number[]
  peakMb: number | null
}

/** Jobs that must all give the same answer: one uncounted turn, then `turns` counted ones. @throws if any answer differs from `truth`. */
export async function takeTurns(jobs: readonly Job[], turns: number, truth: Counts): Promise<Measured[]> {
  const measured = jobs.map(({ name }): Measured => ({ name, ms: [], cpuMs: [], peakMb: null }))
  for (let turn = 0; turn <= turns; turn++)
    for (const [n, job] of jobs.entries()) {
      const answer = await job.actor.ask<Counts>(job.what)
      requireSame(job.name, answer.result, truth)
      if (turn > 0) add(measured[n]!, answer)
    }
  return measured
}

export function add(to: Measured, { ms, cpuMs, peakMb }: Answer<unknown>): void {
  to.ms.push(ms)
  to.cpuMs.push(cpuMs)
  if (peakMb !== null) to.peakMb = Math.max(to.peakMb ?? 0, peakMb)
}

export function one(name: string, answer: Answer<unknown>): Measured {
  const m: Measured = { name, ms: [], cpuMs: [], peakMb: null }
  add(m, answer)
  return m
}

/** A benchmark whose engines answer differently measures nothing. */
export function requireSame(name: string, found: Counts, truth: Counts): void {
  const text = (counts: Counts) => JSON.stringify(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)))
  if (text(found) !== text(truth)) throw new Error(`${name} found ${text(found)}, but ${text(truth)} is true.`)
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]!
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)]!
}
