import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { somePull } from './examples.js';
import { type ServerStage, startStage } from './stage.js';

let stage: ServerStage;

before(async () => {
  stage = await startStage();
  stage.streams.pulls = [
    somePull,
    { ...somePull, localName: 'odd = name\n', viewers: 1 },
    { ...somePull, state: 'PENDING' },
  ];
});
after(() => stage.end());

/** As the SDK's REST client parses it (rest-module.js). */
function parse(text: string): Record<string, Record<string, string>> {
  const groups: Record<string, Record<string, string>> = {};
  let group: Record<string, string> | undefined;
  for (const line of text.trimEnd().split('\n')) {
    const name = /^-+([A-z]+) */.exec(line)?.[1]?.toLowerCase();
    if (name !== undefined) {
      group = {};
      groups[name] = group;
      continue;
    }
    const [key = '', value = ''] = line.split('=');
    assert.ok(group !== undefined, 'a line before the first heading');
    group[key] = value;
  }
  return groups;
}

test('the page has all groups and keys that clients of WCS read, zeros where there is nothing', async () => {
  const { status, body, headers } = await stage.ask('/?action=stat&preventCache=1');
  assert.equal(status, 200);
  assert.match(String(headers['content-type']), /^text\/plain/);
  const { connection, port, call, stream, native, core, system, ...others } = parse(body);
  assert.deepEqual(others, {});
  assert.deepEqual(connection, { connections: '0', connections_rtmfp: '0', connections_websocket: '0' });
  assert.deepEqual([port?.ports_media_free, port?.ports_media_busy, port?.ports_media_quarantine], ['999', '2', '0']);
  assert.deepEqual([call, native], [{ calls: '0' }, { native_resources: '0' }]);
  assert.deepEqual(stream, {
    streams_rtsp_in: '0',
    streams_rtsp_out: '0',
    streams_websocket_out: '0',
    streams_rtmp_in: '2',
    streams_rtmp_out: '0',
    streams_webrtc_in: '0',
    streams_webrtc_out: '3',
    streams_rtmfp_in: '0',
    streams_rtmfp_out: '0',
    streams_viewers: 'cam/2;odd%20%3D%20name%0A/1',
    streams_synchronization: '',
  });
  for (const value of Object.values({ ...core, ...system })) assert.match(value, /^\d+(\.\d+)?$/);
  const { core_threads, core_java_openFileDescriptorCount, core_java_processCpuTime } = core ?? {};
  for (const value of [core_threads, core_java_openFileDescriptorCount, core_java_processCpuTime])
    assert.ok(Number(value) > 0);
  const { system_java_cpu_usage, system_memory_total, system_memory_free } = system ?? {};
  assert.ok(Number(system_java_cpu_usage) <= 100 && Number(system_memory_total) > Number(system_memory_free));
});

test('groups are selected by their names, in text and in JSON', async () => {
  const { body } = await stage.ask('/?action=stat&groups=connections_stats,core_stats,nothing');
  assert.deepEqual(Object.keys(parse(body)), ['connection', 'core']);
  const json = (await stage.ask('/?action=stat&format=json&groups=port_stats,streams_stats')).json();
  assert.deepEqual(Object.keys(json), ['port_stats', 'streams_stats']);
  assert.equal(Object(json.streams_stats).streams_rtmp_in, 2);
});

test('the whole as JSON has numbers, and each published stream in transcoding_stats, as the console of WCS wants', async () => {
  const answer = await stage.ask('/?action=stat&format=json');
  assert.match(String(answer.headers['content-type']), /^application\/json/);
  const { transcoding_stats, connections_stats, ...others } = answer.json();
  assert.equal(Object(connections_stats).connections, 0);
  const names = ['port_stats', 'call_stats', 'streams_stats', 'native_resources', 'core_stats', 'system_stats'];
  assert.deepEqual(Object.keys(others), names);
  const info = { cam: { distributors: [] }, 'odd = name\n': { distributors: [] } };
  assert.deepEqual(transcoding_stats, { transcoding_video_full_info: info });
});

test('without a range of media ports none is said to be free', async (t) => {
  const any = await startStage({ settings: { webrtc: { portMin: 0, portMax: 0 } } });
  t.after(() => any.end());
  assert.equal(parse((await any.ask('/?action=stat')).body).port?.ports_media_free, '0');
});
