/** Which home somebody has chosen as the first screen. Kept in the browser: it is a way of looking, not a right. */

const KEY = 'plumbline.home'

function stored(): string | null {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return null
  }
}

class HomeChoice {
  #as = $state(stored())
  get as(): string | null {
    return this.#as
  }
  set as(value: string | null) {
    this.#as = value
    try {
      if (value === null) localStorage.removeItem(KEY)
      else localStorage.setItem(KEY, value)
    } catch {
      // Storage may be forbidden; the choice then holds for this page.
    }
  }
}

export const home = new HomeChoice()
