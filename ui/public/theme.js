// The stored theme, set before the first paint. The style sheet follows the system where nothing is stored.
try {
  const theme = localStorage.getItem('plumbline.theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // Storage may be forbidden; then the system's theme holds.
}
