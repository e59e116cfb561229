/** Build of the dashboard and settings of the test runner. */
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/order.ts'
import { inLanguage } from './ui/words/plugin.ts'

export default defineConfig(({ mode }) => ({
  root: 'ui',
  // Options inline: with a root below the checkout the plugin would look for a config file there.
  plugins: [inLanguage(mode), svelte({ configFile: false })],
  build: {
    outDir: '../dist/ui',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // How long a plug-in took is no news to who only wants to start the product.
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  test: {
    root: '.',
    include: ['test/**/*.test.ts'],
    // The embedded engine crashes in worker threads. A process holds one data folder at a time, and a file closes its own:
    // so a few processes serve all files, and load the product once instead of once a file.
    pool: 'forks',
    isolate: false,
    maxWorkers: 2,
    globalSetup: 'test/made-folder.ts',
    sequence: { sequencer: LongestFirst },
    testTimeout: 240_000,
    hookTimeout: 240_000,
    reporters: ['default'],
  },
}))
