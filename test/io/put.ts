/** Small versions for tests, packed by hand. */
import type { Files } from '../../src/io/files.ts'
import type { Store } from '../../src/io/store-contract.ts'
import type { ModelVersion } from '../../src/model/types.ts'
import { takeTogether, takeWeight } from '../../src/oci/take.ts'
import { versionOf } from '../../src/oci/version.ts'

export const SERVING = {
  command: ['x'],
  template: 'custom',
  params: {},
  env: {},
  prepare: [],
  readyPath: null,
  requests: [],
  answer: null,
}

/** Packs one weight and one text by hand. */
export async function put(store: Store, files: Files, weight: string, model = 'digits'): Promise<ModelVersion> {
  await files.folder('/src')
  await files.write('/src/w', weight)
  await files.write('/src/t', 'text')
  const packing = await store.begin()
  try {
    const layers = [
      await takeTogether(files, packing, [{ path: 'app/t', mode: 0o755, file: '/src/t', size: 4 }]),
      await takeWeight(files, packing, { path: 'models/w', mode: 0o644, file: '/src/w', size: weight.length }),
    ]
    const version = versionOf({
      model,
      layers,
      weights: new Set(['w']),
      modelPath: 'w',
      serving: SERVING,
      header: null,
    })
    await packing.write({ version, layers })
    return version
  } finally {
    await packing.end()
  }
}
