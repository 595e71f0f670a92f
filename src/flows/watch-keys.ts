/** `release watch` on a terminal: redrawn in place, with keys that take part. */
import type { Keys } from '../io/keys.ts'
import type { ReleaseId } from '../record/release-id.ts'
import type { ReleaseView } from '../record/types.ts'
import type { PersonVerb } from '../release/types.ts'
import { type Drawn, ENTER, LEAVE, redraw } from '../view/redraw.ts'
import { type Talk, watchLines } from '../view/watch.ts'
import { follow } from './follow.ts'
import { personAsks } from './person.ts'
import type { Project } from './project.ts'
import type { Tools } from './watch.ts'

export interface LiveTools extends Pick<Tools, 'terminal' | 'interrupt'> {
  readonly keys: Keys
}

/** What the keys do, apart from the screen. */
export interface Desk {
  readonly talk: Talk
  press(key: string, view: ReleaseView | null): void
}

/** `a` asks before it aborts; any key but y takes the question back. `ask` fails with a sentence to show. */
export function desk(ask: (verb: PersonVerb) => Promise<string>, leave: () => void, changed: () => void): Desk {
  let talk: Talk = { asking: false, said: null }
  const say = (said: string | null, asking = false): void => {
    talk = { asking, said }
    changed()
  }
  const request = (verb: PersonVerb): void => {
    say(`${verb} …`)
    ask(verb).then(say, (error: unknown) => say(error instanceof Error ? error.message : String(error)))
  }
  return {
    get talk() {
      return talk
    },
    press(key, view) {
      if (talk.asking) {
        if (key === 'y' || key === 'Y') request('abort')
        else say('not aborted')
      } else if (key === 'q') leave()
      else if (key === 'a') say(null, true)
      else if (key === 'p') request(view?.status === 'paused' ? 'resume' : 'pause')
    },
  }
}

/** Follows to the end and returns the view; the screen is as it was before, with the last picture under it. Throws TIMEOUT, INTERRUPTED. */
export async function watchLive(
  project: Project,
  { terminal, interrupt, keys }: LiveTools,
  options: { readonly release: ReleaseId; readonly timeoutMs: number | null },
): Promise<ReleaseView> {
  const { environment, name } = options.release
  let view: ReleaseView | null = null
  let drawn: Drawn | null = null
  const leave = new AbortController()
  const draw = (): void => {
    if (view === null) return
    const size = terminal.size()
    const next = redraw(drawn, watchLines(view, keysDesk.talk, size.columns - 1, terminal.screen), size)
    drawn = next.drawn
    if (next.text !== '') terminal.draw(next.text)
  }
  const keysDesk = desk(
    async (verb) => {
      const { signal } = interrupt
      return (await personAsks(project, verb, { env: environment, release: name, dryRun: false, signal })).text
    },
    () => leave.abort(),
    draw,
  )
  const close = keys.open((key) => keysDesk.press(key, view), LEAVE)
  terminal.draw(ENTER)
  try {
    const end = await follow(project, options.release, {
      timeoutMs: options.timeoutMs,
      stayHeld: true,
      signal: AbortSignal.any([interrupt.signal, leave.signal]),
      onNote: () => {},
      onView(now) {
        view = now
        draw()
      },
    })
    view = end
    return end
  } finally {
    terminal.draw(LEAVE)
    close()
    if (view !== null) {
      const lines = watchLines(view, { asking: false, said: null }, terminal.size().columns - 1, terminal.screen)
      terminal.out(`${lines.slice(0, -1).join('\n')}\n`)
    }
  }
}
