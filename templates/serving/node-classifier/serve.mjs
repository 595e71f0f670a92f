// @ts-check
// Serves a network of one hidden layer from a safetensors file: POST /predict {"pixels": [...]} -> {"label", "scores"}.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string' },
    model: { type: 'string' },
  },
})

/** The safetensors file that `path` is or holds. @param {string} path */
function weightsFile(path) {
  if (!statSync(path).isDirectory()) return path
  const name = readdirSync(path).find((file) => file.endsWith('.safetensors'))
  if (!name) throw new Error(`no .safetensors file in ${path}`)
  return join(path, name)
}

/**
 * Tensors of a safetensors file: 8 bytes of header length, a JSON header, then the data.
 * @param {string} file
 * @returns {Record<string, { shape: number[], data: Float32Array }>}
 */
function readTensors(file) {
  const bytes = readFileSync(file)
  const length = Number(bytes.readBigUInt64LE(0))
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString('utf8'))
  const tensors = {}
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue
    if (entry.dtype !== 'F32') throw new Error(`${name} is ${entry.dtype}, not F32`)
    const [from, to] = entry.data_offsets
    // A copy: a view needs an offset that is a multiple of 4.
    const part = bytes.buffer.slice(bytes.byteOffset + 8 + length + from, bytes.byteOffset + 8 + length + to)
    tensors[name] = { shape: entry.shape, data: new Float32Array(part) }
  }
  return tensors
}

const tensors = readTensors(weightsFile(values.model ?? process.env.MODEL_PATH ?? '.'))
const [hiddenSize, inputSize] = tensors['hidden.weight'].shape
const classes = tensors['output.bias'].shape[0]
const hidden = new Float32Array(hiddenSize)

/** Scores of the classes: softmax(V relu(W x + b) + c). @param {Float32Array} input */
function forward(input) {
  const weight = tensors['hidden.weight'].data
  const bias = tensors['hidden.bias'].data
  for (let i = 0, k = 0; i < hiddenSize; i++) {
    let sum = bias[i]
    for (let j = 0; j < inputSize; j++, k++) sum += weight[k] * input[j]
    hidden[i] = Math.max(sum, 0)
  }
  const out = tensors['output.weight'].data
  const scores = new Array(classes)
  let most = -Infinity
  for (let i = 0, k = 0; i < classes; i++) {
    let sum = tensors['output.bias'].data[i]
    for (let j = 0; j < hiddenSize; j++, k++) sum += out[k] * hidden[j]
    scores[i] = sum
    if (sum > most) most = sum
  }
  const total = scores.reduce((sum, score) => sum + Math.exp(score - most), 0)
  return scores.map((score) => Math.exp(score - most) / total)
}

/** @param {import('node:http').ServerResponse} response @param {number} status @param {unknown} body */
function answer(response, status, body) {
  const text = JSON.stringify(body)
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
  response.end(text)
}

/** @param {string} text */
function predict(text) {
  let pixels
  try {
    pixels = JSON.parse(text).pixels
  } catch {
    return [400, { error: 'the body is not JSON' }]
  }
  if (!Array.isArray(pixels) || pixels.length !== inputSize || !pixels.every(Number.isFinite))
    return [400, { error: `"pixels" must be ${inputSize} numbers` }]
  const scores = forward(Float32Array.from(pixels))
  return [200, { label: scores.indexOf(Math.max(...scores)), scores: scores.map((s) => Math.round(s * 1e4) / 1e4) }]
}

const server = createServer((request, response) => {
  if (request.url === '/health') return answer(response, 200, { status: 'ok' })
  if (request.method !== 'POST' || request.url !== '/predict') return answer(response, 404, { error: 'POST /predict' })
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    const [status, body] = predict(Buffer.concat(chunks).toString('utf8'))
    answer(response, status, body)
  })
})
server.listen(Number(values.port ?? process.env.PORT), values.host, () => {
  console.log(`serves ${inputSize} -> ${hiddenSize} -> ${classes}`)
})
process.on('SIGTERM', () => server.close(() => process.exit(0)))
