import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Environment } from '../../../src/config/environment.js';
import { type Launch, load } from '../../../src/config/load.js';
import { settingsSchema } from '../../../src/config/schema.js';

const folder = mkdtempSync(join(tmpdir(), 'sluice-config-'));
after(() => rmSync(folder, { recursive: true }));

let files = 0;
const fileOf = (text: string): string => {
  files += 1;
  const path = join(folder, `${files}.yaml`);
  writeFileSync(path, text);
  return path;
};

const start = (argv: readonly string[], env: Environment = {}, text = ''): Launch =>
  load(argv, env, { defaultFile: fileOf(text), version: '9.8.7' });

const settingsOf = (launch: Launch) => {
  assert.equal(launch.kind, 'run', launch.kind === 'print' ? launch.text : '');
  return launch.kind === 'run' ? launch.settings : assert.fail();
};

const complaintOf = (launch: Launch): string => {
  assert.equal(launch.kind, 'print');
  if (launch.kind !== 'print') assert.fail();
  assert.equal(launch.exitCode, 1);
  return launch.text;
};

test('without file, variables and flags every key has its default', () => {
  const launch = load([], {}, { defaultFile: join(folder, 'missing.yaml'), version: '1.0.0' });
  assert.deepEqual(settingsOf(launch), settingsSchema.parse({}));
});

test('a variable overrides the file, and a flag both', () => {
  const text = 'rtmp:\n  connectTimeoutMs: 1\n  dialogueTimeoutMs: 2\n  silenceTimeoutMs: 3\n';
  const env = { SLUICE_RTMP_CONNECT_TIMEOUT_MS: '10', SLUICE_RTMP_DIALOGUE_TIMEOUT_MS: '20' };
  const { rtmp } = settingsOf(start(['--rtmp.connectTimeoutMs=100'], env, text));
  assert.deepEqual([rtmp.connectTimeoutMs, rtmp.dialogueTimeoutMs, rtmp.silenceTimeoutMs], [100, 20, 3]);
});

test('the value of a flag follows = or is the next argument', () => {
  assert.equal(settingsOf(start(['--server.restPort=9000'])).server.restPort, 9000);
  assert.equal(settingsOf(start(['--server.restPort', '9000'])).server.restPort, 9000);
});

test('--no-demo switches the demo off', () => {
  assert.equal(settingsOf(start(['--no-demo'])).demo.enabled, false);
});

test('lists are comma separated in variables and flags, and may be empty', () => {
  const env = { SLUICE_WEBRTC_LISTEN: '127.0.0.1, ::1', SLUICE_CONTROL_ALLOW: '' };
  const { webrtc, control } = settingsOf(start([], env));
  assert.deepEqual(webrtc.listen, ['127.0.0.1', '::1']);
  assert.deepEqual(control.allow, []);
});

test('a section with all its keys commented out has its defaults', () => {
  assert.deepEqual(settingsOf(start([], {}, 'server:\n#  restPort: 1\n')).server, settingsSchema.parse({}).server);
});

test('streams of the file have the defaults of the REST request', () => {
  const { streams } = settingsOf(start([], {}, 'streams:\n  - uri: rtmp://127.0.0.1/live/a\n    hasAudio: false\n'));
  assert.deepEqual(streams, [{ uri: 'rtmp://127.0.0.1/live/a', record: false, hasAudio: false, hasVideo: true }]);
});

test('the error of a wrong value has its key, its origin, and what is allowed', () => {
  assert.match(
    complaintOf(start(['--rtmp.connectTimeoutMs=fast'])),
    /rtmp\.connectTimeoutMs \(flag --rtmp\.connectTimeoutMs\): "fast" is not allowed; give a whole number from 1 to 86400000/,
  );
  assert.match(
    complaintOf(start([], { SLUICE_LOG_LEVEL: 'loud' })),
    /log\.level \(variable SLUICE_LOG_LEVEL\): "loud" is not allowed; give one of trace, debug, info/,
  );
  assert.match(
    complaintOf(start([], {}, '# first\nserver:\n  host: a\n  restPort: 70000\n')),
    /server\.restPort \(.*\.yaml, line 4\): 70000 is not allowed; give a whole number from 0 to 65535/,
  );
  assert.match(
    complaintOf(start(['--media.opusFrameMs=30'])),
    /: 30 is not allowed; give a multiple of 20 from 20 to 40/,
  );
});

