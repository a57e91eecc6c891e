/** An rtmp_agent.sdp of WCS is obeyed: codecs and rates that it leaves out are not taken from a source. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { probeFile } from '../support/recording/probe.js';
import { pull, whenStatus } from '../support/server/pulls.js';
import { startSluice } from '../support/server/sluice.js';
import { startNginx } from '../support/source/nginx.js';
import { publish } from '../support/source/publisher.js';
import { until } from '../support/until.js';
import { joinWhep } from '../support/viewer/whep-viewer.js';

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

test('a video section without a=sendonly plays, and is not recorded', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-sdp-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'rtmp_agent.sdp');
  const audio = 'm=audio 0 RTP/AVP 108\na=rtpmap:108 mpeg4-generic/48000/1\na=recvonly\n';
  writeFileSync(file, `m=video 0 RTP/AVP 95\na=rtpmap:95 H264/90000\n${audio}`);
  const recorded = join(folder, 'recorded');
  const flags = [`--rtmp.agentSdpFile=${file}`, `--recordings.folder=${recorded}`, '--recordings.minFreeMb=1'];
  const [nginx, sluice] = await Promise.all([startNginx(), startSluice(flags)]);
  t.after(() => Promise.all([nginx.stop(), sluice.stop()]));
  const publisher = await publish(nginx.url('cam'), { sampleRateHz: 48_000, toneHz: 440 });
  t.after(() => publisher.stop());
  await sluice.logged('config.recordsAudioAlone');
  const uri = nginx.url('cam');
  const asked = await sluice.post('/rest-api/pull/rtmp/pull', { uri, localStreamName: 'cam', record: 'true' });
  assert.equal(asked.status, 200);
  await whenStatus(sluice, 'cam', 'PROCESSED_REMOTE');
  const viewer = await joinWhep(`${sluice.rest}/whep/cam`);
  t.after(() => viewer.close());
  await viewer.whenVideo(30);
  const files = async (): Promise<readonly { durationMs: number; state: string; fileName: string | null }[]> =>
    JSON.parse(await (await fetch(`${sluice.rest}/api/recordings`)).text());
  await until('two seconds are recorded', async () => ((await files())[0]?.durationMs ?? 0) > 2000);
  await sluice.post('/rest-api/pull/rtmp/terminate', { uri });
  const name = await until('it is finished', async () => (await files())[0]?.fileName ?? undefined);
  const { video, audio: sound, errors } = await probeFile(join(recorded, name));
  assert.deepEqual([video, sound?.codec, errors], [null, 'aac', '']);
  assert.ok((sound?.durationMs ?? 0) > 2000);
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
