/** One step being taken: a draft of the next state, and what it tells the world. */
import type { ReleasePlan } from '../plan/types.ts'
import type { Rules } from './rules.ts'
import { reachesUsers, sameSplit } from './shape.ts'
import type { Effect, LookEvent, NoteKind, Phase, ReleaseState, ServeEffect, SplitEffect } from './types.ts'

export type Draft = { -readonly [K in keyof ReleaseState]: ReleaseState[K] }

export interface Turn {
  readonly plan: ReleasePlan
  readonly rules: Rules
  readonly at: number
  /** Null for what persons and hosts say. */
  readonly look: LookEvent | null
  readonly before: ReleaseState
  readonly state: Draft
  /** Quarantine, conclusion and notes; serve, split and ask follow from the state. */
  readonly effects: Effect[]
  /** An unasked exit of the candidate was seen in this look. */
  died: boolean
}

export const note = (turn: Turn, what: NoteKind, text: string): void => {
  turn.effects.push({ kind: 'note', what, text })
}

/** A new split is not observed before the next look, whatever the data plane did until now. */
export function order(turn: Turn, split: SplitEffect): void {
  if (sameSplit(turn.state.split, split)) return
  turn.state.split = split
  turn.state.observed = false
  turn.state.everObserved = false
  if (split.hold || split.target !== 'baseline' || reachesUsers(split)) turn.state.untouched = false
}

export function serve(turn: Turn, change: Partial<Omit<ServeEffect, 'kind'>>): void {
  const { state } = turn
  const next = { ...state.serve, ...change }
  if (!sameServe(state.serve, next)) state.serve = next
}

export const sameServe = (a: ServeEffect, b: ServeEffect): boolean =>
  a.candidate === b.candidate && a.baseline === b.baseline && a.other === b.other

export function enter(turn: Turn, phase: Phase): void {
  turn.state.phase = phase
  turn.state.phaseAt = turn.at
}
