/** Whether an environment's addresses are free. */
import { SlipwayError } from '../errors.ts'
import type { EnvironmentSettings } from '../record/entries.ts'
import { environmentConfig, type Project } from './project.ts'

type Addresses = Pick<EnvironmentSettings, 'listen' | 'control'>

/** PORT_TAKEN where somebody else listens at an address of the environment. */
export async function portsFree(project: Project, name: string, at?: Addresses): Promise<void> {
  const environment = at ?? environmentConfig(project.config, name)
  for (const [what, { host, port }] of [
    ['listen', environment.listen],
    ['control', environment.control],
  ] as const) {
    const holder = project.portHolder(port)
    if (!holder || project.ownProcess(holder.pid)) continue
    throw new SlipwayError(
      'PORT_TAKEN',
      `${what}: ${host}:${port} is held by ${holder.name ?? 'another process'}${holder.pid === null ? '' : ` (pid ${holder.pid})`}`,
      {
        where: [{ file: 'slipway.yaml', pointer: `/environments/${name}/${what}` }],
        next: ['slipway doctor'],
      },
    )
  }
}
