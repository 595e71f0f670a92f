import { join } from 'node:path'
import { type Check, type Context, type Finding, fail, ok } from './check.ts'

async function look({ files, machine }: Context, path: string, shown: string, mode: number): Promise<Finding[]> {
  const facts = await files.facts(path)
  if (facts === null) return []
  const octal = (bits: number): string => bits.toString(8).padStart(4, '0')
  if ((facts.mode & 0o777) === mode) return [ok(`${shown} has mode ${octal(mode)}`)]
  const text = `${shown} has mode ${octal(facts.mode & 0o777)}, not ${octal(mode)}: others may read it, or you cannot write it`
  return [
    fail('PERMISSION', text, `chmod ${octal(mode)} ${shown}`, async () => {
      machine.chmod(path, mode)
      return `gave ${shown} the mode ${octal(mode)}`
    }),
  ]
}

/** The state is for its owner alone; the token opens the control address. */
export const permissions: Check = {
  name: 'permissions',
  needs: 'state',
  async run(context) {
    const { folder } = context.state!
    return [
      ...(await look(context, folder, '.slipway', 0o700)),
      ...(await look(context, join(folder, 'control-token'), '.slipway/control-token', 0o600)),
    ]
  },
}
