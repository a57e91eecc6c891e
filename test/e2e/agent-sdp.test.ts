/** An rtmp_agent.sdp of WCS is obeyed: codecs and rates that it leaves out are not taken from a source. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pull, whenStatus } from '../support/server/pulls.js';
import { startSluice } from '../support/server/sluice.js';
import { startNginx } from '../support/source/nginx.js';
import { publish } from '../support/source/publisher.js';
import { until } from '../support/until.js';

test('a rate of AAC that is left out is not heard, one that is listed is, and both streams play their video', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-sdp-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'rtmp_agent.sdp');
  const audio = 'm=audio 0 RTP/AVP 108\na=rtpmap:108 mpeg4-generic/48000/1\na=recvonly\n';
  writeFileSync(file, `m=video 0 RTP/AVP 95\na=rtpmap:95 H264/90000\na=sendonly\n${audio}`);
  const [nginx, sluice] = await Promise.all([startNginx(), startSluice([`--rtmp.agentSdpFile=${file}`])]);
  t.after(() => Promise.all([nginx.stop(), sluice.stop()]));
  for (const [name, sampleRateHz] of [
    ['listed', 48_000],
    ['left-out', 22_050],
  ] as const) {
    const publisher = await publish(nginx.url(name), { sampleRateHz, toneHz: 440 });
    t.after(() => publisher.stop());
    assert.equal((await pull(sluice, nginx.url(name), name)).status, 200);
    await whenStatus(sluice, name, 'PROCESSED_REMOTE');
  }
  const mediaOf = async (name: string): Promise<{ video: object | null; audio: { sampleRateHz: number } | null }> => {
    const streams = JSON.parse(await (await fetch(`${sluice.rest}/api/streams`)).text());
    return streams.find((stream: { name: string }) => stream.name === name).media;
  };
  await until('the listed audio is known', async () => (await mediaOf('listed')).audio?.sampleRateHz === 48_000);
  const { video, audio: heard } = await mediaOf('left-out');
  assert.ok(video !== null);
  assert.equal(heard, null);
  const told = await sluice.logged('source.unsupportedCodec');
  assert.equal(told.codec, 'AAC of 22050 Hz, which rtmp.agentSdpFile leaves out');
});

test('a file that cannot be read as such ends the start with words that name it', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-sdp-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'rtmp_agent.sdp');
  writeFileSync(file, 'm=video 0 RTP/AVP 95\na=rtpmap:95 THEORA/90000\n');
  await assert.rejects(
    startSluice([`--rtmp.agentSdpFile=${file}`]),
    /rtmp\.agentSdpFile: .*THEORA is no codec of video/s,
  );
});
