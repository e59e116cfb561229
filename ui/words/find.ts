/** Finds the texts of a component or a module: what people read of it, sentence by sentence. */
import { parse, type AST } from 'svelte/compiler'
import { CODE_ATTRIBUTES, CODE_CALLS, CODE_PROPERTIES, hasWords, INLINE, looksRead, READ_ATTRIBUTES, READ_NAMES, READ_PROPERTIES, VERBATIM } from './positions.ts' // prettier-ignore
import { ends, joined, moved, trimmed } from './ends.ts'
import type { Choice, Gap, Part, Quoting, Site } from './site.ts'
import { callName, isCounted, isNode, isSay, keyName, nodesOf, plainTemplate, stringOf, unwrapped, type Node } from './syntax.ts' // prettier-ignore

/** @param file its name: a module of TypeScript is read as the script of a component */
export function find(source: string, file: string): Site[] {
  if (file.endsWith('.svelte')) return new Finder(parse(source, { modern: true })).sites()
  const before = '<script lang="ts">'
  const root = parse(`${before}${source}</script>`, { modern: true })
  return new Finder(root).sites().map((site) => moved(site, -before.length))
}

class Finder {
  #sites: Site[] = []
  #root: AST.Root

  constructor(root: AST.Root) {
    this.#root = root
  }

  sites(): Site[] {
    const { fragment, instance, module } = this.#root
    this.#fragment(fragment as unknown as Node)
    for (const script of [instance, module]) if (script) this.#code(script.content as unknown as Node, false)
    return this.#sites.sort((a, b) => a.start - b.start || b.end - a.end)
  }

