/** What cluster.* may be: nothing of it matters before there is a Redis; then all that a node needs has to be there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from '../../../src/config/load.js';
import { shownSettings } from '../../../src/server/api-configuration.js';

const start = (flags: readonly string[], env = {}) =>
  load(flags, env, { defaultFile: '/nowhere/sluice.yaml', version: '1.0.0' });
const complaintOf = (flags: readonly string[]): string => {
  const launch = start(flags);
  return launch.kind === 'print' ? launch.text : assert.fail('it is taken');
};
const secret = 'a secret of all nodes';
const whole = ['--cluster.redis=redis://redis.example.org', `--cluster.secret=${secret}`, '--rtmpOut.port=1935'];

test('a node that is alone needs nothing', () => assert.equal(start([]).kind, 'run'));

test('with a Redis, a secret and the port of links it is one of many', () => {
  const launch = start([...whole, '--cluster.advertise=fd00::1', '--cluster.httpUrl=https://node1.example.org:8444']);
  if (launch.kind !== 'run') assert.fail(launch.kind === 'print' ? launch.text : launch.kind);
  const { redis, maxChildren, prefix, node } = launch.settings.cluster;
  assert.deepEqual([redis, maxChildren, prefix, node], ['redis://redis.example.org', 8, 'sluice', '']);
});

for (const [flags, complaint] of [
  [['--cluster.redis=redis.example.org'], /cluster\.redis .*redis:\/\/\[user:password@\]host/],
  [
    ['--cluster.redis=redis://h', '--rtmpOut.port=1'],
    /cluster\.secret .*at least 16 characters, the same on all nodes/,
  ],
  [
    ['--cluster.redis=redis://h', `--cluster.secret=${secret}`],
    /rtmpOut\.port .*: 0 is not allowed; give a port such as 1935/,
  ],
  [
    [...whole, '--cluster.redis=redis://:one@h', '--cluster.redisPassword=two'],
    /cluster\.redisPassword .*stands in cluster\.redis/,
  ],
  [[...whole, '--cluster.caFile=ca.pem'], /cluster\.caFile .*rediss:\/\//],
  [[...whole, '--cluster.advertise=node1:1935'], /cluster\.advertise .*without a port/],
  [[...whole, '--cluster.httpUrl=https://node1/sluice'], /cluster\.httpUrl .*without a path/],
  [[...whole, '--cluster.httpUrl=node1'], /cluster\.httpUrl .*"https:\/\/node1\.example\.org:8444"/],
  [[...whole, '--cluster.wsUrl=https://node1'], /cluster\.wsUrl .*"wss:\/\//],
  [[...whole, '--cluster.prefix=all*'], /cluster\.prefix .*letters, digits/],
  [['--cluster.maxChildren=0'], /cluster\.maxChildren .*from 1 to 1000/],
] as const) {
  test(`${flags.join(' ')} is refused with the way out`, () => assert.match(complaintOf(flags), complaint));
}

test('no secret of it is in an error, nor in what is shown of the configuration', () => {
  const text = complaintOf([
    '--cluster.redis=redis://:hunter2@h:0',
    '--cluster.redisPassword=hunter2',
    '--cluster.secret=hunter2',
    '--cluster.maxChildren=0',
  ]);
  assert.match(text, /cluster\.secret/);
  assert.doesNotMatch(text, /hunter2/);
  const twice = complaintOf([...whole, '--cluster.redis=redis://:hunter2@h', '--cluster.redisPassword=hunter2']);
  assert.doesNotMatch(twice, /hunter2/);
  const wrong = complaintOf([...whole, '--cluster.redis=redis://:hunter2@h/x']);
  assert.match(wrong, /cluster\.redis .*"redis:\/\/\*\*\*@h/);
  assert.doesNotMatch(wrong, /hunter2/);
  const launch = start([...whole, '--cluster.redis=rediss://sluice:hunter2@h']);
  if (launch.kind !== 'run') assert.fail();
  const shown = JSON.stringify(shownSettings(launch.settings));
  assert.match(shown, /rediss:\/\/\*\*\*@h/);
  assert.ok(!shown.includes('hunter2') && !shown.includes(secret));
});
