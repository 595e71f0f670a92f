// What is bundled: its licences as one text, and a CycloneDX bill of materials. The same input gives the same bytes.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library'

/** Folders of packages that left bytes in an output, from esbuild's metafiles. */
export function bundledFolders(metafiles) {
  const folders = new Set()
  for (const { outputs } of metafiles)
    for (const { inputs } of Object.values(outputs))
      for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
        const inside = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)
        if (inside && bytesInOutput > 0) folders.add(inside[1])
      }
  return [...folders].sort()
}

function packageAt(root, folder) {
  const home = join(root, folder)
  const { name, version, license, licenses, homepage } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'))
  const texts = readdirSync(home)
    .filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
    .sort()
    .map((file) => readFileSync(join(home, file), 'utf8').trim())
  const spdx = typeof license === 'string' ? license : (license?.type ?? licenses?.[0]?.type)
  if (!spdx) throw new Error(`${name} is bundled and names no licence`)
  return { name, version, spdx, homepage, text: texts.join('\n\n') || `Licence: ${spdx} (the package holds no text)` }
}

/** A component of the bill of materials. */
function component({ name, version, spdx }) {
  const [group, short] = name.startsWith('@') ? name.split('/') : [undefined, name]
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`
  const licence = / (AND|OR|WITH) /.test(spdx) ? new Models.LicenseExpression(spdx) : new Models.SpdxLicense(spdx)
  return new Models.Component(Enums.ComponentType.Library, short, {
    group,
    version,
    purl,
    bomRef: purl,
    licenses: new Models.LicenseRepository([licence]),
  })
}

/** Writes licences.txt and sbom.cdx.json into `out`. */
export function writeNotices(root, out, metafiles) {
  const packages = bundledFolders(metafiles).map((folder) => packageAt(root, folder))
  packages.sort((a, b) => (`${a.name}@${a.version}` < `${b.name}@${b.version}` ? -1 : 1))
  const titled = packages.map(({ name, version, spdx, text }) => `${name} ${version} (${spdx})\n\n${text}\n`)
  const line = `\n${'-'.repeat(80)}\n\n`
  writeFileSync(
    join(out, 'licences.txt'),
    `Slipway holds code of these packages, each under its own licence.\n${line}${titled.join(line)}`,
  )
  const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const slipway = component({ name: own.name, version: own.version, spdx: own.license })
  slipway.type = Enums.ComponentType.Application
  const bom = new Models.Bom({ metadata: new Models.Metadata({ component: slipway }) })
  for (const one of packages) {
    const part = component(one)
    bom.components.add(part)
    slipway.dependencies.add(part.bomRef)
  }
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6))
  writeFileSync(join(out, 'sbom.cdx.json'), `${serializer.serialize(bom, { sortLists: true, space: 1 })}\n`)
  return packages.length
}
