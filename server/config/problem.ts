/** A problem: one mistake in the configuration, with the place where it is written and what was probably meant. */

export interface Problem {
  /** Warnings are printed but stop nothing. */
  level: 'error' | 'warning'
  file: string
  /** Both from 1. */
  line: number
  column: number
  /** Where in the document (`platforms.erp.connector`); empty for the document itself. */
  path: string
  message: string
  /** The nearest valid name, where there is one. */
  suggestion?: string
}

/** Way through a document: keys and list positions. */
export type Path = readonly (string | number)[]

/** Takes a problem at a place of one document. `on` says whether the key or its value is at fault. */
export interface Report {
  (path: Path, message: string, detail?: { suggestion?: string; level?: Problem['level']; on?: 'key' | 'value' }): void
}

export function pathText(path: Path): string {
  return path
    .map((step, i) => {
      if (typeof step === 'number') return `[${step}]`
      if (!/^[\w-]+$/.test(step)) return `[${JSON.stringify(step)}]`
      return i === 0 ? step : `.${step}`
    })
    .join('')
}

/** `plumbline.yaml:12:5 platforms.erp.conector: unknown key; did you mean "connector"?`, one line each, in order of the files. */
export function formatProblems(problems: readonly Problem[]): string {
  return inOrder(problems).map(formatProblem).join('\n')
}

function formatProblem(p: Problem): string {
  const where = `${p.file}:${p.line}:${p.column}`
  const warning = p.level === 'warning' ? 'warning: ' : ''
  const path = p.path ? `${p.path}: ` : ''
  const meant = p.suggestion === undefined ? '' : `; did you mean ${JSON.stringify(p.suggestion)}?`
  return `${where} ${warning}${path}${p.message}${meant}`
}

/** By file, then place; the same mistake seen by two rules is said once. */
export function inOrder(problems: readonly Problem[]): Problem[] {
  const files = [...new Set(problems.map((p) => p.file))]
  const sorted = problems
    .map((p, i) => ({ p, i }))
    .sort(
      (a, b) =>
        files.indexOf(a.p.file) - files.indexOf(b.p.file) ||
        a.p.line - b.p.line ||
        a.p.column - b.p.column ||
        a.i - b.i,
    )
    .map(({ p }) => p)
  const seen = new Set<string>()
  return sorted.filter((p) => {
    const key = JSON.stringify([p.file, p.line, p.column, p.path, p.message])
    return seen.size !== seen.add(key).size
  })
}
