import { type Check, fail, ok, warn } from './check.ts'

/** Cards can be dealt only where `nvidia-smi` lists them. */
export const gpus: Check = {
  name: 'gpus',
  needs: 'nothing',
  async run({ cards, machine, config }) {
    const count = await cards()
    if (count > 0) return [ok(`nvidia-smi lists ${count} ${count === 1 ? 'card' : 'cards'}`)]
    const wanted = Object.values(config?.environments ?? {}).find(({ serving }) => serving.resources.gpu !== null)
    if (wanted)
      return [
        fail(
          'CAPACITY',
          `${wanted.name} asks for a card (serving.resources.gpu), and nvidia-smi lists none`,
          'nvidia-smi, and install the driver; or leave serving.resources.gpu out',
        ),
      ]
    if (machine.cardDriver())
      return [warn('a driver of NVIDIA cards is loaded, but nvidia-smi lists none', 'nvidia-smi')]
    return [ok('no card, and none is asked for')]
  },
}
