/**
 * Viewers of a whole server on another host: `network-watcher REST-ORIGIN NAME COUNT OWN-ADDRESS` plays by WHEP. For each
 * path that comes on stdin it asks the server, and prints the body as a JSON string.
 */
import { createInterface } from 'node:readline';
import { joinWhep } from '../viewer/whep-viewer.js';

const [origin = '', name = '', count = '', localAddress = ''] = process.argv.slice(2);

for (let n = 0; n < Number(count); n += 1) {
  await joinWhep(`${origin}/whep/${name}`, { address: new URL(origin).hostname, localAddress });
}
console.log('up');
for await (const path of createInterface({ input: process.stdin })) {
  const answer = await fetch(`${origin}${path}`);
  console.log(JSON.stringify(await answer.text()));
}
