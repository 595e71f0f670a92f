/** Files of `KEY=VALUE` lines. Pure. */

export interface EnvFile {
  readonly values: Readonly<Record<string, string>>
  /** Lines, from 1, that are neither `KEY=VALUE` nor a comment: nothing of them is taken. */
  readonly leftOut: readonly number[]
}

/** Lines `KEY=VALUE`, also with `export`, quotes and comments. */
export function parseEnvFile(text: string): EnvFile {
  const found: [string, string][] = []
  const leftOut: number[] = []
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const match = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/.exec(line)
    if (match) found.push([match[1]!, unquote(match[2]!)])
    else if (!/^\s*(#|$)/.test(line)) leftOut.push(index + 1)
  }
  return { values: Object.fromEntries(found), leftOut }
}

function unquote(raw: string): string {
  const double = /^"((?:[^"\\]|\\.)*)"/.exec(raw)
  if (double) return double[1]!.replace(/\\(.)/g, (_, c: string) => ({ n: '\n', r: '\r', t: '\t' })[c] ?? c)
  const single = /^'([^']*)'/.exec(raw)
  if (single) return single[1]!
  return raw.replace(/\s+#.*$/, '')
}

/** `line 3 is no KEY=VALUE and is left out`, without anything of what the lines hold; null: all were taken. */
export function leftOutSentence({ leftOut }: Pick<EnvFile, 'leftOut'>): string | null {
  if (leftOut.length === 0) return null
  const [shown, more] = [leftOut.slice(0, 5), leftOut.length - 5]
  const lines = `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
  return leftOut.length === 1
    ? `line ${lines} is no KEY=VALUE and is left out`
    : `lines ${lines} are no KEY=VALUE and are left out`
}
