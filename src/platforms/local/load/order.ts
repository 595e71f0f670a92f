/** A seeded order of lines: every line once per round, each round shuffled anew, the same for the same seed. */

/** mulberry32: 32 bits of state, enough to shuffle with. */
function numbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000
  }
}

/** Indexes 0 … count - 1, without end. */
export function* seededOrder(count: number, seed: number): Generator<number, never> {
  const random = numbers(seed)
  const order = Array.from({ length: count }, (_, index) => index)
  for (;;) {
    for (let i = count - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1))
      const held = order[i]!
      order[i] = order[j]!
      order[j] = held
    }
    yield* order
  }
}
