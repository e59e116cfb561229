/** Theme: the system's, or the one that was chosen here. public/theme.js sets it before the first paint. */

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]
const KEY = 'plumbline.theme'

class ThemeState {
  #theme = $state<Theme>((document.documentElement.dataset.theme as Theme | undefined) ?? 'system')

  get name(): Theme {
    return this.#theme
  }
  set(theme: Theme): void {
    this.#theme = theme
    if (theme === 'system') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = theme
    try {
      if (theme === 'system') localStorage.removeItem(KEY)
      else localStorage.setItem(KEY, theme)
    } catch {
      // Storage may be forbidden; the choice then holds for this page.
    }
  }
}

export const theme = new ThemeState()
