/** The embedded player of WCS's /embed_player, by WHEP or /mse: the stream of `?streamName=` fills the frame. */
import { MseClient } from './mse-client.js';
import { elementOf } from './page-elements.js';
import { chooseProvider, onForbiddenServer, readParameters } from './page-parameters.js';
import { wordsOf } from './play-loop.js';
import { WhepClient } from './whep-client.js';

const video = elementOf('video', HTMLVideoElement);
const button = elementOf('play', HTMLButtonElement);
const notice = elementOf('notice', HTMLElement);

function tell(words: string): void {
  notice.textContent = words;
  notice.hidden = words === '';
}

const { streamName, autoplay, endpoint } = readParameters(location);
const provider = chooseProvider(location);
const client =
  provider === 'MSE'
    ? new MseClient({ endpoint: endpoint(streamName, 'mse'), video })
    : new WhepClient({ endpoint: endpoint(streamName), video });

client.addEventListener('state', () => {
  const { phase } = client.state;
  document.body.dataset.phase = phase;
  button.hidden = phase !== 'idle' && phase !== 'failed';
  tell(wordsOf(client.state));
});
onForbiddenServer((words) => {
  client.stop();
  tell(words);
});
button.addEventListener('click', () => {
  // A click lets the browser play audio.
  video.muted = false;
  client.start();
  void video.play().catch(() => undefined);
});
addEventListener('pagehide', () => client.stop());

if (streamName === '') tell('The address names no stream: ?streamName=');
else if (provider === null) tell('?mediaProviders= names none that this browser and this server have: WebRTC, MSE');
else {
  video.autoplay = true;
  if (autoplay) client.start();
  else button.hidden = false;
}
