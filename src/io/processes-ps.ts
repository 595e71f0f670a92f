/** Reading processes by `ps` and `lsof`, where there is no /proc. */
import { spawnSync } from 'node:child_process'
import type { Listener, MarkedProcess, ProcessEntry, ProcessIdentity, ProcessReading } from './processes-contract.ts'

/** Runs a reading command; its stdout, or '' where it failed. */
export type Ask = (command: string, args: readonly string[]) => string

const ask: Ask = (command, args) =>
  spawnSync(command, args, {
    encoding: 'utf8',
    timeout: 5000,
    maxBuffer: 64 * 2 ** 20,
    env: { PATH: PATHS, LC_ALL: 'C' },
  }).stdout ?? ''
const PATHS = '/usr/bin:/bin:/usr/sbin:/sbin'

interface Row extends ProcessEntry {
  readonly rssBytes: number
}

/** Lines of `ps -axo pid=,ppid=,pgid=,state=,rss=,lstart=`; zombies are left out. */
export function parseTable(lines: string): readonly Row[] {
  return lines.split('\n').flatMap((line): Row[] => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\d+)\s+(\S.*\S)\s*$/.exec(line)
    if (!match || match[4]!.startsWith('Z')) return []
    const [, pid, parent, group, , rss, startTime] = match
    return [
      {
        pid: Number(pid),
        parent: Number(parent),
        group: Number(group),
        startTime: startTime!.replace(/\s+/g, ' '),
        rssBytes: Number(rss) * 1024,
      },
    ]
  })
}

/** Lines of `ps -axEww -o pid=,command=`: the environment stands behind the arguments. */
export function parseMarks(lines: string, prefix: string): readonly { pid: number; mark: string }[] {
  return lines.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s/.exec(line)
    const mark = / SLIPWAY_ID=(\S+)/.exec(line)?.[1]
    return match && mark?.startsWith(prefix) ? [{ pid: Number(match[1]), mark }] : []
  })
}

/** Fields of `lsof -F pn`: a line `p123`, then lines `n127.0.0.1:80` or `n*:80`. */
export function parseListeners(lines: string): readonly Listener[] {
  let pid: number | null = null
  const found: Listener[] = []
  for (const line of lines.split('\n')) {
    if (line.startsWith('p')) pid = Number(line.slice(1))
    const match = /^n(.*):(\d+)$/.exec(line)
    if (match)
      found.push({ address: match[1]!.replace(/^\[|\]$/g, '').replace('*', '::'), port: Number(match[2]), pid })
  }
  return found
}

export function psReading(run: Ask = ask): ProcessReading {
  const rows = (of?: number) =>
    parseTable(
      run('ps', [...(of === undefined ? ['-ax'] : ['-p', String(of)]), '-o', 'pid=,ppid=,pgid=,state=,rss=,lstart=']),
    )
  const listeners = (more: readonly string[]) =>
    parseListeners(run('lsof', ['-nP', '-a', '-iTCP', '-sTCP:LISTEN', ...more, '-F', 'pn']))
  return {
    identify(pid) {
      const row = rows(pid)[0]
      return row === undefined ? null : { pid, startTime: row.startTime }
    },
    table: () => rows(),
    descendants(root) {
      const table = rows()
      const below = new Set([root.pid])
      for (let size = 0; size !== below.size; ) {
        size = below.size
        for (const row of table) if (below.has(row.parent)) below.add(row.pid)
      }
      const alive = table.some((row) => row.pid === root.pid && row.startTime === root.startTime)
      return alive
        ? table.filter((row) => below.has(row.pid)).map(({ pid, startTime }): ProcessIdentity => ({ pid, startTime }))
        : []
    },
    marked(prefix) {
      const table = new Map(rows().map((row) => [row.pid, row]))
      return parseMarks(run('ps', ['-axEww', '-o', 'pid=,command=']), prefix).flatMap(
        ({ pid, mark }): MarkedProcess[] => {
          const row = table.get(pid)
          return row === undefined ? [] : [{ pid, startTime: row.startTime, mark }]
        },
      )
    },
    // `ps` cannot tell mapped files from memory of one's own: an upper bound.
    memoryHeld: (pids) => rows().reduce((sum, row) => (pids.includes(row.pid) ? sum + row.rssBytes : sum), 0),
    listeners: (pids) => (pids.length === 0 ? [] : listeners(['-p', pids.join(',')])),
    holder: (port) => listeners([]).find((listener) => listener.port === port) ?? null,
    connections: () => null,
    nameOf: (pid) => run('ps', ['-p', String(pid), '-o', 'comm=']).trim() || null,
  }
}
