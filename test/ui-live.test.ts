/** Live updates of the dashboard: a page asks again for what it shows, also when events were missed. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { live, type Heard } from '../ui/live.svelte.ts'

class Source extends EventTarget {
  static last: Source
  onopen: () => void = () => undefined
  onerror: () => void = () => undefined
  constructor() {
    super()
    Source.last = this
  }
  close(): void {
    // Nothing is connected.
  }
  say(type: Heard['type'], data = {}): void {
    this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data) }))
  }
}
const page = { hidden: false }

beforeEach(() => {
  vi.stubGlobal('EventSource', Source)
  vi.stubGlobal('document', page)
  page.hidden = false
  live.start()
  Source.last.onopen()
})
afterEach(() => {
  live.stop()
  vi.unstubAllGlobals()
})

it('tells a page of the types that it shows and of no others', () => {
  const heard: Heard[] = []
  const off = live.when(['plan'], (event) => heard.push(event))
  Source.last.say('checked')
  Source.last.say('plan', { number: 7 })
  expect(heard).toEqual([{ type: 'plan', number: 7 }])
  off()
  Source.last.say('plan', { number: 8 })
  expect(heard).toHaveLength(1)
})

it('tells every page after the tab was hidden, since anything may have happened meanwhile', () => {
  const heard: string[] = []
  const off = live.when(['checked'], ({ type }) => heard.push(type))
  page.hidden = true
  live.seen()
  page.hidden = false
  live.seen()
  Source.last.onopen()
  expect(heard).toEqual(['reset'])
  off()
})

it('tells every page when the server no longer knows what was missed', () => {
  const heard: string[] = []
  const off = live.when(['exceptions'], ({ type }) => heard.push(type))
  Source.last.say('reset')
  expect(heard).toEqual(['reset'])
  off()
})
