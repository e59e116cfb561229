/** Runbooks: the steps that a check's `fix` names, read from its Markdown. Pure. */

export interface Step {
  number: number
  says: string
}

/** Every item of its lists, in order; a fix without a list is one step for each paragraph. */
export function runbookSteps(fix: string): Step[] {
  const lines = fix.split('\n')
  const items: string[] = []
  for (const line of lines) {
    const item = /^\s*(?:\d+[.)]|[-*])\s+(.+)$/.exec(line)?.[1]
    if (item !== undefined) items.push(item.trim())
    // A line that goes on belongs to the item above it.
    else if (items.length > 0 && /^\s{2,}\S/.test(line)) items[items.length - 1] += ` ${line.trim()}`
  }
  const found = items.length > 0 ? items : fix.split(/\n\s*\n/).map((p) => p.replace(/\s+/g, ' ').trim())
  return found.filter((says) => says !== '').map((says, i) => ({ number: i + 1, says }))
}
