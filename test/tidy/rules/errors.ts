/** Rule 5: each error code says what to do, is thrown somewhere, and is seen by a test. */
import type { SourceFile, Tree } from '../source.ts'
import { type Violation, violation } from '../violation.ts'

const TABLE = 'src/errors.ts'

export function errorCodes({ files }: Tree): Violation[] {
  const table = files.find(({ path }) => path === TABLE)
  if (table === undefined) return [violation(TABLE, 'is not there')]
  const codes = [...table.text.matchAll(/^ {2}([A-Z][A-Z_]+): kind\(([\s\S]*?)\),\n(?= {2}[A-Z]| {2}\/\/|\})/gm)]
  const says = (file: SourceFile, code: string): boolean => file.strings.some(({ name }) => name === code)
  const source = files.filter(({ path }) => path.startsWith('src/') && path !== TABLE)
  const tests = files.filter(({ path }) => path.startsWith('test/'))
  return codes.flatMap(([, code, given]) => {
    const hint = /(['"`])((?:(?!\1)[\s\S])*)\1,?\s*$/.exec(given!)?.[2] ?? ''
    return [
      ...(/^[A-Z`].{10,}\.$/s.test(hint) ? [] : [violation(TABLE, `${code} has no hint that is a sentence`)]),
      ...(source.some((file) => says(file, code!)) ? [] : [violation(TABLE, `${code} is thrown by nobody`)]),
      ...(tests.some((file) => says(file, code!)) ? [] : [violation(TABLE, `${code} is seen by no test`)]),
    ]
  })
}
