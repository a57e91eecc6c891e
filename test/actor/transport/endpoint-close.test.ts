import assert from 'node:assert/strict';
import { admit, withEachReceiver } from '../../support/fanout/endpoint-stage.js';

const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

// Alone in its file: the timers of other tests would count.
withEachReceiver('leaves no timer and a free port when it is closed in the middle of a handshake', async (open) => {
  const idle = timers();
  const stage = await open();
  const { client, credentials } = await admit(stage, 'a');
  await client.check(credentials);
  const replied = new Promise<void>((resolve) => {
    const { onHandleHandshakes } = client.dtls;
    client.dtls.onHandleHandshakes = async (messages) => {
      // ServerHelloDone ends the server's flight, which nobody answers.
      if (messages.some(({ msg_type }) => msg_type === 14)) resolve();
      else await onHandleHandshakes(messages);
    };
  });
  client.dtls.connect().catch(() => {});
  await replied;
  assert.equal(timers(), idle + 1, 'the sweep');
  await stage.endpoint.close();
  client.close();
  assert.equal(timers(), idle);
  const next = await open({ portMin: stage.port, portMax: stage.port });
  await next.endpoint.close();
});
