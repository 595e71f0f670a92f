/** `local service`: a unit for the user's own service manager. */
import { basename, join } from 'node:path'
import { SlipwayError } from '../errors.ts'
import type { Environment } from '../io/environment.ts'
import type { Project } from './project.ts'

export interface BootUnit {
  readonly kind: 'systemd' | 'launchd'
  readonly name: string
  readonly text: string
  /** How to install it, for a person. */
  readonly install: string
}

// systemd reads % as a specifier and quotes like a shell; a line end would begin another setting.
const quoted = (word: string): string =>
  `"${word.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%')}"`
const xml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** USAGE where the project's path has control characters, which no unit can hold. */
export function bootUnit(project: Project, environment: Environment): BootUnit {
  if (/[\u0000-\u001f\u007f]/.test(project.folder))
    throw new SlipwayError('USAGE', 'the path of the project has control characters; no unit can name it')
  const name = `slipway-${basename(project.folder).replace(/[^A-Za-z0-9._-]+/g, '-')}`
  const command = [environment.node.path, project.program, 'local', 'up', '--foreground']
  if (environment.platform === 'darwin') {
    const args = command.map((word) => `    <string>${xml(word)}</string>`).join('\n')
    const text = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
  <key>Label</key><string>dev.${name}</string>
  <key>WorkingDirectory</key><string>${xml(project.folder)}</string>
  <key>ProgramArguments</key><array>
${args}
  </array>
  <key>RunAtLoad</key><true/>
  <key>KeepAlive</key><true/>
</dict></plist>
`
    return {
      kind: 'launchd',
      name,
      text,
      install: `save it as ~/Library/LaunchAgents/dev.${name}.plist, then: launchctl load ~/Library/LaunchAgents/dev.${name}.plist`,
    }
  }
  const text = `[Unit]
Description=slipway in ${basename(project.folder)}
After=network.target

[Service]
Type=exec
WorkingDirectory=${project.folder.replaceAll('%', '%%')}
ExecStart=${command.map(quoted).join(' ')}
Restart=on-failure
Delegate=yes

[Install]
WantedBy=default.target
`
  return {
    kind: 'systemd',
    name,
    text,
    install: `save it as ${join('~/.config/systemd/user', `${name}.service`)}, then: systemctl --user enable --now ${name}; loginctl enable-linger`,
  }
}