test('all errors are reported at once, one per line', () => {
  const text = complaintOf(start(['--demo.fps=0', '--log.format=xml'], { SLUICE_DEMO_WIDTH: '641' }));
  assert.equal(text.trimEnd().split('\n').length, 4);
  assert.match(text, /demo\.width .*an even whole number/);
});

test('the error of an unknown key has its line and the most similar key', () => {
  assert.match(
    complaintOf(start([], {}, 'server:\n  restprot: 1\n')),
    /server\.restprot \(.*line 2\): there is no such key; did you mean restPort\?/,
  );
  assert.match(complaintOf(start([], {}, 'sever:\n  restPort: 1\n')), /sever .*did you mean server\?/);
});

test('an unknown flag, an argument that is no flag and a flag without a value are refused', () => {
  const text = complaintOf(start(['--server.restprot=1', 'hello', '--log.level']));
  assert.match(text, /--server\.restprot is not a flag; did you mean --server\.restPort\?/);
  assert.match(text, /"hello" is not a command or flag; see --help/);
  assert.match(complaintOf(start(['stats'])), /"stats" is not a command or flag; did you mean status\?/);
  assert.match(text, /--log\.level needs a value/);
  assert.match(complaintOf(start(['--log.level', '--no-demo'])), /--log\.level needs a value/);
  assert.match(complaintOf(start(['--no-demo=yes'])), /--no-demo takes no value/);
});

test('an unknown variable gives a warning with the most similar one, one of the tests does not', () => {
  const launch = start([], { SLUICE_SERVER_REST_PROT: '1', SLUICE_TEST_CHROMIUM: '/bin/true', HOME: '/' });
  assert.deepEqual(launch.kind === 'run' && launch.warnings, [
    'SLUICE_SERVER_REST_PROT names no key; did you mean SLUICE_SERVER_REST_PORT?',
  ]);
});

test('secrets are not repeated in an error', () => {
  const text = complaintOf(
    start(['--control.apiKeys=tooshort'], {}, 'streams:\n  - uri: ftp://user:hunter2@host/live/a\nfoo: 1\n'),
  );
  assert.match(text, /control\.apiKeys\[0\]/);
  assert.doesNotMatch(text, /tooshort|hunter2/);
  const valid = complaintOf(start([], {}, 'streams:\n  - uri: ftp://user:hunter2@host/live/a\n'));
  assert.match(valid, /streams\[0\]\.uri \(.*line 2\)/);
  assert.doesNotMatch(valid, /hunter2/);
});

test('the error of malformed YAML has the line, and not its text', () => {
  const text = complaintOf(start([], {}, 'control:\n  apiKeys: [verysecretkey\nserver: {}\n'));
  assert.match(text, /line \d/);
  assert.doesNotMatch(text, /verysecretkey/);
  assert.match(complaintOf(start([], {}, '- a\n- b\n')), /a list is not allowed; give keys: server/);
});

test('a file named by --config must exist', () => {
  assert.match(
    complaintOf(start(['--config', join(folder, 'no.yaml')])),
    /no\.yaml cannot be read: there is no such file/,
  );
  const { server } = settingsOf(start([`--config=${fileOf('server: { restPort: 7 }')}`], {}, 'server: { wsPort: 8 }'));
  assert.deepEqual([server.restPort, server.wsPort], [7, 8080]);
});

