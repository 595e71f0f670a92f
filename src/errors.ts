/** The closed union of error codes and the one exit table. Every code has an exit, an owner and a hint. */

/** Exit codes of the contract, shown by `slipway help exit-codes`. */
export const EXITS = {
  0: 'done',
  1: 'bug in slipway',
  2: 'usage or invalid input',
  3: 'a gate failed; in a release: users were taken back',
  4: 'credentials or permission',
  5: 'something outside cannot be reached or run (also an evaluator)',
  6: 'confirmation needed and not given',
  7: 'inconclusive',
  8: 'waiting for an approval or a window',
  9: 'conflict: the world changed, another release runs, or someone else drives',
  10: 'refused by a rule: quarantine, file policy, capacity, promotion or approval rule',
  11: 'the version does not work: never ready, crash loop, prepare or training failed',
  12: '`--timeout` ran out and the release goes on',
  130: 'interrupted (the release goes on)',
} as const
export type Exit = keyof typeof EXITS
export type Whose = 'input' | 'version' | 'outside' | 'policy' | 'slipway'

interface ErrorKind {
  readonly exit: Exit
  readonly whose: Whose
  /** What to do about it, in one sentence; `next` of a thrown error names the command. */
  readonly hint: string
}
const kind = (exit: Exit, whose: Whose, hint: string): ErrorKind => ({ exit, whose, hint })

