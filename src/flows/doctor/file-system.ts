import { type Check, fail, ok } from './check.ts'

/** Kinds whose locks do not hold between processes or machines as SQLite needs them (sqlite.org, "How To Corrupt"). */
const NETWORK = /^(nfs\d?|cifs|smb\d?|smbfs|9p|afs|ceph|glusterfs|lustre|gpfs|beegfs|davfs|fuse\.(?!fuse-overlayfs).+)$/

/** Locks of the journal and of the host need a local file system. */
export const fileSystem: Check = {
  name: 'file-system',
  needs: 'nothing',
  async run({ machine, environment, config, state }) {
    const type = machine.fileSystem(state?.folder ?? config?.folder ?? environment.cwd)
    if (type === null) return [ok('the kind of file system is not known here')]
    if (!NETWORK.test(type)) return [ok(`.slipway lies on ${type}`)]
    return [
      fail(
        'FILE_SYSTEM',
        `.slipway lies on ${type}: its locks do not hold, and two hosts could drive at once`,
        'move the project to a local file system',
      ),
    ]
  },
}
