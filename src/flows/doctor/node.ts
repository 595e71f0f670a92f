import { type Check, fail, ok } from './check.ts'

/** `^22.22.2 || ^24.15 || >=26`, as package.json says. */
function fits(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number)
  if (major === 22) return minor > 22 || (minor === 22 && patch >= 2)
  return major === 24 ? minor >= 15 : major >= 26
}

export const node: Check = {
  name: 'node',
  needs: 'nothing',
  run: async ({ environment: { node: found } }) => [
    fits(found.version)
      ? ok(`Node ${found.version}`)
      : fail(
          'PLATFORM_UNSUPPORTED',
          `Node ${found.version} is none of ^22.22.2 || ^24.15 || >=26`,
          'install Node 24 from https://nodejs.org',
        ),
  ],
}
