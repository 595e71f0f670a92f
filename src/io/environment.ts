/** Facts about who runs slipway, where, and with which variables; nothing of the command line. */
import { accessSync, chmodSync, constants, lstatSync, mkdirSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import { isAbsolute, join } from 'node:path'

export interface Environment {
  /** Working folder, absolute. */
  readonly cwd: string
  readonly platform: string
  /** process.execPath and version of the Node that runs this. */
  readonly node: { readonly path: string; readonly version: string }
  readonly pid: number
  /** A variable; undefined where it is unset or empty. */
  variable(name: string): string | undefined
  /** All variables, for children that are the user's own programs. */
  variables(): Readonly<Record<string, string>>
  /** Variables for slipway's own children: without what would change the Node that they run on. */
  ownVariables(): Readonly<Record<string, string>>
  /** HOME, absolute; null where it is unset. */
  readonly home: string | null
  /** True in a continuous-integration job: nobody answers, nothing is drawn. */
  readonly ci: boolean
  /** SLIPWAY_ACTOR, else the CI's user, else user@host. */
  readonly actor: string
  /** `slipway` in XDG_CACHE_HOME or ~/.cache, made with mode 0700; null where it cannot be. */
  cacheFolder(): string | null
}

/** Where the CI systems in use say who started a job. */
const CI_USERS = [
  'GITHUB_ACTOR',
  'GITLAB_USER_LOGIN',
  'CIRCLE_USERNAME',
  'BUILDKITE_BUILD_CREATOR',
  'BUILD_REQUESTEDFOR',
  'BUILD_USER_ID',
  'DRONE_COMMIT_AUTHOR',
] as const

/** Options for slipway's own Node children: on Node 22 node:sqlite warns otherwise. */
export const OWN_NODE_OPTIONS: readonly string[] = ['--disable-warning=ExperimentalWarning']

type Variables = Readonly<Record<string, string | undefined>>

const set = (variables: Variables, name: string): string | undefined => variables[name] || undefined

/** CI is set to something other than a denial. */
const isCi = (variables: Variables): boolean => !['', '0', 'false'].includes((variables.CI ?? '').toLowerCase())

/** Pure: who acts, by the variables and the machine's answer. */
export function actorOf(variables: Variables, machine: () => { user: string; host: string }): string {
  const named = set(variables, 'SLIPWAY_ACTOR') ?? CI_USERS.map((name) => set(variables, name)).find(Boolean)
  if (named !== undefined) return named.slice(0, 200)
  const { user, host } = machine()
  return `${user}@${host}`
}

const defined = (variables: Variables, without: readonly string[] = []): Record<string, string> =>
  Object.fromEntries(
    Object.entries(variables).filter(
      (pair): pair is [string, string] => pair[1] !== undefined && !without.includes(pair[0]),
    ),
  )

/** One level at a time: a recursive call under /proc never comes back. */
function made(path: string): string {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return path
}

/** `slipway` in a base folder, private and ours; null where it cannot be. */
function privateFolder(base: string): string | null {
  try {
    const path = made(join(made(base), 'slipway'))
    const stat = lstatSync(path)
    if (!stat.isDirectory() || stat.uid !== process.getuid?.()) return null
    if ((stat.mode & 0o077) !== 0) chmodSync(path, 0o700)
    accessSync(path, constants.W_OK)
    return path
  } catch {
    return null
  }
}

function machine(): { user: string; host: string } {
  try {
    return { user: userInfo().username, host: hostname() }
  } catch {
    // No entry in passwd for this uid, as in some containers.
    return { user: `uid-${process.getuid?.() ?? 'unknown'}`, host: hostname() }
  }
}

/** An environment of the given variables; facts about the machine come from `process` where they are not given. */
export function environmentOf(variables: Variables, cwd: string, who = machine): Environment {
  const home = set(variables, 'HOME') ?? null
  const absoluteHome = home !== null && isAbsolute(home) ? home : null
  return {
    cwd,
    platform: process.platform,
    node: { path: process.execPath, version: process.versions.node },
    pid: process.pid,
    variable: (name) => set(variables, name),
    variables: () => defined(variables),
    ownVariables: () => defined(variables, ['NODE_OPTIONS', 'FORCE_COLOR', 'NODE_CHANNEL_FD', 'NODE_V8_COVERAGE']),
    home: absoluteHome,
    ci: isCi(variables),
    actor: actorOf(variables, who),
    cacheFolder() {
      const given = set(variables, 'XDG_CACHE_HOME')
      const base = given && isAbsolute(given) ? given : absoluteHome && join(absoluteHome, '.cache')
      return base ? privateFolder(base) : null
    },
  }
}

/** The environment of this process. */
export const systemEnvironment = (): Environment => environmentOf(process.env, process.cwd())
