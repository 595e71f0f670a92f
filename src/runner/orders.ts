/** Desired states of the platform, from the state of the project. Pure. */
import { gateKind } from '../gates/index.ts'
import { canonicalJson } from '../kit/json.ts'
import type { Digest } from '../model/types.ts'
import type { ReleasePlan } from '../plan/types.ts'
import { FULL_PPM } from '../plan/types.ts'
import type { CounterSpec, RouteOrders, RouteTarget, ServeOrder, VersionStatus } from '../platforms/contract.ts'
import type { EnvironmentSettings, Served } from '../record/entries.ts'
import type { EnvironmentState } from '../record/fold.ts'
import type { EnvironmentRuntime, ReleaseRuntime } from '../record/runtime.ts'
import type { SplitEffect } from '../release/types.ts'

/** A release that is not over, with what it was started from. */
export interface Driven {
  readonly name: string
  readonly environment: string
  readonly plan: ReleasePlan
  readonly candidate: Served
  /** Who serves users before it: what it is compared with, or with --no-baseline the former version. */
  readonly baseline: Served | null
  /** False once it is concluded and only keeps the former version warm. */
  readonly active: boolean
  readonly runtime: ReleaseRuntime
}

/** Requests wait at most so long where no plan says how long. */
const HOLD_MS = 120_000

const serveOrder = (served: Served): ServeOrder => ({
  digest: served.digest as Digest,
  run: served.run,
  shell: served.shell,
  envFile: served.envFile,
})

/** Which versions should run in an environment now. */
export function serveOrders(
  environment: EnvironmentState,
  runtime: EnvironmentRuntime,
  driven: readonly Driven[],
): ServeOrder[] {
  if (!environment.up) return []
  const wanted = new Map<string, Served>()
  const want = (served: Served | null) => {
    if (served && !served.outside) wanted.set(served.digest, served)
  }
  const active = driven.find((d) => d.active)
  const { move } = runtime
  if (!active && (!move?.swap || move.swap === 'holding')) want(environment.serving)
  for (const release of driven) {
    const { serve } = release.runtime.state
    if (serve.candidate) want(release.candidate)
    if (serve.baseline) want(release.baseline)
    if (serve.other !== null) want(release.runtime.other)
  }
  if (move && (!move.swap || move.swap === 'starting')) want(move.to)
  return [...wanted.values()].map(serveOrder)
}

function targetOf(served: Served | null, statuses: readonly VersionStatus[]): RouteTarget | null {
  if (!served) return null
  if (served.outside) return { digest: served.digest, tag: served.tag, addresses: [served.digest], incarnation: 0 }
  const status = statuses.find((s) => s.digest === served.digest)
  return {
    digest: served.digest,
    tag: served.tag,
    addresses: status?.addresses ?? [],
    incarnation: status?.incarnation ?? 0,
  }
}

/** What the data plane counts for the gates of a plan. */
const counterSpecs = (plan: ReleasePlan): CounterSpec[] =>
  plan.gates.flatMap((gate) => gateKind(gate.kind).counterSpec(gate) ?? [])

const needsValues = (plan: ReleasePlan): boolean =>
  plan.answer !== null &&
  plan.gates.some(
    (g) => g.kind === 'agreement' || g.kind === 'labels-min' || (g.kind === 'quality' && 'labels' in g.source),
  )

interface Base {
  readonly model: string
  readonly settings: EnvironmentSettings
}

/** Routing while no release moves users: all to the version that serves; or they wait for the next one. */
export function steadyOrders(
  base: Base,
  serving: Served | null,
  statuses: readonly VersionStatus[],
  hold: boolean,
): Omit<RouteOrders, 'epoch' | 'revision'> {
  return {
    model: base.model,
    baseline: targetOf(serving, statuses),
    candidate: null,
    weightPpm: 0,
    salt: '',
    sticky: serving?.sticky ?? null,
    requests: serving?.requests ?? [],
    answer: serving?.answer ?? null,
    labelKey: serving?.labelKey ?? null,
    mirror: null,
    counting: null,
    keepValues: serving?.labelled === true && serving.answer !== null,
    hold: hold ? { waitMs: HOLD_MS } : null,
    onSilence: 'keep',
    limits: base.settings.limits,
    timeouts: base.settings.timeouts,
  }
}

/** Routing of a release's split. */
export function releaseOrders(
  base: Base,
  driven: Driven,
  split: SplitEffect,
  statuses: readonly VersionStatus[],
): Omit<RouteOrders, 'epoch' | 'revision'> {
  const { plan } = driven
  const step = plan.steps[split.step]
  const shadow = step?.kind === 'shadow' && split.mirror ? step : null
  const overlaid = Object.keys(plan.overlay).length > 0 && plan.gates.some((g) => g.kind === 'agreement')
  const users = split.target === 'other' ? driven.runtime.other : driven.baseline
  const swap = plan.steps[0]?.kind === 'swap' ? plan.steps[0] : null
  return {
    model: plan.model,
    baseline: targetOf(users, statuses),
    candidate: targetOf(driven.candidate, statuses),
    weightPpm: split.target === 'candidate' ? FULL_PPM : split.weightPpm,
    salt: plan.salt,
    sticky: plan.sticky,
    requests: plan.requests,
    answer: plan.answer,
    labelKey: plan.labels.key,
    mirror: shadow ? { fraction: shadow.fraction, noise: shadow.noise, overlay: overlaid ? plan.overlay : null } : null,
    counting: { release: driven.name, step: split.step, watch: split.watch, specs: counterSpecs(plan) },
    keepValues: needsValues(plan) || (driven.candidate.labelled === true && plan.answer !== null),
    ...(plan.keepAnswers ? { keepAnswers: true } : {}),
    hold: split.hold ? { waitMs: swap?.waitMs ?? HOLD_MS } : null,
    onSilence: split.watch ? 'keep' : 'give-back',
    limits: base.settings.limits,
    timeouts: base.settings.timeouts,
  }
}

/** Canonical text of orders, to see whether they changed. */
export const ordersText = (orders: Omit<RouteOrders, 'epoch' | 'revision'>): string => canonicalJson(orders)
