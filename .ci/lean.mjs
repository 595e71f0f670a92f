// What oclif loads at each start and slipway never uses: plugins by pattern, spinners, colours and screens of its own,
// debug lines, Windows shells, arguments from stdin, commands by glob (the manifest lists them).
// Start-up time counts for every command; without this it takes a quarter longer.
import { readFileSync } from 'node:fs'

const refuse = (what) => `() => { throw new Error('slipway is built without ${what}') }`
const UNUSED = {
  'cli-spinners': 'module.exports = {}',
  debug: 'const off = () => {}; module.exports = () => Object.assign(() => {}, { enabled: false, extend: () => off })',
  lilconfig: `module.exports = { lilconfig: ${refuse('configuration files of oclif')} }`,
  minimatch: `module.exports = { minimatch: ${refuse('plugins')} }`,
  tinyglobby: `module.exports = { glob: ${refuse('commands outside the manifest')} }`,
  'wsl-utils': 'module.exports = { isWsl: false }',
  // Only on being asked: the first look at `performance` loads what measures.
  'node:perf_hooks': 'module.exports = { get performance() { return globalThis.performance } }',
  'node:child_process': `module.exports = { execSync: ${refuse('shells of Windows')} }`,
  'node:readline': `module.exports = { createInterface: ${refuse('arguments from stdin')} }`,
}
/** Files of oclif itself, by their end, that would set up stdout and stderr. */
const OWN = {
  'lib/ux/index.js': 'module.exports = { ux: {}, colorize: (_, text) => text }',
  'lib/ux/supports-color.js': 'module.exports = { supportsColor: () => false }',
  'lib/ux/theme.js': 'module.exports = { colorize: (_, text) => text, parseTheme: () => ({}) }',
  'lib/errors/handle.js': `module.exports = { Exit: { exit: ${refuse('an end by oclif')} }, handle: ${refuse('errors shown by oclif')} }`,
  'lib/screen.js': 'module.exports = { stdtermwidth: 80, errtermwidth: 80 }',
}
/** Pieces of oclif's files, by their end: what is found, and what stands there instead. */
const PIECES = [
  { end: 'lib/command.js', found: /process\.stdout\.on\('error',[\s\S]*?\n\}\);/, instead: '' },
  // A file of its own would be opened at each start to say no.
  // Only its flag `help` asks for oclif's pages, and slipway has its own.
  { end: 'lib/flags.js', found: /require\("\.\/help"\)/, instead: '{}' },
  { end: 'lib/util/os.js', found: /\(await import\('wsl-utils'\)\)\.isWsl/, instead: 'false' },
]

/** An esbuild plugin that leaves those out, for oclif alone. */
export const lean = {
  name: 'lean',
  setup(build) {
    const names = Object.keys(UNUSED).map((name) => name.replaceAll('-', '\\-'))
    build.onResolve({ filter: new RegExp(`^(${names.join('|')})$`) }, ({ path, importer }) =>
      importer.includes('/node_modules/@oclif/core/') ? { path, namespace: 'unused' } : undefined,
    )
    build.onLoad({ filter: /.*/, namespace: 'unused' }, ({ path }) => ({ contents: UNUSED[path], loader: 'js' }))
    build.onLoad(
      { filter: /@oclif\/core\/lib\/(ux\/index|ux\/supports-color|ux\/theme|errors\/handle|screen)\.js$/ },
      ({ path }) => ({
        contents: OWN[path.slice(path.lastIndexOf('lib/'))],
        loader: 'js',
      }),
    )
    build.onLoad({ filter: /@oclif\/core\/lib\/(command|flags|util\/os)\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8')
      const { end, found, instead } = PIECES.find((piece) => path.endsWith(piece.end))
      if (!found.test(text)) throw new Error(`oclif's ${end} has changed: .ci/lean.mjs has something to lose`)
      return { contents: text.replace(found, instead), loader: 'js' }
    })
  },
}
