// The parts of a whole run, one after the other, and which files are in which. A new file of `fault` and `e2e` has the machine for
// itself until it stands here.
import { availableParallelism } from 'node:os';

const named = (folder, names) => names.split(' ').map((name) => `${folder}/${name}`);

/** Of `fault`, `e2e` and `cluster` they wait for what must happen, or judge by stamps: they need no machine for themselves. */
const waiting = new Set([
  ...named('fault', 'calls-settle clock-steps cluster-reach cluster-streams descriptors'),
  ...named('fault', 'first-process idle-stream no-ffmpeg pointed process-crash recording-disk single-port'),
  ...named('fault', 'source-loss state/keeper viewer-dials watched-process'),
  ...named('e2e', 'agent-sdp check commands console field ice live-changes npm-start package playback player-servers'),
  ...named('e2e', 'publisher-restart recording secrets single-port snapshot source-data source-reasons'),
  ...named('e2e', 'source-servers start stream-changes wcs-mse wcs-pages wcs-rest-client wcs-sdk'),
  ...named('e2e', 'wcs-sdk-options'),
]);
/** So do they, and take most of a core each; or a thread must be found hung, which is judged by what it ran. */
const inPairs = new Set([
  ...named(
    'fault',
    'ending full-queue forged-source hangs live-fuzz many-recordings memory rendition-abort send-counts shards slow-viewer',
  ),
  ...named('fault', 'source-cost survive'),
  ...named(
    'e2e',
    'forty-pulls player player-alerts rtmp-out sigterm survive time-shift udp-blocked undecoded wcs-official-pages',
  ),
  'cluster/cluster',
]);

const folders = ['fault', 'e2e', 'cluster'];

/** What measures browsers and time gets the machine for itself. */
export const parts = [
  // The checks run beside it: no clock judges it, and all of `unit` may share processes.
  {
    folders: ['unit', 'fuzz'],
    concurrency: availableParallelism(),
    isBatched: (name) => name.startsWith('unit/'),
  },
  { folders: ['server', 'actor'], concurrency: 3 },
  { folders, concurrency: 3, takes: (name) => waiting.has(name) },
  { folders, concurrency: 2, takes: (name) => inPairs.has(name) },
  { folders, concurrency: 1, takes: (name) => !waiting.has(name) && !inPairs.has(name) },
];

/**
 * What viewers see of a stream must not depend on what sends to them (webrtc.fanout): of the browser tests one runs in the
 * whole run a second time, where the add-on is not used. `SLUICE_WEBRTC_FANOUT=js npm test -- e2e` runs all of them so.
 */
export const withoutAddOn = {
  folders: ['e2e'],
  concurrency: 1,
  env: { SLUICE_WEBRTC_FANOUT: 'js' },
  takes: (name) => name === 'e2e/nginx-whep',
};
