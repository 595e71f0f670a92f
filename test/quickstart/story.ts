// The whole story on one machine: train, pack, release five versions under traffic, two of them bad, one with kill -9.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { begin, type Demo, ended, type Ran, run } from './project.ts'

/** What the story needs of a release's view (`release start --json`). */
interface View {
  readonly release: string
  readonly outcome: string | null
  readonly cause: { readonly kind: string; readonly gate?: string } | null
  readonly requests: { readonly total: number; readonly candidate: number; readonly failed: number }
  readonly takebackMs: number | null
}
export interface Chapter {
  readonly version: string
  readonly what: string
  readonly release: string
  readonly outcome: string
  readonly cause: string
  readonly exit: number | null
  readonly users: number
  readonly takebackMs: number | null
  readonly sent: number
  readonly failed: number
  readonly stderr: string
}
export interface Story {
  readonly chapters: readonly Chapter[]
  readonly load: {
    readonly scheduled: number
    readonly failed: number
    readonly failures: Readonly<Record<string, number>>
  }
  readonly report: string
}
type Tell = (line: string) => void
/** Labels are 5 s late, and what came is written down each second. */
const SEEN_MS = 8000

const train = (demo: Demo, tag: string, ...args: string[]): Promise<Ran> =>
  run(demo, ['train', 'run', '--pack', '--tag', tag, ...args])

/** Trains all versions, two at a time. v4 is a much wider network; v5 is v2's recipe with another seed. */
export async function trainAll(demo: Demo, tell: Tell, only?: readonly string[]): Promise<void> {
  const recipes: [string, string[]][] = [
    ['v1', ['--data', 'data/good.jsonl', '--param', 'rows=2500', '--param', 'epochs=2']],
    ['v2', ['--data', demo.data.v2, '--param', 'epochs=4']],
    ['v3', ['--data', demo.data.v3, '--param', 'epochs=4']],
    ['v4', ['--data', 'data/good.jsonl', '--param', 'hidden=3000', '--param', 'rows=2500', '--param', 'epochs=1']],
    ['v5', ['--data', 'data/good.jsonl', '--param', 'epochs=4', '--seed', '2']],
  ]
  for (const [tag, args] of recipes) {
    if (only && !only.includes(tag)) continue
    const { code, stderr, stdout } = await train(demo, tag, ...args)
    if (code !== 0) throw new Error(`training ${tag} ended with ${code}: ${stderr}`)
    tell(`trained ${tag}: ${/^metrics\s+(.*)$/m.exec(stdout)?.[1] ?? ''}`)
  }
}

function chapter(version: string, what: string, { code, stdout, stderr }: Ran): Chapter {
  const last = stdout.trim().split('\n').at(-1) ?? ''
  const view = last.startsWith('{') ? (JSON.parse(last) as { view?: View | null; error?: { code: string } }) : {}
  const seen = view.view
  return {
    version,
    what,
    release: seen?.release ?? '-',
    outcome: seen?.outcome ?? (code === 10 ? 'refused' : 'none'),
    cause: seen?.cause ? (seen.cause.gate ?? seen.cause.kind) : (view.error?.code ?? ''),
    exit: code,
    users: seen?.requests.candidate ?? 0,
    takebackMs: seen?.takebackMs ?? null,
    sent: seen?.requests.total ?? 0,
    failed: seen?.requests.failed ?? 0,
    stderr,
  }
}

const release = async (demo: Demo, version: string, what: string, tell: Tell): Promise<Chapter> => {
  tell(`release of ${version}: ${what}`)
  return chapter(
    version,
    what,
    await run(demo, ['release', 'start', `digits:${version}`, '--json'], (line) => tell(`  ${line}`)),
  )
}

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Kills the command and the host with SIGKILL at a random moment of the canary; the release must come to its end all the same. */
async function killed(demo: Demo, version: string, what: string, tell: Tell): Promise<Chapter> {
  tell(`release of ${version}: ${what}`)
  const child = begin(demo, ['release', 'start', `digits:${version}`, '--json'])
  let inCanary: () => void = () => {}
  const canary = new Promise<void>((resolve) => {
    inCanary = resolve
  })
  const over = ended(child, (line) => {
    tell(`  ${line}`)
    if (/canary 25 %: the split is observed/.test(line)) inCanary()
  })
  const early = await Promise.race([canary.then(() => null), over])
  if (early) return chapter(version, what, early)
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 8000))
  const log = readFileSync(join(demo.folder, '.slipway', 'logs', 'host.log'), 'utf8')
  const host = Number([...log.matchAll(/pid (\d+)$/gm)].at(-1)?.[1])
  child.kill('SIGKILL')
  if (host > 1 && alive(host)) process.kill(host, 'SIGKILL')
  tell(`  killed the command (pid ${child.pid}) and the host (pid ${host})`)
  await over
  return chapter(version, what, await run(demo, ['release', 'watch', '--json'], (line) => tell(`  ${line}`)))
}

/** Real images with labels that come late, until `stop`; resolves once there is traffic to plan a release of `next` with. */
async function users(demo: Demo, next: string): Promise<{ stop(): Promise<Story['load']> }> {
  const rate = ['--set', 'live', '--rate', '100', '--for', '20m']
  const load = begin(demo, ['local', 'load', ...rate, '--labels', '--label-delay', '5s', '--json'])
  const loaded = ended(load)
  const until = performance.now() + 60_000
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, SEEN_MS))
    const { code, stderr } = await run(demo, ['plan', `digits:${next}`, '--dry-run'])
    if (code === 0) break
    if (performance.now() > until) throw new Error(`no traffic to plan with after a minute: ${stderr}`)
  }
  return {
    async stop() {
      load.kill('SIGINT')
      const { stdout, stderr } = await loaded
      const { summary } = JSON.parse(stdout.trim().split('\n').at(-1) || '{}') as { summary?: Story['load'] }
      if (!summary) throw new Error(`the load told nothing: ${stderr}`)
      return summary
    },
  }
}

/** Releases these versions one after the other; users come after the first. */
export async function releaseAll(demo: Demo, versions: readonly string[], tell: Tell): Promise<Chapter[]> {
  const chapters: Chapter[] = []
  let traffic: Awaited<ReturnType<typeof users>> | null = null
  for (const [k, version] of versions.entries()) {
    chapters.push(await release(demo, version, '', tell))
    traffic ??= await users(demo, versions[k + 1] ?? version)
  }
  await traffic?.stop()
  return chapters
}

/** Tells the story from the first release to the last refusal. */
export async function tellStory(demo: Demo, tell: Tell): Promise<Story> {
  const chapters: Chapter[] = [await release(demo, 'v1', 'first release', tell)]
  const traffic = await users(demo, 'v2')
  chapters.push(await release(demo, 'v2', 'better', tell))
  chapters.push(await release(demo, 'v3', 'broken training data', tell))
  chapters.push(await release(demo, 'v4', 'too slow', tell))
  chapters.push(await killed(demo, 'v5', 'command and host killed', tell))
  chapters.push(await release(demo, 'v3', 'again', tell))
  const load = await traffic.stop()
  const report = join(demo.folder, 'digits-3.html')
  await run(demo, ['release', 'report', 'digits-3', '--format', 'html', '-o', report])
  if (!existsSync(report)) throw new Error('no report was written')
  return { chapters, load, report }
}

export const down = (demo: Demo): Promise<Ran> => run(demo, ['local', 'down', '--force'])
