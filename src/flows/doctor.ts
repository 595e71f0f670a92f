/** `slipway doctor`: is this machine, and is this project, fit for work? With --fix it mends what can be mended without harm. */
import * as z from 'zod/mini'
import { outputOf } from '../config/json-schema.ts'
import { ERRORS, type Exit, SlipwayError } from '../errors.ts'
import { type Check, type Context, type Finding, fail } from './doctor/check.ts'
import { CHECKS } from './doctor/index.ts'

const about = <S extends z.ZodMiniType>(schema: S, description: string): S => schema.check(z.meta({ description }))
const finding = z.strictObject({
  check: about(z.string(), 'Name of the check.'),
  outcome: z.enum(['ok', 'warn', 'fail']),
  text: about(z.string(), 'What was seen.'),
  remedy: about(z.nullable(z.string()), 'What to type or do; null: nothing.'),
  code: about(z.nullable(z.string()), 'Error code of a failure.'),
  fixed: about(z.nullable(z.string()), 'What --fix did; null: nothing.'),
})
export const diagnosisSchema = outputOf('diagnosis', {
  checks: z.array(finding),
  leftOut: about(
    z.array(z.strictObject({ check: z.string(), why: z.string() })),
    'Checks that could not be made, and why.',
  ),
  exit: about(z.int(), 'Exit code: that of the first failure.'),
})
export type Diagnosis = Omit<z.output<typeof diagnosisSchema>, '$schema'>
type Found = Diagnosis['checks'][number]

/** Why a check cannot be made here; null: it can. */
function lacks({ needs }: Check, { config, configError, state }: Context): string | null {
  if (needs === 'config' && config === null)
    return configError?.code === 'CONFIG_NOT_FOUND' ? 'there is no slipway.yaml here' : 'slipway.yaml is not valid'
  if (needs === 'state' && state === null) return 'there is no .slipway yet'
  return null
}

const shown = (check: Check, { outcome, text, remedy, code }: Finding, fixed: string | null): Found => ({
  check: check.name,
  outcome,
  text,
  remedy: outcome === 'ok' ? null : remedy,
  code,
  fixed,
})

/** What a check cannot look at is a finding too. */
async function found(check: Check, context: Context): Promise<readonly Finding[]> {
  try {
    return await check.run(context)
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error
    return [fail(error.code, error.message, error.next[0] ?? ERRORS[error.code].hint)]
  }
}

/** Makes one check; with `fix` mends what it found and looks again. */
async function examined(check: Check, context: Context, fix: boolean): Promise<Found[]> {
  const findings = await found(check, context)
  const mendable = fix ? findings.filter((one) => one.outcome !== 'ok' && one.fix) : []
  if (mendable.length === 0) return findings.map((one) => shown(check, one, null))
  const done: string[] = []
  for (const one of mendable) done.push(await one.fix!())
  const after = await found(check, { ...context, state: await context.again() })
  return after.map((one, i) => shown(check, one, i === 0 ? done.join('; ') : null))
}

/** Makes every check that can be made. */
export async function doctor(context: Context, fix: boolean): Promise<Diagnosis> {
  const checks: Found[] = []
  const leftOut: { check: string; why: string }[] = []
  if (context.configError?.code === 'CONFIG_NOT_FOUND')
    leftOut.push({ check: 'config', why: 'there is no slipway.yaml here' })
  for (const check of CHECKS) {
    const why = lacks(check, context)
    if (why === null) checks.push(...(await examined(check, context, fix)))
    else leftOut.push({ check: check.name, why })
  }
  const first = checks.find(({ outcome }) => outcome === 'fail')?.code
  const exit: Exit = first ? ERRORS[first as keyof typeof ERRORS].exit : 0
  return { checks, leftOut, exit }
}
