import { basename } from 'node:path'
import { SlipwayError } from '../../errors.ts'
import { formatCount } from '../../kit/units.ts'
import type { Digest } from '../../model/types.ts'
import { type Check, type Finding, fail, ok, type State } from './check.ts'

const LISTED = 5

/** What is missing of one version; null: it is whole. */
async function damageOf({ store }: State, digest: Digest, facts: (path: string) => Promise<number | null>) {
  try {
    const { layers } = await store.read(digest)
    for (const entry of layers.flatMap((layer) => layer.entries)) {
      const size = await facts(store.blob(entry.blob))
      if (size !== entry.size)
        return size === null ? `${entry.path} is missing` : `${entry.path} has ${size} bytes, not ${entry.size}`
    }
    return null
  } catch (error) {
    if (error instanceof SlipwayError) return error.message
    throw error
  }
}

/** Every file of every version is there with its size; their bytes are not read. */
export const store: Check = {
  name: 'store',
  needs: 'state',
  async run({ state, files }) {
    const { store: kept } = state!
    const tags = await kept.tags()
    const listed = (await files.list(`${kept.folder}/versions`)).filter((name) => name.endsWith('.json'))
    const digests = new Set<Digest>([
      ...listed.map((name): Digest => `sha256:${basename(name, '.json')}`),
      ...tags.map((tag) => tag.digest),
    ])
    const sizeOf = async (path: string) => (await files.facts(path))?.size ?? null
    const found: Finding[] = []
    for (const digest of digests) {
      const damage = await damageOf(state!, digest, sizeOf)
      const tag = tags.find((one) => one.digest === digest)
      const name = tag ? `${tag.model}:${tag.tag}` : digest.slice(0, 19)
      if (damage !== null && found.length < LISTED)
        found.push(fail('STORE_DAMAGED', `${name}: ${damage}`, 'slipway pack, from the files that it was made of'))
    }
    return found.length > 0 ? found : [ok(`${formatCount(digests.size)} versions are whole`)]
  },
}
