/** Actor: an engine in a process of its own, asked one thing at a time; its memory is watched from outside while it works. */
import { fork, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export interface Answer<T> {
  result: T
  /** Wall time and the processor time of the whole process, milliseconds. */
  ms: number
  cpuMs: number
  /** Highest resident memory while it worked, above `idleMb`; null where the system does not tell. */
  peakMb: number | null
}

export interface Actor {
  ask<T>(what: string, ...args: unknown[]): Promise<Answer<T>>
  end(): Promise<void>
}

type Reply = { result: unknown; ms: number; cpuMs: number } | { error: string }

/** How often memory is looked at, milliseconds. */
const LOOK_MS = 10

export function startActor(role: string, folder: string): Actor {
  const child = fork(fileURLToPath(new URL('stage.ts', import.meta.url)), [role, folder], {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, UV_THREADPOOL_SIZE: '16' },
  })
  let idle: number | null = null
  return {
    async ask<T>(what: string, ...args: unknown[]) {
      idle ??= residentMb(child)
      let peak = residentMb(child)
      const timer = setInterval(() => (peak = Math.max(peak ?? 0, residentMb(child) ?? 0)), LOOK_MS)
      try {
        const reply = await answer(child, { what, args })
        if ('error' in reply) throw new Error(`${role} ${what}: ${reply.error}`)
        if (what === 'open') idle = residentMb(child)
        return {
          ...reply,
          result: reply.result as T,
          peakMb: peak === null || idle === null ? null : Math.max(0, peak - idle),
        }
      } finally {
        clearInterval(timer)
      }
    },
    end: () =>
      new Promise<void>((resolve) => {
        child.once('exit', () => resolve())
        child.send({ what: 'end', args: [] })
      }),
  }
}

function answer(child: ChildProcess, ask: { what: string; args: unknown[] }): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const gone = (code: number | null, signal: string | null) =>
      reject(new Error(`The process ended with ${code ?? signal}.`))
    child.once('exit', gone)
    child.once('message', (reply: Reply) => {
      child.off('exit', gone)
      resolve(reply)
    })
    child.send(ask)
  })
}

function residentMb(child: ChildProcess): number | null {
  try {
    const kb = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))
    return kb ? Number(kb[1]) / 1024 : null
  } catch {
    return null
  }
}
