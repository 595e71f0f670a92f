// @ts-check
// Trains a network of one hidden layer on JSON lines {"pixels": [...], "label": 0..9} by stochastic gradient descent with
// momentum, and writes model.safetensors and metrics.json into --out. The same data, params and seed give the same file.
import { createReadStream, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    out: { type: 'string' },
    seed: { type: 'string', default: '1' },
    hidden: { type: 'string', default: '32' },
    epochs: { type: 'string', default: '3' },
    rows: { type: 'string', default: '0' },
    rate: { type: 'string', default: '0.05' },
  },
})
const CLASSES = 10
const MOMENTUM = 0.9
const BATCH = 16

/** Numbers 0 <= x < 1 (mulberry32). @param {number} seed */
function numbers(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** @param {string} file @param {number} most */
async function readRows(file, most) {
  const rows = []
  for await (const line of createInterface({ input: createReadStream(file) })) {
    if (line.trim() === '') continue
    const { pixels, label } = JSON.parse(line)
    // Most pixels are 0: only the others cost time.
    const at = []
    const value = []
    pixels.forEach((pixel, k) => {
      if (pixel !== 0) {
        at.push(k)
        value.push(pixel)
      }
    })
    rows.push({ at: Uint16Array.from(at), value: Float32Array.from(value), label, size: pixels.length })
    if (most > 0 && rows.length >= most) break
  }
  return rows
}

/** @param {number} inputs @param {number} width @param {() => number} random */
function network(inputs, width, random) {
  const spread = (count, fan) => Float32Array.from({ length: count }, () => (random() * 2 - 1) * Math.sqrt(6 / fan))
  return {
    inputs,
    width,
    // By input, so that the weights of one pixel lie together.
    w: spread(inputs * width, inputs),
    b: new Float32Array(width),
    v: spread(CLASSES * width, width),
    c: new Float32Array(CLASSES),
  }
}

const zeros = (net) => ({
  w: new Float32Array(net.w.length),
  b: new Float32Array(net.width),
  v: new Float32Array(net.v.length),
  c: new Float32Array(CLASSES),
})

/** @param {ReturnType<typeof network>} net */
function forward(net, row, hidden, scores) {
  const { width } = net
  hidden.set(net.b)
  for (let k = 0; k < row.at.length; k++) {
    const x = row.value[k]
    const from = row.at[k] * width
    for (let i = 0; i < width; i++) hidden[i] += net.w[from + i] * x
  }
  for (let i = 0; i < width; i++) if (hidden[i] < 0) hidden[i] = 0
  let most = -Infinity
  for (let o = 0; o < CLASSES; o++) {
    let sum = net.c[o]
    const from = o * width
    for (let i = 0; i < width; i++) sum += net.v[from + i] * hidden[i]
    scores[o] = sum
    if (sum > most) most = sum
  }
  let total = 0
  for (let o = 0; o < CLASSES; o++) total += scores[o] = Math.exp(scores[o] - most)
  for (let o = 0; o < CLASSES; o++) scores[o] /= total
}

/** One step per batch of rows. */
function epoch(net, rows, order, rate, moved) {
  const hidden = new Float32Array(net.width)
  const scores = new Float32Array(CLASSES)
  const back = new Float32Array(net.width)
  const { width } = net
  let loss = 0
  for (let from = 0; from < order.length; from += BATCH) {
    const batch = order.slice(from, from + BATCH)
    const step = rate / batch.length
    for (const index of batch) {
      const row = rows[index]
      forward(net, row, hidden, scores)
      loss -= Math.log(Math.max(1e-12, scores[row.label]))
      back.fill(0)
      for (let o = 0; o < CLASSES; o++) {
        const d = scores[o] - (o === row.label ? 1 : 0)
        moved.c[o] -= step * d
        const at = o * width
        for (let i = 0; i < width; i++) {
          back[i] += d * net.v[at + i]
          moved.v[at + i] -= step * d * hidden[i]
        }
      }
      for (let i = 0; i < width; i++) {
        if (hidden[i] <= 0) back[i] = 0
        moved.b[i] -= step * back[i]
      }
      // The wide layer is changed at once and without momentum: only the rows of pixels that are not 0.
      for (let k = 0; k < row.at.length; k++) {
        const x = step * row.value[k]
        const at = row.at[k] * width
        for (let i = 0; i < width; i++) net.w[at + i] -= x * back[i]
      }
    }
    for (const part of ['b', 'v', 'c']) {
      const weights = net[part]
      const speed = moved[part]
      for (let i = 0; i < weights.length; i++) {
        weights[i] += speed[i]
        speed[i] *= MOMENTUM
      }
    }
  }
  return loss / order.length
}

/** @param {ReturnType<typeof network>} net */
function accuracy(net, rows) {
  const hidden = new Float32Array(net.width)
  const scores = new Float32Array(CLASSES)
  let right = 0
  for (const row of rows) {
    forward(net, row, hidden, scores)
    if (scores.indexOf(Math.max(...scores)) === row.label) right++
  }
  return right / Math.max(1, rows.length)
}

/** @param {ReturnType<typeof network>} net @param {string} file */
function save(net, file) {
  const hidden = new Float32Array(net.width * net.inputs)
  for (let j = 0; j < net.inputs; j++)
    for (let i = 0; i < net.width; i++) hidden[i * net.inputs + j] = net.w[j * net.width + i]
  const tensors = [
    ['hidden.weight', [net.width, net.inputs], hidden],
    ['hidden.bias', [net.width], net.b],
    ['output.weight', [CLASSES, net.width], net.v],
    ['output.bias', [CLASSES], net.c],
  ]
  const header = {}
  let at = 0
  for (const [name, shape, data] of tensors) {
    header[name] = { dtype: 'F32', shape, data_offsets: [at, at + data.byteLength] }
    at += data.byteLength
  }
  let text = JSON.stringify(header)
  text += ' '.repeat((8 - (text.length % 8)) % 8)
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(text.length))
  const parts = tensors.map(([, , data]) => Buffer.from(data.buffer, data.byteOffset, data.byteLength))
  writeFileSync(file, Buffer.concat([length, Buffer.from(text), ...parts]))
}

const random = numbers(Number(values.seed))
const all = await readRows(values.data ?? 'train.jsonl', Number(values.rows))
const order = all.map((_, index) => index)
for (let i = order.length - 1; i > 0; i--) {
  const j = Math.floor(random() * (i + 1))
  ;[order[i], order[j]] = [order[j], order[i]]
}
const held = order.slice(0, Math.floor(order.length / 10)).map((index) => all[index])
const rows = order.slice(held.length).map((index) => all[index])
const net = network(all[0]?.size ?? 784, Number(values.hidden), random)
const moved = zeros(net)
const epochs = Number(values.epochs)
for (let k = 0; k < epochs; k++) {
  const shuffled = rows.map((_, index) => index)
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[shuffled[i], shuffled[j]] = [shuffled[j], shuffled[i]]
  }
  const loss = epoch(net, rows, shuffled, Number(values.rate) * (1 - k / (epochs + 1)), moved)
  console.log(
    `epoch ${k + 1} of ${epochs}: loss ${loss.toFixed(4)}, right on held-out rows ${(100 * accuracy(net, held)).toFixed(1)} %`,
  )
}
const out = values.out ?? '.'
mkdirSync(out, { recursive: true })
save(net, join(out, 'model.safetensors'))
writeFileSync(join(out, 'metrics.json'), JSON.stringify({ accuracy: accuracy(net, held), rows: rows.length }))
