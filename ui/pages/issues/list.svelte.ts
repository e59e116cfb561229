/** The list of issues: one page of it, what changed since it was read, and which rows are selected. */
import { SvelteSet } from 'svelte/reactivity'
import { api, type Facets, type Issue, type IssuePage, type Sort } from '../../api.ts'
import { Resource } from '../../resource.svelte.ts'

export interface Asked {
  q: string
  sort: Sort
  cursor: string | null
}

export class IssueList {
  readonly page = new Resource<IssuePage>()
  readonly facets = new Resource<Facets>()
  readonly selected = new SvelteSet<number>()
  #asked: Asked | null = null
  #later = $state.raw<IssuePage | null>(null)
  #timer: ReturnType<typeof setTimeout> | undefined

  get issues(): Issue[] {
    return this.page.value?.issues ?? []
  }
  /** Issues of the newest answer that are not on the page: they wait behind the pill until they are wanted. */
  get waiting(): number {
    const shown = new Set(this.issues.map((i) => i.number))
    return this.#later?.issues.filter((i) => !shown.has(i.number)).length ?? 0
  }
  get chosen(): Issue[] {
    return this.issues.filter((i) => this.selected.has(i.number))
  }

  async load(asked: Asked): Promise<void> {
    const other = this.#asked?.q !== asked.q
    this.#asked = asked
    this.#later = null
    if (other) void this.facets.load(() => api.facets(asked.q))
    await this.page.load(() => this.#read(asked))
    for (const number of [...this.selected])
      if (!this.issues.some((i) => i.number === number)) this.selected.delete(number)
  }
  async again(): Promise<void> {
    if (!this.#asked) return
    void this.facets.load(() => api.facets(this.#asked!.q))
    await this.load(this.#asked)
  }
  /** Something happened: rows that are shown get their new values where they are; new ones wait. */
  heard(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      void this.#refresh()
    }, 1_500)
  }
  show(): void {
    if (this.#later) this.page.set(this.#later)
    this.#later = null
    if (this.#asked) void this.facets.load(() => api.facets(this.#asked!.q))
  }
  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  select(issue: Issue, on = !this.selected.has(issue.number)): void {
    if (on) this.selected.add(issue.number)
    else this.selected.delete(issue.number)
  }
  selectShown(): void {
    const all = this.issues.every((i) => this.selected.has(i.number))
    for (const issue of this.issues) this.select(issue, !all)
  }

  async #refresh(): Promise<void> {
    const asked = this.#asked
    const present = this.page.value
    if (!asked || !present) return
    // A quiet reading that fails changes nothing; the next one or the person tries again.
    const next = await this.#read(asked).catch(() => null)
    if (!next || asked !== this.#asked || this.page.value !== present) return
    const found = new Map(next.issues.map((i) => [i.number, i]))
    this.page.set({ ...present, total: next.total, issues: present.issues.map((i) => found.get(i.number) ?? i) })
    this.#later = next
  }
  #read({ q, sort, cursor }: Asked): Promise<IssuePage> {
    return api.issues({ q, sort, ...(cursor && { cursor }) })
  }
}