test('pairs of keys, addresses and ranges are checked', () => {
  const cases: readonly [argv: readonly string[], complaint: RegExp][] = [
    [
      ['--webrtc.portMin=5', '--webrtc.portMax=4'],
      /webrtc\.portMin .*: 5 is not allowed; give at most webrtc\.portMax \(4\)/,
    ],
    [['--webrtc.portMin=0'], /webrtc\.portMin .*0 only together with webrtc\.portMax 0/],
    [['--webrtc.singlePort=5', '--webrtc.fanout=js'], /webrtc\.singlePort .*0 with webrtc\.fanout js/],
    [['--server.tlsCertFile=a.pem'], /server\.tlsKeyFile .*the other one of the pair/],
    [
      ['--server.tlsCertFile=a', '--server.tlsKeyFile=b', '--server.wsTlsPort=8081'],
      /server\.restPort .*8081 is not allowed; give a port that differs from the TLS ports/,
    ],
    [['--control.allow=10.0.0.0/33'], /control\.allow\[0\] .*"10\.0\.0\.0\/33" is not allowed; give an address/],
    [['--pulls.viewerAllow=10.0.0.0/8,host'], /pulls\.viewerAllow\[1\] .*"host"/],
    [['--pulls.restDeny=1.2.3'], /pulls\.restDeny\[0\]/],
    [['--webrtc.listen=10.0.0.0/8'], /webrtc\.listen\[0\] .*an IP address/],
    [['--webrtc.announce=example.org'], /webrtc\.announce\[0\]/],
    [['--control.origins=https://a.example/path'], /control\.origins\[0\] .*without a path/],
    [['--control.origins=null'], /control\.origins\[0\] .*without a path/],
    [['--rtmp.reconnectFirstMs=6000'], /rtmp\.reconnectFirstMs .*at most rtmp\.reconnectMaxMs \(5000\)/],
  ];
  for (const [argv, complaint] of cases) assert.match(complaintOf(start(argv)), complaint);
});

test('free and shared ports and valid addresses are accepted', () => {
  settingsOf(
    start([
      '--server.restTlsPort=8081',
      '--server.restPort=0',
      '--server.wsPort=0',
      '--webrtc.portMin=0',
      '--webrtc.portMax=0',
      '--control.allow=10.0.0.0/8,fd00::/8,192.0.2.1',
      '--control.origins=https://a.example:8443,https://B.example/,chrome-extension://aejoelaoggembcahagimdiliamlcdmfm',
    ]),
  );
  settingsOf(start(['--server.restPort=8080', '--server.wsPort=8080']));
});

test('two streams of one name are refused, and one with the name of the demo if that is enabled', () => {
  const twice =
    'streams:\n  - { uri: rtmp://h/a/b, localStreamName: x }\n  - { uri: rtmp://h/a/c, localStreamName: x }\n';
  assert.match(complaintOf(start([], {}, twice)), /streams\[1\]\.localStreamName .*a name that no other stream has/);
  const demo = 'streams:\n  - { uri: rtmp://h/a/b, localStreamName: demo }\n';
  assert.match(complaintOf(start([], {}, demo)), /streams\[0\]\.localStreamName/);
  settingsOf(start(['--no-demo'], {}, demo));
});

test('a stream has uri, uris or both, and at least one of them', () => {
  const stream = (text: string) => start(['--no-demo'], {}, `streams:\n  - ${text}\n`);
  const both = settingsOf(stream('{ uri: rtmp://h/a/b, uris: [rtmp://h/a/c, rtmp://h/a/d] }'));
  assert.deepEqual(both.streams[0]?.uris, ['rtmp://h/a/c', 'rtmp://h/a/d']);
  settingsOf(stream('{ uris: [rtmp://h/a/c] }'));
  assert.match(complaintOf(stream('{ localStreamName: x }')), /streams\[0\]\.uri .*a value is missing; give rtmp:/);
  assert.match(complaintOf(stream('{ uris: [rtmp://h/a/b, x] }')), /streams\[0\]\.uris\[1\] .*"x" is not allowed/);
});

test('--help lists every key as a flag, --version asks for the versions, --check-config the result', () => {
  const help = start(['--help']);
  assert.equal(help.kind === 'print' && help.exitCode, 0);
  assert.match(
    help.kind === 'print' ? help.text : '',
    /--rtmp\.connectTimeoutMs +a whole number from 1 to 86400000 \(5000\)/,
  );
  assert.deepEqual(start(['--version']), { kind: 'version' });
  assert.deepEqual(start(['-v']), { kind: 'version' });
  assert.deepEqual(start(['--check-config']), { kind: 'print', text: 'configuration ok\n', exitCode: 0 });
  assert.match(complaintOf(start(['--check-config', '--demo.fps=x'])), /demo\.fps/);
});

test('an alias without an anchor, and too many aliases, are errors', () => {
  assert.match(complaintOf(start([], {}, 'server:\n  host: *a\n')), /Unresolved alias/);
  const bomb = [
    'a: &a [1]',
    ...[...'bcdefgh'].map((name, at) => `${name}: &${name} [${`*${'abcdefg'[at]},`.repeat(9)}]`),
  ];
  assert.match(complaintOf(start([], {}, `${bomb.join('\n')}\nserver: *h\n`)), /Excessive alias count/);
});
