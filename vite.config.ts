/** Build of the dashboard and settings of the test runner. */
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  root: 'ui',
  // Options inline: with a root below the checkout the plugin would look for a config file there.
  plugins: [svelte({ configFile: false })],
  build: {
    outDir: '../dist/ui',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: {
    root: '.',
    include: ['test/**/*.test.ts'],
    // The embedded engine crashes in worker threads; a process per file also gives each its own data folder.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 240_000,
    hookTimeout: 240_000,
    reporters: ['default'],
  },
})
