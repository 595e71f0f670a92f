import { type Check, fail, ok } from './check.ts'

/** Where compiled code is kept between commands. */
export const home: Check = {
  name: 'home',
  needs: 'nothing',
  async run({ environment }) {
    if (environment.cacheFolder() !== null) return [ok('the cache folder can be written')]
    const why = environment.home === null ? 'HOME is not set to an absolute path' : 'the cache folder cannot be written'
    return [
      fail(
        'HOME_UNUSABLE',
        `${why}: every command compiles slipway anew, and servers get no caches of yours`,
        'set HOME or XDG_CACHE_HOME to a folder that you can write to',
      ),
    ]
  },
}
