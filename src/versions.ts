/** What `--version` prints: Sluice's own version and commit, and those of the native code that it runs. */
import { readThrown } from './errors.js';

/** What the build (src/launch/build.mjs) puts in the place of this name. */
declare const builtFromCommit: string;

/** `+`: with changes that were not committed; empty: built outside a repository. */
export const commit: string = builtFromCommit;

/** `sluice`, `nodeAv`, `uWebSockets`: as package.json has them. FFmpeg is asked itself: node-av may run another build of it. */
export async function versionText(sluice: string, nodeAv: string, uWebSockets: string): Promise<string> {
  return `${sluice}
commit ${commit === '' ? 'not known' : commit}
Node ${process.versions.node}
FFmpeg ${await ffmpegVersion()} (node-av ${nodeAv})
uWebSockets.js ${uWebSockets}
`;
}

async function ffmpegVersion(): Promise<string> {
  try {
    const { getFFmpegInfo } = await import('node-av');
    return getFFmpegInfo().version;
  } catch (error) {
    return `does not load: ${readThrown(error).message.split('\n', 1)[0]}`;
  }
}
