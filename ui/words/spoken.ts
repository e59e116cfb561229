/** Sentences that the server speaks to people, with gaps for what differs: read from its sources, so that none is forgotten in a language. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

const ROOT = join(import.meta.dirname, '..', '..')
const SOURCES = ['model', 'server']

/** Where sentences of a sort are spoken. Each has a file of its own in `said/<language>/`. */
export const SPOKEN = {
  /** Why a finding is one, and what would disprove it. */
  evidence: /^model\/cause.*\.ts$|^server\/check\/(kinds\/|timing)/,
  /** Where a change stopped on its way, what set differences off, what keeps a period open, why two records fit. */
  traces: /^model\/(trace-.*|match-score|period-close)\.ts$|^server\/measure\/c/,
  /** What the API refuses to a person at the dashboard, and what to do about it. */
  refusals:
    /^model\/query\.ts$|^server\/(api\/(?!unsubscribe|events|hook)|retain\/|check\/(?!kinds\/|timing)|app\.ts|identify\/decide\.ts)/,
  /** Why a plan is refused, leaves a record out, or did not write it. */
  plans: /^server\/remedy\//,
} as const
export type Sort = keyof typeof SPOKEN
export const isSort = (name: string): name is Sort => Object.hasOwn(SPOKEN, name)

export interface Spoken {
  /** With `{0}` for what differs, as the key of a phrase book. */
  english: string
  file: string
  line: number
}

/** Words for programmers and for the description of the API, by the property or call that holds them: not read at the dashboard. */
const NOT_READ = new Set([
  'describe', 'description', 'describeRoute', 'json', 'clauses', 'about', 'summary', 'when', 'example', 'warn', 'info', 'debug',
]) // prettier-ignore
/** What stands under these names is read, whether it is a whole sentence or not. */
const READ = new Set(['says', 'title', 'disproved_by', 'because', 'correction'])
/** So many ways to say one sentence are told apart; of more, each choice is a gap. */
const WAYS = 16

const found = new Map<Sort, Spoken[]>()

/** Every sentence of a sort, in the order of its files; read once. */
export function spoken(sort: Sort): Spoken[] {
  const known = found.get(sort)
  if (known) return known
  const files = SOURCES.flatMap((folder) =>
    (readdirSync(join(ROOT, folder), { recursive: true }) as string[]).map((name) => `${folder}/${name}`),
  )
  const all = files
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.ts') && SPOKEN[sort].test(file))
    .sort()
    .flatMap((file) => sentencesIn(readFileSync(join(ROOT, file), 'utf8'), file))
  found.set(sort, all)
  return all
}

/** The sentences of one source: literals that read like one, with every way in which a template may come out. */
export function sentencesIn(source: string, file: string): Spoken[] {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest)
  const sentences: Spoken[] = []
  const visit = (node: ts.Node, read: boolean): void => {
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node) || NOT_READ.has(nameOf(node))) return
    if (isText(node)) {
      const said = waysOf(node)
        .map(keyOf)
        .filter(read ? isPhrase : isSentence)
      const line = tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1
      for (const english of said) sentences.push({ english, file, line })
      if (said.length > 0) return
    }
    // What is wrong with a file is told beside its place in it: not at the dashboard.
    if (
      ts.isObjectLiteralExpression(node) &&
      ['path', 'says'].every((name) => node.properties.some((p) => nameOf(p) === name))
    )
      return
    const inside = namesText(node) || (read && passesOn(node))
    ts.forEachChild(node, (child) => visit(child, inside))
  }
  visit(tree, false)
  return sentences
}

const isText = (node: ts.Node): node is ts.Expression =>
  ts.isStringLiteralLike(node) ||
  ts.isTemplateExpression(node) ||
  (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken)

const namesText = (node: ts.Node): boolean =>
  READ.has(nameOf(node)) || (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && READ.has(node.name.text))
/** What stands in it is what it comes to. */
const passesOn = (node: ts.Node): boolean =>
  ts.isConditionalExpression(node) || ts.isParenthesizedExpression(node) || ts.isArrayLiteralExpression(node)

/** A property or a call, by its name. */
function nameOf(node: ts.Node): string {
  if (ts.isPropertyAssignment(node) || ts.isShorthandPropertyAssignment(node))
    return ts.isIdentifier(node.name) ? node.name.text : ''
  if (!ts.isCallExpression(node)) return ''
  const { expression } = node
  if (ts.isPropertyAccessExpression(expression)) return expression.name.text
  return ts.isIdentifier(expression) ? expression.text : ''
}

const isSentence = (text: string): boolean =>
  /^["“]?(?:\p{Lu}|\{0\})/u.test(text) &&
  /\p{L}{2}.* .*[.?]$/su.test(text) &&
  !/^\{0\}\S*$|\n|^(?:GET|POST) /.test(text)

const isPhrase = (text: string): boolean => /\p{L}{2}.* |^\p{L}.* \S/su.test(text) && !/^\{0\}\S*$|\n/.test(text)

/** A gap is null. */
type Piece = string | null

/** Everything that an expression may come to. */
function waysOf(node: ts.Expression): Piece[][] {
  const inner = ts.isParenthesizedExpression(node) ? node.expression : node
  if (ts.isStringLiteralLike(inner)) return [[inner.text]]
  if (ts.isConditionalExpression(inner)) return [...waysOf(inner.whenTrue), ...waysOf(inner.whenFalse)]
  if (ts.isBinaryExpression(inner)) {
    const { kind } = inner.operatorToken
    if (kind === ts.SyntaxKind.PlusToken) return joined([waysOf(inner.left), waysOf(inner.right)])
    if (kind === ts.SyntaxKind.QuestionQuestionToken) return [...waysOf(inner.left), ...waysOf(inner.right)]
  }
  if (!ts.isTemplateExpression(inner)) return [[null]]
  const parts = inner.templateSpans.flatMap((span) => [waysOf(span.expression), [[span.literal.text]]])
  return joined([[[inner.head.text]], ...parts])
}

const joined = (parts: Piece[][][]): Piece[][] =>
  parts.reduce<Piece[][]>(
    (ways, part) => {
      const next = ways.length * part.length > WAYS ? [[null]] : part
      return ways.flatMap((way) => next.map((piece) => [...way, ...piece]))
    },
    [[]],
  )

/** Gaps that touch are one. */
function keyOf(pieces: readonly Piece[]): string {
  let n = 0
  let key = ''
  let gap = false
  for (const piece of pieces) {
    if (piece === null && !gap) key += `{${n++}}`
    if (piece !== '') gap = piece === null
    key += piece ?? ''
  }
  return key
}

/**
 * What a language does not say of a sort, each sentence once; and entries of the sort that nobody speaks.
 * @param book everything that the language says
 * @param own what its file of the sort says
 */
export function compareSpoken(
  sort: Sort,
  book: Readonly<Record<string, string>>,
  own: Readonly<Record<string, string>>,
): { missing: Spoken[]; unused: string[] } {
  const all = new Map(spoken(sort).map((s) => [s.english, s]))
  return {
    missing: [...all.values()].filter(({ english }) => !book[english]),
    unused: Object.keys(own).filter((english) => !all.has(english)),
  }
}
