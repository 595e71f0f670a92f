/** A bound on bytes held together. */
export class Budget {
  readonly most: number
  #taken = 0

  constructor(most: number) {
    this.most = most
  }

  /** False: there is no room, and nothing was taken. */
  take(bytes: number): boolean {
    if (this.#taken + bytes > this.most) return false
    this.#taken += bytes
    return true
  }

  give(bytes: number): void {
    this.#taken -= bytes
  }

  get taken(): number {
    return this.#taken
  }
}
