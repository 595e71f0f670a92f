/** A REF of a command becomes a packed version: named, or packed from a path, or from what slipway.yaml says. */
import type { ModelVersion } from '../model/types.ts'
import { type Packed, pack } from './pack.ts'
import type { Project } from './project.ts'
import { refPath } from './ref-path.ts'

export interface Resolved {
  readonly version: ModelVersion
  readonly tag: string | null
  /** Set where it was packed just now. */
  readonly packed: Packed | null
}

/** With `dry` nothing is kept. Throws REF_UNKNOWN, REF_AMBIGUOUS, and what `pack` throws. */
export async function resolveVersion(project: Project, ref: string | undefined, dry: boolean): Promise<Resolved> {
  const path = ref === undefined ? undefined : await refPath(project, ref)
  if (ref !== undefined && path === null) {
    const found = await project.store.resolveRef(ref)
    return { version: (await project.store.read(found.digest)).version, tag: found.tag, packed: null }
  }
  const packed = await pack(project, project.config, { path: path ?? undefined, dryRun: dry })
  return { version: packed.version, tag: packed.tag, packed }
}
