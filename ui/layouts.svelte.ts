/** Layouts: which cards this person is shown, in which order. The address wins over what is kept, so that a layout can be shown to others. */
import { asked } from './asked.ts'
import { v1 } from './client.ts'
import { router } from './router.svelte.ts'

class Layouts {
  #kept = $state.raw<Record<string, string[]>>({})
  #loaded: Promise<void> | null = null

  load(): Promise<void> {
    this.#loaded ??= asked<Record<string, string[]>>(v1.layouts.$get()).then(
      (kept) => void (this.#kept = kept),
      () => void (this.#loaded = null),
    )
    return this.#loaded
  }
  /** Whether somebody chose: in the address or kept. */
  chosen(screen: string): boolean {
    return router.param('cards') !== null || this.#kept[screen] !== undefined
  }
  /** Names of cards in the order in which they are shown; those that are unknown by now are left out. */
  shown(screen: string, usual: readonly string[]): string[] {
    const wanted = router.param('cards')?.split(',') ?? this.#kept[screen]
    return wanted ? [...new Set(wanted)].filter((card) => usual.includes(card)) : [...usual]
  }
  async keep(screen: string, cards: string[] | null): Promise<void> {
    this.#kept = await asked<Record<string, string[]>>(
      v1.layouts[':screen'].$put({ param: { screen }, json: { cards } }),
    )
    // What is kept needs no address of its own any more.
    if (router.param('cards') !== null) router.replace(router.with({ cards: null }))
  }
}

export const layouts = new Layouts()
