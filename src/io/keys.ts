/** The one door to single keys: the terminal in raw mode while somebody watches. */
import { writeSync } from 'node:fs'

export interface Keys {
  /**
   * Hands each key to `onKey` until the returned function is called; Ctrl-C still interrupts. `restore` is written to
   * stdout should the process end before.
   */
  open(onKey: (key: string) => void, restore: string): () => void
}

const CTRL_C = '\u0003'

export const systemKeys: Keys = {
  open(onKey, restore) {
    const { stdin } = process
    const take = (data: Buffer | string): void => {
      const text = String(data)
      // Arrows and the like come as one escape sequence; they mean nothing here.
      if (text.startsWith('\u001b')) return
      for (const key of text) {
        if (key === CTRL_C) process.kill(process.pid, 'SIGINT')
        else onKey(key)
      }
    }
    const atExit = (): void => {
      try {
        writeSync(1, restore)
      } catch {
        // Nobody reads any more.
      }
    }
    process.once('exit', atExit)
    const raw = stdin.isTTY === true
    if (raw) {
      stdin.setRawMode(true)
      stdin.on('data', take)
      stdin.resume()
    }
    return () => {
      process.off('exit', atExit)
      if (!raw) return
      stdin.off('data', take)
      stdin.setRawMode(false)
      stdin.pause()
    }
  },
}

/** Keys that a test presses. */
export function memoryKeys(): Keys & { press(key: string): void; readonly opened: boolean } {
  let listener: ((key: string) => void) | null = null
  return {
    open(onKey) {
      listener = onKey
      return () => {
        listener = null
      }
    },
    press: (key) => listener?.(key),
    get opened() {
      return listener !== null
    },
  }
}
