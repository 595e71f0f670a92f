/** Release plans of the scenarios: short steps, and bounds that a busy machine alone does not break. */
type Json = Readonly<Record<string, unknown>>

export const ERRORS = { errors: { margin: '10pp' } }
/** Latency where it is not the point. */
export const CALM = { latency: { of: 'total', above: '2s', margin: '20pp' } }

export interface Short {
  readonly shadow?: boolean
  readonly canary?: string
  readonly watch?: string
  readonly gates?: readonly Json[]
  readonly more?: Json
}

/** Perhaps shadow, one canary of 50 %, then full. */
export const short = ({
  shadow = false,
  canary = '2s',
  watch = '2s',
  gates = [ERRORS, CALM],
  more = {},
}: Short = {}) => ({
  steps: [
    ...(shadow ? [{ shadow: { fraction: '100%', noise: '100%' } }] : []),
    { canary: { weight: '50%', for: canary } },
    { full: { watch, keepWarm: '1s' } },
  ],
  gates,
  horizon: '60s',
  ...more,
})

export const swap = (more: Json = {}) => ({
  steps: [{ swap: { wait: '30s', watch: '2s' } }],
  gates: [{ quality: { set: 'golden', margin: '5pp' } }, ERRORS, CALM],
  horizon: '60s',
  ...more,
})
