/** The dashboard's words: what is found in a source, how it is written anew, and that every language says everything. */
import { compile } from 'svelte/compiler'
import { describe, expect, it } from 'vitest'
import { compare, languages, readCatalogue, sentenceOf, texts, type Comparison } from '../ui/words/catalogue.ts'
import { bookOf } from '../ui/phrases.ts'
import { find } from '../ui/words/find.ts'
import { phraseBook } from '../ui/words/said.ts'
import { GAP, gapsOf, keyOf } from '../ui/words/site.ts'
import { write } from '../ui/words/write.ts'

const found = (source: string, file = 'a.svelte') => find(source, file).map((s) => keyOf(s.parts))
const said = (source: string, words: Record<string, string>, file = 'a.svelte') =>
  write(source, find(source, file), (english) => words[english] ?? null)
/** Choices of every gap of a sentence: how many words each has. */
const choices = (text: string) =>
  new Map([...text.matchAll(GAP)].flatMap((m) => (m[2] === undefined ? [] : [[m[1]!, m[2].split('|')] as const])))

describe('the texts of a component', () => {
  it('are sentences: expressions are gaps, inline elements keep their place, blocks end them', () => {
    expect(
      found(`<h1>Overview</h1>
<p class="quiet">
  {count(a)} of <b>{total}</b> <a href="/x">checks have looked</a>{' '}
  <code>npm run demo</code>{#if late}, {n} late{/if}
</p>
<ul><li>One</li><li>{name}</li></ul>`),
    ).toEqual(['Overview', '{0} of <1/> <2>checks have looked</2> <3/>', ', {0} late', 'One'])
  })

  it('are also in attributes that are read, in outcomes of conditions and in counted nouns', () => {
    expect(
      found(`<input placeholder="Search issues" class="wide search" aria-label={busy ? 'Looking…' : 'Search'} />
<button title="Peek at {id}" onclick={() => say('done')}>{counted(n, 'open finding')}</button>
<p>{kept ? 'held' : other ?? 'nobody'} {counted(n, 'entry', 'entries')} in force</p>`),
    ).toEqual([
      'Search issues',
      'Looking…',
      'Search',
      'Peek at {0}',
      'done',
      '{0:open finding}',
      '{0:held|nobody} {1:entry|entries} in force',
    ])
  })

  it('are in scripts what reads like a sentence or is named to be read, never codes, addresses or comparisons', () => {
    expect(
      found(
        `import { a } from './show/open finding.ts'
const WORDS = { ok: 'fresh', bad: 'failing' } as const
const LOOK: Record<string, string> = { changed: 'change' }
export const card = { name: 'Open now', title: 'late', q: 'is:open kind:case', href: '/issues?q=is:open' }
if (event.key === 'Page Down' || query.includes('Not this')) go(\`/issues/I-\${n}?a=b\`)
toast(\`\${n} of \${all} failed: \${why}\`)
const path = 'M10 2l8 15H2z'
const unit = say('rows')`,
        'a.ts',
      ),
    ).toEqual(['fresh', 'failing', 'late', '{0} of {1} failed: {2}', 'rows'])
  })
})

