/** Every key once, as the contract shows them. */
export const LONG = `apiVersion: slipway.dev/v1
model: digits
artifact:
  path: ./model
  code: [./app.py, ./lib]
  include: ["**"]
  exclude: ["*.tmp"]
  links: follow
  allow: [{file: model.joblib, kind: pickle, reason: "trained by us", sha256: ${'a'.repeat(64)}}]
serving:
  template: custom
  command: [python, app.py, --port, "{port}", --model, "{model}"]
  params: {ctx: 4096}
  prepare: [[uv, sync, --frozen]]
  env: {OMP_NUM_THREADS: "1"}
  envFile: .env
  ready: {path: /health, timeout: 10m}
  drain: 5m
  replicas: 1
  resources: {memory: 2GiB, cpu: 1, gpu: {memory: 6GiB}}
  requests: ["POST /predict"]
  answer: /label
  sticky: {header: x-user-id}
training:
  command: [node, train.js, --data, "{data}", --out, "{out}", --seed, "{seed}"]
  data:
    path: ./data/train.jsonl
    checks:
      rows: {min: 1000, max: 100000}
      label: {field: label, minShare: 2%}
      fields: {pixels: {type: array, length: 784, min: 0, max: 1}}
      duplicates: {max: 1%}
  params: {hidden: 32}
  resources: {memory: 4GiB, cpu: 0.5}
evaluation:
  sets:
    golden: {path: ./eval/golden.jsonl, evaluator: exact-match}
    judged: {path: ./eval/judged.jsonl, evaluator: {command: [python, judge.py], timeout: 30s}}
    near: {path: ./eval/near.jsonl, evaluator: {numeric: 0.01}}
  request: {/temperature: 0, /seed: 7}
  labels: {arrive: 30m, key: {body: /order_id}}
  keepAnswers: true
release:
  steps:
    - shadow: {fraction: 100%, for: 10s, pairs: 500, noise: 20%}
    - canary: {weight: 5%, for: 5m}
    - full:   {watch: 30m, keepWarm: 30m}
  gates:
    - errors:    {margin: 1pp, bad: [5xx, timeout], except: [404]}
    - latency:   {of: total, above: p99.9, margin: 3pp}
    - latency:   {name: slow, of: first-byte, above: 250ms, margin: 2pp}
    - quality:   {set: golden, margin: 2pp, min: 90%}
    - quality:   {name: labelled, labels: true, evaluator: exact-match, margin: 3pp}
    - agreement: {evaluator: json-subset, maxDisagreement: 5pp}
  horizon: 60m
  alpha: 5%
  onInconclusive: {hold: 24h}
environments:
  dev:
    platform: local
    listen: "127.0.0.1:7070"
    control: "[::1]:7071"
    limits: {inFlight: 512, queue: 512, body: 32MiB}
    timeouts: {connect: 2s, firstByte: 10m, idle: 5m}
    baseline: {url: "http://127.0.0.1:9000"}
    notify: {command: [./notify.sh]}
  night:
    listen: "127.0.0.1:7072"
    control: "127.0.0.1:7073"
    baseline: "digits:v1"
    serving: {replicas: 2, drain: 1m, ready: {timeout: 1m}, resources: {cpu: 2}, sticky: {cookie: sid}}
    release: {horizon: 8h, steps: [{canary: {weight: 1%}}, {full: {watch: 1h}}]}
`
