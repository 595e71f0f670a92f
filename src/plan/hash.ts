import { createHash } from 'node:crypto'
import { canonicalJson } from '../kit/json.ts'
import type { ReleasePlan } from './types.ts'

/** SHA-256 over the plan's RFC 8785 text, 64 hex digits: the same intent has the same hash wherever it was composed. */
export const planHash = (plan: ReleasePlan): string => createHash('sha256').update(canonicalJson(plan)).digest('hex')
