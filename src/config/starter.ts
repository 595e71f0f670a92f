/** The text of a new slipway.yaml. Values are quoted as data; nothing of them is ever syntax. Pure. */

export interface Starter {
  readonly model: string
  readonly artifactPath: string | null
  readonly template: string
  /** null: the template's. */
  readonly command: readonly string[] | null
  readonly port: number | null
  readonly readyPath: string | null
  readonly requests: readonly string[] | null
  readonly answer: string | null
  /** Name of a training template; its data is looked for in ./data/train.jsonl. */
  readonly training: string | null
  /** Comments above serving, one line each. */
  readonly remarks: readonly string[]
}

/** Where the schema for editors lies, relative to slipway.yaml: needs no network and is the one of this very slipway. */
export const SCHEMA_FILE = '.slipway/schema.json'

const WORD = /^-{0,2}[A-Za-z./][A-Za-z0-9_./-]*$/
const NOT_TEXT = /^(y|n|yes|no|on|off|true|false|null|\.inf|\.nan)$/i

/** A text as YAML would read it back. */
const scalar = (text: string): string => (WORD.test(text) && !NOT_TEXT.test(text) ? text : JSON.stringify(text))
/** A list on one line. */
const list = (items: readonly string[]): string => `[${items.map(scalar).join(', ')}]`
const comment = (text: string): string => `# ${text.replace(/\s+/g, ' ')}`

export function starterText(starter: Starter): string {
  const { command, template } = starter
  const serving = [
    ...starter.remarks.map(comment),
    ...(template === 'custom' ? [] : [`template: ${scalar(template)}`]),
    ...(command === null ? [] : [`command: ${list(command)}`]),
    ...(starter.port === null ? [] : [`port: ${starter.port}`]),
    ...(starter.readyPath === null ? [] : [`ready: {path: ${scalar(starter.readyPath)}}`]),
    ...(starter.requests === null ? [] : [`requests: ${list(starter.requests)}`]),
    ...(starter.answer === null ? [] : [`answer: ${scalar(starter.answer)}`]),
  ]
  return [
    `# yaml-language-server: $schema=${SCHEMA_FILE}`,
    '# Every key, unit and default: slipway schema config. Check this file: slipway validate',
    'apiVersion: slipway.dev/v1',
    `model: ${scalar(starter.model)}`,
    ...(starter.artifactPath === null ? [] : ['artifact:', `  path: ${scalar(starter.artifactPath)}`]),
    'serving:',
    ...serving.map((line) => `  ${line}`),
    ...(starter.training === null
      ? []
      : ['training:', `  template: ${scalar(starter.training)}`, '  data: {path: ./data/train.jsonl}']),
    '',
  ].join('\n')
}