  #fragment(fragment: Node | null | undefined): void {
    if (!fragment) return
    let run: Node[] = []
    for (const node of nodesOf(fragment['nodes'])) {
      if (node.type === 'RegularElement' && !INLINE.has(node['name'] as string)) {
        this.#run(run)
        run = []
        this.#inside(node)
      } else run.push(node)
    }
    this.#run(run)
  }

  /** A run of text, expressions and inline elements: one sentence if words stand between them, else each by itself. */
  #run(nodes: Node[]): void {
    const sentence = nodes.some((n) => n.type === 'Text' && hasWords(n['data'] as string))
    if (!sentence) {
      for (const node of nodes) this.#inside(node)
      return
    }
    const rest = [...nodes]
    while (rest[0] && ends(rest[0])) this.#inside(rest.shift()!)
    while (rest.at(-1) && ends(rest.at(-1)!)) this.#inside(rest.pop()!)
    const { parts, start, end } = trimmed(this.#parts(rest, { n: 0 }), rest[0]!, rest.at(-1)!)
    this.#sites.push({ start, end, parts, quoting: 'markup' })
  }

  #parts(nodes: Node[], counter: { n: number }): Part[] {
    const parts: Part[] = []
    for (const node of nodes) {
      if (node.type === 'Text') parts.push((node['data'] as string).replaceAll(/[ \t\r\n]+/g, ' '))
      else if (node.type === 'Comment') continue
      else if (node.type === 'ExpressionTag') {
        const value = stringOf(node['expression'] as Node)
        if (value !== null && value.trim() === '') parts.push(value)
        else parts.push(this.#expression(node, node['expression'] as Node, counter.n++))
      } else parts.push(this.#element(node, counter))
    }
    return joined(parts)
  }

  #element(node: Node, counter: { n: number }): Gap {
    const gap: Gap = { is: 'element', n: counter.n++, start: node.start, end: node.end, choices: [], inside: null }
    const children = node.type === 'RegularElement' ? nodesOf((node['fragment'] as Node)['nodes']) : []
    const verbatim = VERBATIM.has(node['name'] as string)
    const flat = children.every((c) => ['Text', 'ExpressionTag', 'Component', 'IfBlock', 'EachBlock', 'RenderTag'].includes(c.type) || INLINE.has(c['name'] as string)) // prettier-ignore
    if (verbatim || !flat || !children.some((c) => c.type === 'Text' && hasWords(c['data'] as string))) {
      this.#inside(node)
      return gap
    }
    this.#attributes(node)
    const parts = joined(this.#parts(children, counter))
    if (typeof parts[0] === 'string') parts[0] = parts[0].trimStart()
    const last = parts.length - 1
    if (typeof parts[last] === 'string') parts[last] = parts[last].trimEnd()
    gap.inside = { start: children[0]!.start, end: children.at(-1)!.end, parts }
    return gap
  }

  /** What stands inside a node, as texts of their own. */
  #inside(node: Node): void {
    switch (node.type) {
      case 'Text':
      case 'Comment':
        return
      case 'ExpressionTag':
        return this.#shown(node['expression'] as Node)
      case 'ConstTag':
      case 'DeclarationTag':
        return this.#code(node['declaration'] as Node, false)
      case 'RenderTag':
      case 'HtmlTag':
      case 'AttachTag':
        return this.#code(node['expression'] as Node, false)
    }
    this.#attributes(node)
    if (VERBATIM.has(node['name'] as string)) return
    for (const field of ['test', 'expression', 'key'] as const)
      if (isNode(node[field]) && node.type.endsWith('Block') && node.type !== 'SnippetBlock')
        this.#code(node[field], false)
    for (const field of [
      'fragment',
      'consequent',
      'alternate',
      'body',
      'fallback',
      'pending',
      'then',
      'catch',
    ] as const)
      if (isNode(node[field])) this.#fragment(node[field])
  }

  #attributes(node: Node): void {
    const component = node.type !== 'RegularElement'
    for (const attribute of nodesOf(node['attributes'])) {
      const name = attribute['name'] as string
      if (attribute.type !== 'Attribute') {
        if (isNode(attribute['expression']) && attribute.type === 'AttachTag')
          this.#code(attribute['expression'], false)
        continue
      }
      const value = attribute['value']
      if (value === true) continue
      const read = READ_ATTRIBUTES.has(name) || (component && READ_PROPERTIES.test(name))
      const values = nodesOf(value)
      if (!read && (component ? CODE_ATTRIBUTES.test(name) : !name.startsWith('on'))) continue
      if (Array.isArray(value) && (read || values.length > 1 || values.some((v) => looksRead(String(v['data'])))))
        this.#attribute(values, read)
      else
        for (const v of values)
          if (isNode(v['expression'])) {
            if (read) this.#shown(v['expression'])
            else this.#code(v['expression'], false)
          }
    }
  }

  #attribute(values: Node[], read: boolean): void {
    const text = values.map((v) => (v.type === 'Text' ? (v['data'] as string) : '{}')).join('')
    if (!hasWords(text) || !(read || looksRead(text))) {
      for (const v of values) if (isNode(v['expression'])) this.#shown(v['expression'])
      return
    }
    const counter = { n: 0 }
    const parts = values.map((v) =>
      v.type === 'Text'
        ? (v['data'] as string).replaceAll(/[ \t\r\n]+/g, ' ')
        : this.#expression(v, v['expression'] as Node, counter.n++),
    )
    this.#sites.push({ ...trimmed(joined(parts), values[0]!, values.at(-1)!), quoting: 'attribute' })
  }

  #expression(around: Node, node: Node, n: number): Gap {
    const choices: Choice[] = []
    this.#outcomes(node, (choice) => choices.push(choice))
    return { is: 'expression', n, start: around.start, end: around.end, choices, inside: null }
  }

  #shown(node: Node): void {
    this.#outcomes(node, (choice, counted) => {
      if (!counted) return this.#literal(choice.start, choice.end, choice.english, 'string')
      const gap: Gap = {
        is: 'expression',
        n: 0,
        start: counted.start,
        end: counted.end,
        choices: [choice],
        inside: null,
      }
      this.#sites.push({ start: counted.start, end: counted.end, parts: [gap], quoting: 'markup' })
    })
  }

  /** Every literal that an expression may come to. */
  #outcomes(given: Node, found: (choice: Choice, counted?: Node) => void): void {
    const node = unwrapped(given)
    const value = stringOf(node) ?? plainTemplate(node)
    if (value !== null) {
      if (hasWords(value) && !/[|{}]/.test(value)) found({ start: node.start, end: node.end, english: value })
    } else if (node.type === 'ConditionalExpression') {
      this.#code(node['test'] as Node, false)
      this.#outcomes(node['consequent'] as Node, found)
      this.#outcomes(node['alternate'] as Node, found)
    } else if (node.type === 'LogicalExpression') {
      if (node['operator'] === '&&') this.#code(node['left'] as Node, false)
      else this.#outcomes(node['left'] as Node, found)
      this.#outcomes(node['right'] as Node, found)
    } else if (node.type === 'TemplateLiteral') this.#template(node, true)
    else if (isCounted(node)) {
      const forms = nodesOf(node['arguments']).slice(1)
      this.#code(nodesOf(node['arguments'])[0]!, false)
      const words = forms.map(stringOf)
      if (words.length && words.every((w) => w !== null))
        found({ start: forms[0]!.start, end: forms.at(-1)!.end, english: words.join('|') }, node)
      else for (const form of forms) this.#shown(form)
    } else this.#code(node, false)
  }

  /** A template with gaps is a sentence where it is read; elsewhere it is one if it looks like one. */
  #template(node: Node, read: boolean): void {
    const quasis = nodesOf(node['quasis'])
    const expressions = nodesOf(node['expressions'])
    const text = quasis.map((q) => (q['value'] as { cooked: string }).cooked)
    if (!hasWords(text.join(' ')) || !(read || looksRead(text.join('{}')))) {
      for (const e of expressions) read ? this.#shown(e) : this.#code(e, false)
      return
    }
    const parts: Part[] = []
    quasis.forEach((q, n) => {
      parts.push(text[n]!)
      const e = expressions[n]
      if (!e) return
      const start = q.end
      parts.push(this.#expression({ ...e, start, end: quasis[n + 1]!.start }, e, n))
    })
    const whole = joined(parts)
    this.#sites.push({
      ...trimmed(whole, { ...node, start: node.start + 1 }, { ...node, end: node.end - 1 }),
      quoting: 'template',
    })
  }

  #literal(start: number, end: number, value: string, quoting: Quoting): void {
    const from = value.length - value.trimStart().length
    const to = value.length - value.trimEnd().length
    this.#sites.push({ start: start + 1 + from, end: end - 1 - to, parts: [value.trim()], quoting })
  }

  #code(given: Node, read: boolean): void {
    const node = unwrapped(given)
    if (/^(TS|Import)/.test(node.type) || node.type === 'ExportAllDeclaration') return
    if (node.type === 'CallExpression' && isSay(node)) return this.#shown(nodesOf(node['arguments'])[0]!)
    if (isCounted(node)) return this.#shown(node)
    const value = stringOf(node) ?? plainTemplate(node)
    if (value !== null) {
      if (hasWords(value) && (read || looksRead(value))) this.#literal(node.start, node.end, value, 'string')
      return
    }
    if (node.type === 'TemplateLiteral') return this.#template(node, read)
    if (node.type === 'BinaryExpression' && node['operator'] !== '+') {
      for (const side of [node['left'] as Node, node['right'] as Node])
        if (stringOf(side) === null) this.#code(side, false)
      return
    }
    if (node.type === 'SwitchCase') return nodesOf(node['consequent']).forEach((s) => this.#code(s, false))
    if (node.type === 'Property' || node.type === 'PropertyDefinition') {
      const name = keyName(node)
      if (isNode(node['value'])) {
        const held = unwrapped(node['value'])
        if (!read && CODE_PROPERTIES.test(name) && /^(Literal|TemplateLiteral|ArrayExpression)$/.test(held.type)) return
        if (READ_PROPERTIES.test(name)) this.#code(node['value'], true)
        else this.#code(node['value'], read)
      }
      return
    }
    if (node.type === 'VariableDeclarator') {
      const name = (node['id'] as Node)['name']
      if (isNode(node['init'])) this.#code(node['init'], typeof name === 'string' && READ_NAMES.test(name))
      return
    }
    if (node.type === 'CallExpression' || node.type === 'NewExpression') {
      const callee = node['callee'] as Node
      if (isNode(callee['object'])) this.#code(callee['object'], read && callee['type'] === 'MemberExpression')
      const code = CODE_CALLS.has(callName(node))
      for (const a of nodesOf(node['arguments'])) if (!code || stringOf(a) === null) this.#code(a, false)
      return
    }
    if (node.type === 'MemberExpression') {
      this.#code(node['object'] as Node, read)
      if (node['computed'] && stringOf(node['property'] as Node) === null) this.#code(node['property'] as Node, false)
      return
    }
    const passes = ['ConditionalExpression', 'LogicalExpression', 'ArrayExpression', 'ObjectExpression'].includes(
      node.type,
    )
    for (const [field, child] of Object.entries(node)) {
      if (
        /^(type|typeAnnotation|returnType|typeParameters|typeArguments|superTypeParameters|loc|metadata)$/.test(field)
      )
        continue
      if (node.type === 'ExpressionStatement' && 'directive' in node) continue
      for (const c of nodesOf(child)) this.#code(c, passes && read && field !== 'test')
    }
  }
}
