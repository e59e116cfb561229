/** Nodes of a component and of its scripts, as the compiler of Svelte gives them. */

/** A node of either tree; the fields that are looked at differ by type. */
export interface Node {
  type: string
  start: number
  end: number
  [field: string]: unknown
}
export const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'
export const nodesOf = (value: unknown): Node[] =>
  Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : []
const WRAPPED = ['TSAsExpression', 'TSSatisfiesExpression', 'TSNonNullExpression', 'ParenthesizedExpression']
export const unwrapped = (node: Node): Node =>
  WRAPPED.includes(node.type) ? unwrapped(node['expression'] as Node) : node
export const stringOf = (node: Node): string | null =>
  node.type === 'Literal' && typeof node['value'] === 'string' ? node['value'] : null

export const keyName = (node: Node): string => {
  const key = node['key'] as Node
  return String(key['name'] ?? key['value'] ?? '')
}
export const callName = (node: Node): string => {
  const callee = node['callee'] as Node
  return String(callee['name'] ?? (isNode(callee['property']) ? callee['property']['name'] : '') ?? '')
}
export const isCounted = (node: Node): boolean =>
  node.type === 'CallExpression' && (node['callee'] as Node)['name'] === 'counted'
/** The mark of a text that nothing else shows to be one. */
export const isSay = (node: Node): boolean => (node['callee'] as Node)['name'] === 'say'

export const plainTemplate = (node: Node): string | null =>
  node.type === 'TemplateLiteral' && nodesOf(node['expressions']).length === 0
    ? (nodesOf(node['quasis'])[0]!['value'] as { cooked: string }).cooked
    : null
