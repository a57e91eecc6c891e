import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { load } from '../../../src/config/load.js';
import type { Settings } from '../../../src/config/schema.js';
import { parseProperties, readProperties } from '../../../src/config/wcs-properties.js';

const folder = mkdtempSync(join(tmpdir(), 'sluice-wcs-conf-'));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'flashphoner.properties');
const installation = { defaultFile: join(folder, 'missing.yaml'), version: '1.0.0' };

/** The server with this flashphoner.properties, and further flags. */
function started(text: string, ...flags: readonly string[]): { settings: Settings; report: readonly string[] } {
  writeFileSync(path, text);
  const launch = load(['--wcs-conf', folder, ...flags], {}, installation);
  assert.ok(launch.kind === 'run', launch.kind === 'print' ? launch.text : '');
  return { settings: launch.settings, report: launch.wcsReport };
}

test('properties are read as Java reads them', () => {
  const text = '# a comment\n! another\n\n a = 1\nb:2\nc 3\nd=x=y\ne=one,\\\n   two\r\nf\ng=\\\\\nh =\n';
  assert.deepEqual(
    parseProperties(text).map(({ name, value, line }) => [name, value, line]),
    [
      ['a', '1', 4],
      ['b', '2', 5],
      ['c', '3', 6],
      ['d', 'x=y', 7],
      ['e', 'one,two', 9],
      ['f', '', 10],
      ['g', '\\\\', 11],
      ['h', '', 12],
    ],
  );
});

test('ports, addresses and the rest that has a counterpart here are taken over', () => {
  const { settings, report } = started(
    `ws.port =18080
wss.port =18443
http.port=18081
https.port=18444
media_port_from=35001
media_port_to=45000
ip=203.0.113.7
ip_local=0.0.0.0
transcoding_disabled=true
rtmp_in_buffer_enabled=true
rtmp_in_buffer_start_size=400
rtp_activity_detecting=true,60
rest_request_timeout=5
keep_alive_streaming_sessions_enabled=true
streaming_sessions_keep_alive_interval=20000
streaming_sessions_keep_alive_app_keys=defaultApp, other
`,
  );
  const { server, webrtc, media, rtmp, viewers, hooks } = settings;
  assert.deepEqual(
    [server.wsPort, server.wsTlsPort, server.restPort, server.restTlsPort],
    [18080, 18443, 18081, 18444],
  );
  assert.deepEqual(
    [webrtc.portMin, webrtc.portMax, webrtc.announce, webrtc.listen],
    [35001, 45000, ['203.0.113.7'], []],
  );
  assert.deepEqual([media.transcoding, rtmp.smoothMs, viewers.silenceTimeoutMs], [false, 400, 60_000]);
  assert.deepEqual(
    [hooks.timeoutMs, hooks.keepAliveMs, hooks.keepAliveAppKeys],
    [5000, 20_000, ['defaultApp', 'other']],
  );
  assert.equal(report[0], `ws.port in ${path}, line 1: server.wsPort is 18080`);
});

test('switched off is off: no buffer, no hooks, no keep-alive, and bounds hold', () => {
  const off = started(
    'rtmp_in_buffer_enabled=false\nkeep_alive_streaming_sessions_enabled=false\ndisable_rest_requests=true\nrecord_streams=false\n',
  );
  assert.equal(off.settings.recordings.folder, '');
  assert.deepEqual([off.settings.rtmp.smoothMs, off.settings.hooks.keepAliveMs, off.settings.hooks.apps], [0, 0, []]);
  const { settings } = started(
    'rtmp_in_buffer_enabled=true\nrtmp_in_buffer_start_size=9000\nrtp_activity_detecting=true,5\n',
  );
  assert.deepEqual([settings.rtmp.smoothMs, settings.viewers.silenceTimeoutMs], [2000, 15_000]);
});

const meaningless: readonly (readonly [string, RegExp])[] = [
  ['use_fdk_aac=true', /not needed: FFmpeg/],
  ['disable_drop_aac_frame=true', /not needed/],
  ['record_streams=true', /recordings\.all/],
  ['codecs=opus,h264', /what its offer and the source have in common/],
  ['keep_alive.probes=3', /ten without an answer/],
  ['rtmp_in_buffer_overflow_rate=0.15', /rtmp\.smoothMs is one figure/],
  ['rtmp.port=1935', /not taken from publishers/],
  ['hls.enable=true', /server\.hlsPort/],
  ['something_else=1', /not known here/],
  ['wss.keystore.password=pa55', /PEM/],
  ['constructor=1', /not known here/],
];
for (const [line, why] of meaningless) {
  test(`${line.split('=')[0]} is reported with the reason why it has no meaning here, without its value`, () => {
    const { overrides, report } = readProperties(`${line}\n`, 'conf');
    assert.deepEqual(overrides, []);
    assert.equal(report.length, 1);
    assert.match(report[0] ?? '', why);
    assert.doesNotMatch(report[0] ?? '', /pa55/);
  });
}

test('an rtmp_agent.sdp beside it is obeyed', (t) => {
  const sdp = join(folder, 'rtmp_agent.sdp');
  writeFileSync(sdp, 'm=video 0 RTP/AVP 95\na=rtpmap:95 H264/90000\n');
  t.after(() => rmSync(sdp));
  const { settings, report } = started('ws.port=8080\n');
  assert.equal(settings.rtmp.agentSdpFile, sdp);
  assert.equal(report.at(-1), `${sdp}: rtmp.agentSdpFile is this file`);
});

test('variables and flags come before it, and a value that is not allowed is an error that names its line', () => {
  assert.equal(started('ws.port=1000\n', '--server.wsPort=2000').settings.server.wsPort, 2000);
  writeFileSync(path, '# ports\nws.port=many\n');
  const launch = load(['--wcs-conf', folder], {}, installation);
  assert.ok(launch.kind === 'print');
  assert.match(launch.text, /server\.wsPort \(ws\.port in .*flashphoner\.properties, line 2\)/);
});

test('a folder without flashphoner.properties is an error, and --check-config prints the report', () => {
  const missing = load(['--wcs-conf', join(folder, 'nowhere')], {}, installation);
  assert.ok(missing.kind === 'print');
  assert.match(missing.text, /--wcs-conf: .*flashphoner\.properties cannot be read: there is no such file/);
  writeFileSync(path, 'use_fdk_aac=true\n');
  const checked = load(['--wcs-conf', folder, '--check-config'], {}, installation);
  assert.ok(checked.kind === 'print');
  assert.match(checked.text, /use_fdk_aac .*\nconfiguration ok\n$/);
});
