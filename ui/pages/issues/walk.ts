/** Walking through rows by key: it moves the real focus to the row's link, so that Enter and screen readers follow. */

export class Walk {
  #last = 0

  focused(): number | null {
    const row = document.activeElement?.closest('tr')?.querySelector<HTMLElement>('[data-row]')
    return row ? Number(row.dataset.row) : null
  }
  step(by: 1 | -1): void {
    const links = [...document.querySelectorAll<HTMLElement>('[data-row]')]
    const at = links.findIndex((l) => Number(l.dataset.row) === this.focused())
    // From outside the list it goes on where it was left, which may be where one comes back from.
    const next = at === -1 ? Math.min(this.#last, links.length - 1) : Math.min(Math.max(at + by, 0), links.length - 1)
    this.#last = next
    links[next]?.focus()
  }
}
