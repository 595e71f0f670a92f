/** The habits of the house, kept by a test: each rule on the repository, and on a small tree that breaks it. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { arrows, cycles } from './tidy/rules/arrows.ts'
import { examples, later, schemas } from './tidy/rules/commands.ts'
import { deadExports, deadFiles } from './tidy/rules/dead.ts'
import { databases, doors } from './tidy/rules/doors.ts'
import { errorCodes } from './tidy/rules/errors.ts'
import { registries } from './tidy/rules/registries.ts'
import { names, sizes } from './tidy/rules/size.ts'
import { promises, tests } from './tidy/rules/words.ts'
import { readTree, type Tree, walkFiles } from './tidy/source.ts'
import { told, type Violation } from './tidy/violation.ts'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const FIXTURES = join(ROOT, 'test', 'tidy', 'fixtures')

/** A tree's src/ alone, or with its tests. */
const whole = (root: string): Tree => readTree(root, ['src', 'test'])
const sources = (tree: Tree): Tree => ({ ...tree, files: tree.files.filter(({ path }) => path.startsWith('src/')) })

interface Rule {
  readonly check: (tree: Tree) => Violation[]
  /** What its fixture breaks, one line each, exactly. */
  readonly caught: readonly string[]
}
const RULES: Readonly<Record<string, Rule>> = {
  arrows: {
    check: (tree) => arrows(sources(tree)),
    caught: [
      'src/flows/pack.ts flows may not import src/io/store.ts',
      'src/io/store.ts io may not import src/commands/pack.ts',
      'src/model/size.ts model may not import src/view/show.ts',
    ],
  },
  cycles: {
    check: (tree) => cycles(sources(tree)),
    caught: ['src/plan/gates.ts imports go in a circle: src/plan/gates.ts -> src/plan/steps.ts -> src/plan/gates.ts'],
  },
  doors: {
    check: (tree) => doors(sources(tree)),
    caught: [
      'src/plan/clock.ts left-pad is no package that slipway uses',
      'src/plan/clock.ts node:crypto (randomUUID) belongs to io/ or platforms/',
      'src/plan/clock.ts node:net belongs to io/ or platforms/',
      'src/plan/clock.ts simple-git belongs to io',
      'src/plan/clock.ts:6 Date.now belongs to io/, platforms/ or entries/',
      'src/plan/clock.ts:6 Math.random belongs to io/, platforms/ or entries/',
      'src/plan/clock.ts:6 process.pid belongs to io/, platforms/ or entries/',
    ],
  },
  databases: {
    check: (tree) => databases(sources(tree)),
    caught: [
      'src/flows/backup.ts:3 "/answers.db-wal" in a file that opens files',
      'src/io/backup.ts:3 "/journal.db" in a file that opens files',
      'src/io/backup.ts:3 "/journal.db.before" in a file that opens files',
    ],
  },
  sizes: {
    check: (tree) => sizes(sources(tree)),
    caught: [
      'src the median file has 314 lines',
      'src/commands/wide.ts 81 lines, more than 80',
      'src/plan/long.ts 314 lines, more than 300',
      'src/plan/long.ts:1 long has 74 lines, more than 70',
    ],
  },
  names: {
    check: (tree) => names(sources(tree)),
    caught: [
      'src/plan/plan-utils.ts is a name that says nothing',
      'src/plan/plan-utils.ts:1 StepManager is a name that says nothing',
      'src/plan/plan-utils.ts:2 handler is a name that says nothing',
    ],
  },
  deadFiles: {
    check: deadFiles,
    caught: ['src/plan/forgotten.ts is reached from no command and no entry'],
  },
  deadExports: {
    check: deadExports,
    caught: [
      'src/plan/used.ts:12 onlyTested is exported for nobody',
      'src/plan/used.ts:13 inside is exported for nobody',
      'src/plan/used.ts:14 own is exported for nobody',
      'src/plan/used.ts:7 Lonely is exported for nobody',
    ],
  },
  errorCodes: {
    check: errorCodes,
    caught: [
      'src/errors.ts HINTLESS has no hint that is a sentence',
      'src/errors.ts LONELY is seen by no test',
      'src/errors.ts LONELY is thrown by nobody',
    ],
  },
  examples: {
    check: examples,
    caught: ['src/commands/pack.ts no test runs `pack ./model --tag v9`', 'src/commands/plan.ts shows no example'],
  },
  later: {
    check: (tree) => later(sources(tree)),
    caught: [
      'src/commands/pack.ts --base comes later',
      'src/commands/push.ts comes later',
      'src/commands/release/simulate.ts comes later',
      'src/platforms/kubernetes/watch.ts comes later',
    ],
  },
  schemas: {
    check: schemas,
    caught: [
      'src/commands/pack.ts `slipway schema packed` knows nothing of it',
      'src/commands/plan.ts names no schema',
    ],
  },
  promises: {
    check: (tree) => promises(tree, texts(tree.root)),
    caught: [
      'src/plan/soon.ts:1 promises something for later',
      'src/plan/soon.ts:3 promises something for later',
      'src/plan/soon.ts:5 names a place of one machine',
    ],
  },
  tests: {
    check: tests,
    caught: [
      'test/skips.test.ts:1 replaces a module of its own',
      'test/skips.test.ts:2 skips or singles out a test',
      'test/skips.test.ts:3 skips or singles out a test',
    ],
  },
  registries: {
    check: (tree) => registries(sources(tree)),
    caught: [
      'src/config/templates/forgotten.ts forgotten is not listed in the index',
      'src/flows/init.ts takes the kind custom from src/config/templates/custom.ts',
    ],
  },
}

/** What is no TypeScript of src/ and belongs to the product all the same. */
function texts(root: string): { path: string; text: string }[] {
  if (root !== ROOT) return []
  const files = ['bin', 'templates', '.ci'].flatMap((folder) => walkFiles(root, folder, /./))
  return files.map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

const repository = whole(ROOT)

describe('the repository', () => {
  for (const [name, { check }] of Object.entries(RULES))
    it(`keeps ${name}`, () => expect(told(check(repository))).toEqual([]))
})

describe('a tree that breaks it', () => {
  for (const [name, { check, caught }] of Object.entries(RULES))
    it(`is caught by ${name}`, () =>
      expect(told(check(whole(join(FIXTURES, name)))).sort()).toEqual([...caught].sort()))
})