export const ERRORS = {
  // usage and configuration
  USAGE: kind(2, 'input', 'See `slipway help` for the commands and their flags.'),
  COMMAND_UNKNOWN: kind(2, 'input', 'See `slipway help` for the commands.'),
  FLAG_UNKNOWN: kind(2, 'input', 'See the command with --help for its flags.'),
  CONFIG_NOT_FOUND: kind(2, 'input', 'Make one with `slipway init`, or name it with --config.'),
  CONFIG_INVALID: kind(2, 'input', 'Mend the lines named and check with `slipway validate`.'),
  GATE_UNANSWERABLE: kind(2, 'input', 'Add the line named, or waive the gate.'),
  ENVIRONMENT_UNKNOWN: kind(2, 'input', 'Name an environment of slipway.yaml.'),
  REF_UNKNOWN: kind(
    2,
    'input',
    'Name a packed version: MODEL:TAG or MODEL@sha256:…; `slipway release history` lists them.',
  ),
  TAG_TAKEN: kind(9, 'input', 'Choose another tag, or leave --tag out for the next one.'),
  REF_AMBIGUOUS: kind(2, 'input', 'Give more hex digits.'),
  RELEASE_UNKNOWN: kind(2, 'input', 'See `slipway release history`.'),
  RUN_UNKNOWN: kind(2, 'input', 'See `slipway train list`.'),
  PLAN_UNKNOWN: kind(2, 'input', 'Make the plan with `slipway plan -o FILE`.'),
  PLAN_INVALID: kind(2, 'input', 'Make it again with `slipway plan -o FILE`.'),
  SET_INVALID: kind(2, 'input', 'Mend the line named in the evaluation set.'),
  LABEL_INVALID: kind(2, 'input', 'Send JSON lines {"id", "label"} or CSV with the header id,label.'),
  LABEL_ID_UNKNOWN: kind(2, 'input', 'Use the x-slipway-request-id of an answer.'),
  DATA_INVALID: kind(2, 'input', 'Mend the data set; the report lists each check.'),
  FILE_UNREADABLE: kind(2, 'input', 'Check the path and its permissions.'),
  NOT_EMPTY: kind(2, 'input', 'Choose another place, or add --force.'),
  PLATFORM_UNSUPPORTED: kind(2, 'input', 'On Windows, run slipway inside WSL.'),
  // model files
  MODEL_EMPTY: kind(2, 'input', 'Put the model files into the artifact path.'),
  MODEL_TRUNCATED: kind(2, 'input', 'Copy or download the file again; its header promises more bytes.'),
  MODEL_INVALID: kind(2, 'input', 'Write the file again with a current tool; its header contradicts itself.'),
  MODEL_NOT_A_MODEL: kind(2, 'input', 'Fetch the real file.'),
  FILE_REFUSED: kind(10, 'policy', 'Convert it to safetensors, GGUF or ONNX, or add the allow: line.'),
  LINK_REFUSED: kind(10, 'policy', 'Copy the file into the folder, or set `links: follow`.'),
  NO_SPACE: kind(5, 'outside', 'Free disk space; `slipway local prune` removes what nothing needs.'),
  STORE_DAMAGED: kind(5, 'outside', 'Pack the version again.'),
  // rules
  QUARANTINED: kind(10, 'policy', 'Release another version, or `slipway quarantine lift`.'),
  CAPACITY: kind(10, 'policy', 'Free resources, give the versions less, or release by `swap`.'),
  // conflicts
  RELEASE_RUNNING: kind(9, 'input', 'Wait for it, abort it, or start with --replace.'),
  RELEASE_STATE: kind(9, 'input', 'See `slipway release status`.'),
  NOTHING_TO_ROLL_BACK: kind(9, 'input', 'See `slipway release history`.'),
  PLAN_CHANGED: kind(9, 'input', 'Plan again: the world changed since.'),
  JOURNAL_NEWER: kind(9, 'input', 'Use the newer slipway that wrote the journal.'),
  JOURNAL_DAMAGED: kind(5, 'outside', 'Restore .slipway from a backup, or move it away and begin anew.'),
  HOST_ELSEWHERE: kind(9, 'input', 'Another host drives this project; stop it with `slipway local down`.'),
  // outside
  PORT_TAKEN: kind(5, 'outside', 'Stop the process named, or choose another address.'),
  HOST_UNREACHABLE: kind(5, 'outside', 'See `slipway local logs host`.'),
  DATA_PLANE_UNREACHABLE: kind(5, 'outside', 'See `slipway local logs data-plane`.'),
  BASELINE_UNREACHABLE: kind(5, 'outside', 'Start that server, or name another baseline.'),
  EVALUATOR_FAILED: kind(5, 'outside', 'Run the evaluator by hand with one line.'),
  COMMAND_NOT_FOUND: kind(5, 'outside', 'Install it, or name its path.'),
  FILE_SYSTEM: kind(5, 'outside', 'Move the project to a local file system; SQLite needs its locks.'),
  HOME_UNUSABLE: kind(4, 'outside', 'Set HOME or XDG_CACHE_HOME to a folder you can write to.'),
  PERMISSION: kind(4, 'outside', 'Check the permissions of the path.'),
  // outcomes
  GATE_FAILED: kind(3, 'version', 'See `slipway release explain`.'),
  ROLLED_BACK_BY_PERSON: kind(3, 'input', 'See `slipway release explain`.'),
  ABORTED: kind(3, 'input', 'See `slipway release explain`.'),
  INCONCLUSIVE: kind(7, 'version', 'See `slipway release explain`.'),
  HELD: kind(7, 'version', '`slipway release accept` takes it on, `slipway release abort` takes users back.'),
  NEVER_READY: kind(11, 'version', 'See `slipway local logs`.'),
  CRASHED: kind(11, 'version', 'Run its command by hand, or see `slipway local logs`.'),
  WRONG_PORT: kind(11, 'version', 'Make the server listen on {port}, or set serving.port.'),
  SET_UNANSWERED: kind(11, 'version', 'See `slipway local logs`.'),
  PREPARE_FAILED: kind(11, 'version', 'Run the prepare command by hand.'),
  TRAINING_FAILED: kind(11, 'version', 'See `slipway train logs`.'),
  TIMEOUT: kind(12, 'outside', 'What was asked for goes on; `slipway local status` shows what runs.'),
  INTERRUPTED: kind(130, 'outside', 'What a host was asked for goes on; see `slipway local status`.'),
  BUG: kind(1, 'slipway', 'Please report it with the lines above.'),
} as const satisfies Record<string, ErrorKind>
export type ErrorCode = keyof typeof ERRORS

/** A place in an input file. `line` and `column` count from 1; `pointer` is a JSON pointer (RFC 6901). */
export interface Where {
  readonly file?: string
  readonly line?: number
  readonly column?: number
  readonly pointer?: string
}

/** An expected failure: what, whose fault, where, and the next command to type. */
export class SlipwayError extends Error {
  override readonly name = 'SlipwayError'
  readonly code: ErrorCode
  readonly where: readonly Where[]
  readonly next: readonly string[]

  constructor(
    code: ErrorCode,
    message: string,
    more: { where?: readonly Where[]; next?: readonly string[]; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.code = code
    this.where = more.where ?? []
    this.next = more.next ?? []
  }

  get exit(): Exit {
    return ERRORS[this.code].exit
  }
}
