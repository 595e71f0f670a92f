/** The end of this process: what must not pass unseen, and the one way out. */

/** Calls `fail` for what nobody caught, and where nothing is left to wait for and no answer has come. */
export function systemLifetime(fail: (thrown: unknown) => void): { end(exit: number): never } {
  process.on('uncaughtException', fail)
  process.on('unhandledRejection', fail)
  // Without this a promise that nobody keeps would end the process as if all were well.
  process.once('beforeExit', () => fail(new Error('the command ended without an answer')))
  return { end: (exit) => process.exit(exit) }
}
