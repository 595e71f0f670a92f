/** Names that fit into charts. */

const MOST = 10

/** Over `most` letters: the first six and the last three. */
export const shortName = (name: string, most = MOST): string => {
  const letters = [...name]
  return letters.length <= most ? name : `${letters.slice(0, 6).join('')}…${letters.slice(-3).join('')}`
}
