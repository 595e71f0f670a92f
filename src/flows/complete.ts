/** Answers a shell that asks what may come next. Quick, silent, and never wrong about the exit code. */
import { type Completion, complete, completionText, type LiveNames, type ManifestCommands } from '../view/completion.ts'

/** Nobody waits longer for a key. */
const PATIENCE_MS = 2000

export interface CompletionSources {
  /** Text of oclif.manifest.json. */
  manifest(): Promise<string>
  readonly names: LiveNames
  sleep(ms: number): Promise<void>
}

/** The answer to `slipway __complete -- WORDS…`; empty where anything fails. */
export async function completionAnswer(words: readonly string[], sources: CompletionSources): Promise<string> {
  try {
    const { commands } = JSON.parse(await sources.manifest()) as { commands: ManifestCommands }
    const found = complete(words, commands)
    return completionText(found, await liveNames(found, sources), words.at(-1) ?? '')
  } catch {
    return ''
  }
}

async function liveNames({ names }: Completion, sources: CompletionSources): Promise<string[]> {
  const late = sources.sleep(PATIENCE_MS).then((): readonly string[] => [])
  const lists = names.map((kind) => Promise.race([sources.names(kind), late]).catch((): readonly string[] => []))
  return (await Promise.all(lists)).flat()
}
