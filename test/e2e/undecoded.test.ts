/** A browser that decodes nothing of what it is sent: it asks for keyframes on and on, and is sent an encoding of ours. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Stage, setStage } from '../support/browser/stage.js';
import { watch } from '../support/browser/viewer.js';
import { pull, statsOf, whenStatus } from '../support/server/pulls.js';
import { publish } from '../support/source/publisher.js';
import { until } from '../support/until.js';

/**
 * Before Chromium's decoder: it gets no whole frame of profile High (profile_idc 100, ITU-T H.264 A.2.4), as a decoder in hardware
 * would that has none.
 */
const withoutHigh = `
  const Native = RTCPeerConnection;
  let profile = 0;
  const profileIn = (bytes) => {
    for (let at = 4; at < Math.min(bytes.length, 400); at += 1) {
      if ((bytes[at - 1] & 31) === 7 && bytes[at - 2] === 1 && bytes[at - 3] === 0 && bytes[at - 4] === 0) return bytes[at];
    }
    return null;
  };
  window.RTCPeerConnection = class extends Native {
    constructor(config = {}) {
      super({ ...config, encodedInsertableStreams: true });
      this.addEventListener('track', ({ receiver, track }) => {
        const { readable, writable } = receiver.createEncodedStreams();
        const transform = (frame, out) => {
          const bytes = new Uint8Array(frame.data);
          if (track.kind === 'video') profile = profileIn(bytes) ?? profile;
          if (track.kind === 'video' && profile === 100) frame.data = bytes.fill(0xff, 5).buffer;
          out.enqueue(frame);
        };
        readable.pipeThrough(new TransformStream({ transform })).pipeTo(writable);
      });
    }
  };
`;

let stage: Stage;
before(async () => {
  stage = await setStage();
});
after(() => stage.end());

test('P11 who decodes nothing of the source is told of, and sees an encoding of ours', async (t) => {
  const { nginx, sluice, pages } = stage;
  const publisher = await publish(nginx.url('high'), { size: '320x180', bitrateKbps: 300, profile: 'high' });
  t.after(() => publisher.stop());
  await pull(sluice, nginx.url('high'), 'high');
  await whenStatus(sluice, 'high', 'PROCESSED_REMOTE');
  const page = await stage.tab();
  await page.addInitScript(withoutHigh);
  // It shows its first frame when that is one of ours.
  const viewer = await watch(page, pages.origin, `${sluice.rest}/whep/high`);
  assert.ok(sluice.log().some(({ event }) => event === 'viewer.cannotDecode'));
  assert.equal((await statsOf(sluice, 'high')).renditions.length, 1);
  const { framesDecoded, packetsLost } = await viewer.stats();
  await until('it goes on', async () => (await viewer.stats()).framesDecoded > framesDecoded + 60);
  assert.equal(packetsLost, 0);
});
