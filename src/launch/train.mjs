// Runs what was just built for some seconds, with its demo source, without and with a viewer, so that worker threads leave the code
// that V8 has compiled of their scripts (actors/runtime/thread.ts): from the first start on a stream and its first viewer begin
// with it.
// A process of its own: `node train.mjs FOLDER`, where the build stands in FOLDER/.build.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { RTCPeerConnection } from 'werift';

const ports = ['server.restPort', 'server.wsPort', 'demo.port', 'webrtc.portMin', 'webrtc.portMax'];
const loopback = ['--server.host=127.0.0.1', '--webrtc.listen=127.0.0.1', ...ports.map((name) => `--${name}=0`)];
/** A stream, and then its viewer, have so long to run what they run. */
const runMs = 2000;
const limitMs = 30_000;

const dist = join(process.argv[2], '.build/dist');
const main = join(dist, 'main/main.mjs');
const actors = join(dist, 'actors');
const server = spawn(
  process.execPath,
  [main, ...loopback, '--log.format=json', '--demo.enabled=true', '--pulls.stateFile='],
  {
    env: { ...process.env, SLUICE_CODE_AT_END: '1' },
    stdio: ['ignore', 'pipe', 'ignore'],
  },
);
const giveUp = (why) => {
  console.error(`Each thread will compile its code for itself at first: ${why}`);
  server.kill('SIGKILL');
  process.exit(1);
};
setTimeout(giveUp, limitMs, 'the first run took too long');

/** Resolves with the first line of the log that tells this event. */
const lines = createInterface({ input: server.stdout });
const logged = (event) =>
  new Promise((resolve) => {
    lines.on('line', (line) => {
      const told = line.startsWith('{') ? JSON.parse(line) : {};
      if (told.event === event) resolve(told);
    });
  });

const hasCode = (script) =>
  readdirSync(actors).some((name) => name.startsWith('code-') && existsSync(join(actors, name, script)));

async function watch(restPort) {
  const viewer = new RTCPeerConnection({});
  for (const kind of ['video', 'audio']) viewer.addTransceiver(kind, { direction: 'recvonly' });
  await viewer.setLocalDescription(await viewer.createOffer());
  const answer = await fetch(`http://127.0.0.1:${restPort}/whep/demo`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/sdp' },
    body: viewer.localDescription.sdp,
  });
  if (answer.status !== 201) throw new Error(`WHEP answered ${answer.status}`);
  const connected = viewer.connectionStateChange.watch((state) => state === 'connected');
  await viewer.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
  await connected;
}

try {
  const [{ restPort }] = await Promise.all([logged('server.listening'), logged('video.path')]);
  await delay(runMs);
  await watch(restPort);
  await delay(runMs);
  server.kill('SIGTERM');
  await once(server, 'exit');
  if (!hasCode('stream.cjs')) giveUp('the thread of the stream has left none');
  process.exit(0);
} catch (error) {
  giveUp(error.message);
}
