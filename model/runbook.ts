/** Runbooks: the steps that a check's `fix` names, read from its Markdown. Pure. */

export interface Step {
  number: number
  says: string
}

/** What a check says to people about its findings; in another language, the same steps in the same order. */
export interface Guidance {
  why: string
  /** Runbook in Markdown. */
  fix: string
}

/** Mark and words of an item of a list. */
const ITEM = /^(\s*(?:\d+[.)]|[-*])\s+)(.+)$/
/** A line that goes on belongs to the item above it. */
const GOES_ON = /^\s{2,}\S/

/** Every item of its lists, in order; a fix without a list is one step for each paragraph. */
export function runbookSteps(fix: string): Step[] {
  const lines = fix.split('\n')
  const items: string[] = []
  for (const line of lines) {
    const item = ITEM.exec(line)?.[2]
    if (item !== undefined) items.push(item.trim())
    else if (items.length > 0 && GOES_ON.test(line)) items[items.length - 1] += ` ${line.trim()}`
  }
  const found = items.length > 0 ? items : fix.split(/\n\s*\n/).map((p) => p.replace(/\s+/g, ' ').trim())
  return found.filter((says) => says !== '').map((says, i) => ({ number: i + 1, says }))
}

/** The same runbook with other words in its steps: step n stays step n, and what stands around them stays as it is. */
export function withSteps(fix: string, says: readonly string[]): string {
  const lines = fix.split('\n')
  if (!lines.some((line) => ITEM.test(line))) return says.join('\n\n')
  let items = 0
  return lines
    .flatMap((line) => {
      const mark = ITEM.exec(line)?.[1]
      if (mark !== undefined) return [mark + (says[items++] ?? '')]
      return items > 0 && GOES_ON.test(line) ? [] : [line]
    })
    .join('\n')
}
