import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['**/fixtures/**', 'test/peers/**', 'test/bench/**', '**/node_modules/**'],
    // Two shared cores: scenarios start real processes, so few files at once.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
