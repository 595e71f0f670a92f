/** Which files of a project an argument of a command may name. Pure. */

/** Relative paths, the likeliest first: the argument itself, what stands after `=`, a Python module (`-m a.b`, `a.b:app`). */
export function pathsMeant(argument: string, before: string | undefined): readonly string[] {
  const inApp = (text: string) => text.replace(/^\{app\}\//, '')
  const plain = inApp(argument)
  const value = plain.startsWith('-') ? inApp(plain.slice(plain.indexOf('=') + 1)) : plain
  const module = /^([A-Za-z_][\w.]*):[A-Za-z_]\w*$/.exec(plain)?.[1] ?? (before === '-m' ? plain : undefined)
  const asPath = module?.replaceAll('.', '/')
  const found = [
    value,
    ...(asPath === undefined ? [] : [`${asPath}.py`, `${asPath}/__main__.py`, `${asPath}/__init__.py`]),
  ]
  return found.filter((path) => path !== '' && !path.includes('{') && !path.includes('\0'))
}
