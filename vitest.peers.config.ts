import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: { include: ['test/peers/**/*.test.ts'], maxWorkers: 1, testTimeout: 300_000, hookTimeout: 300_000 },
})