describe('a source in another language', () => {
  it('moves gaps to where the language wants them, and still compiles', () => {
    const german = said('<p>{count(a)} of <b>{all}</b> have been read <When at={x} />.</p>', {
      '{0} of <1/> have been read <2/>.': 'Gelesen wurden <2/> von <1/> nur {0}: „{{0}“',
    })
    expect(german).toBe('<p>Gelesen wurden <When at={x} /> von <b>{all}</b> nur {count(a)}: „&#123;{count(a)}“</p>')
    expect(() => compile(german, { generate: 'client' })).not.toThrow()
  })

  it('replaces choices and forms inside their expressions, and texts inside gaps', () => {
    expect(
      said(`<p>{counted(n, 'customer')} {n > 1 ? 'have' : 'has'} <a title="Open it" href="/x">{x}</a> open</p>`, {
        '{0:customer} {1:have|has} <2/> open': 'Bei {0:Kunden|Kunden} {1:sind|ist} <2/> offen',
        'Open it': 'Öffnen',
      }),
    ).toBe(
      `<p>Bei {counted(n, 'Kunden', 'Kunden')} {n > 1 ? 'sind' : 'ist'} <a title="Öffnen" href="/x">{x}</a> offen</p>`,
    )
  })

  it('is quoted as its place asks: quotes, backticks and braces of a translation break nothing', () => {
    const words = { 'Not now': `l'été "\`\${x}`, 'at {0}': '`{0}` ${y}', 'A title': 'a "b" {c} <d>' }
    const german = said(
      `<script>const a = 'Not now'; const b = { title: \`at \${a}\` }</script><p title="A title">{b}</p>`,
      words,
    )
    expect(german).toContain(`'l\\'été \\"\\\``)
    expect(german).toContain('title="a &quot;b&quot; &#123;c&#125; &lt;d>"')
    expect(() => compile(german, { generate: 'client' })).not.toThrow()
  })

  it('leaves what nobody has translated as it is', () => {
    const source = '<p>{a} of {b}</p><p title="Open it">Not yet</p>'
    expect(said(source, {})).toBe(source)
  })
})

describe('what the server says', () => {
  const say = bookOf({
    'Bring {0} in line with {1}': '{0} an {1} angleichen',
    'A customer differs': 'Ein Kunde weicht ab',
    'Legal name': 'Firma',
  })

  it('is known by its fixed words; what is not known stays as it is', () => {
    expect(say('Bring Stripe in line with NetSuite')).toBe('Stripe an NetSuite angleichen')
    expect(say('A customer differs: Legal name')).toBe('Ein Kunde weicht ab: Firma')
    expect(say('A customer differs from: Legal name')).toBe('A customer differs from: Legal name')
    expect(say('constructor')).toBe('constructor')
  })

  it('takes titles of checks and names of fields from where mails take them', () => {
    const german = bookOf(phraseBook('de'))
    expect(german('The legal and financial profile of a customer differs from its owner: Legal name')).toBe(
      'Rechtliche und finanzielle Angaben eines Kunden weichen von der führenden Plattform ab: Firma',
    )
  })
})

describe.each(languages())('%s', (language) => {
  let all: Comparison
  const catalogue = readCatalogue(language)

  it('has every text of the dashboard, and nothing else', () => {
    expect(texts().length).toBeGreaterThan(2000)
    all = compare(language)
    // `npm run words` prints these with their places; `npm run words -- --add` writes them into the file.
    expect(all.missing).toEqual([])
    expect(all.unused).toEqual([])
  })

  it('keeps every gap, gives every choice its word and every counted noun all its forms', () => {
    const ways = new Intl.PluralRules(language).resolvedOptions().pluralCategories.length
    const wrong = Object.entries(catalogue).filter(([key, text]) => {
      const english = sentenceOf(key)
      if (gapsOf(english).join() !== gapsOf(text).join()) return true
      const theirs = choices(text)
      return [...choices(english)].some(([n, words]) => {
        const given = theirs.get(n)?.length
        return given !== words.length && given !== ways
      })
    })
    expect(wrong).toEqual([])
  })
})

describe('German', () => {
  const catalogue = readCatalogue('de')

  it('is punctuated as its English is, and writes its own quotation marks', () => {
    const end = (text: string) => /[.…?:!]$/.exec(text.trim())?.[0] ?? ''
    expect(Object.entries(catalogue).filter(([key, text]) => end(key) !== end(text))).toEqual([])
    expect(
      Object.values(catalogue).filter((text) => /[“"][^„]*“|(?<!<[^>]*)"/.test(text.replaceAll(/„[^“]*“/g, ''))),
    ).toEqual([])
  })

  it('holds no English sentence that somebody forgot', () => {
    const english = /\b(the|of|and|are|were|with|from|not|this|that|has|have|been|which|nothing|nobody)\b/i
    expect(Object.values(catalogue).filter((text) => english.test(text.replaceAll(/<\d+\/?>|\{[^}]*\}/g, '')))).toEqual(
      [],
    )
  })
})
