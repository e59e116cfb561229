/** Crash points: named places at which a test may kill this process as the power supply would. */

/** Does nothing unless the environment variable CRASHPOINT names it (`name` or `name@3` for its third passing). */
export function crashpoint(name: string): void {
  const wanted = process.env['CRASHPOINT']
  if (wanted === undefined) return
  const [at, nth = '1'] = wanted.split('@')
  if (at !== name) return
  const times = (passed.get(name) ?? 0) + 1
  passed.set(name, times)
  if (times === Number(nth)) process.kill(process.pid, 'SIGKILL')
}

const passed = new Map<string, number>()
