/**
 * The page of WCS's quick manual, Two-way Streaming, as far as it plays: connect to the signalling, play a name or an rtmp://
 * address, ask whether it is available, stop. `?urlServer=` and `?streamName=` fill the boxes.
 */
import { elementOf } from './page-elements.js';
import { onForbiddenServer } from './page-parameters.js';
import { type PlayStatus, type SessionStatus, WcsClient } from './wcs-client.js';

const url = elementOf('url', HTMLInputElement);
const connect = elementOf('connect', HTMLButtonElement);
const session = elementOf('session', HTMLElement);
const video = elementOf('video', HTMLVideoElement);
const stream = elementOf('stream', HTMLInputElement);
const play = elementOf('play', HTMLButtonElement);
const available = elementOf('available', HTMLButtonElement);
const status = elementOf('playback', HTMLElement);

let client: WcsClient | undefined;
let stop: (() => void) | undefined;

function showSession(now: SessionStatus): void {
  const isOpen = now === 'ESTABLISHED';
  session.textContent = now;
  connect.textContent = isOpen ? 'Disconnect' : 'Connect';
  connect.disabled = now === 'PENDING';
  url.disabled = isOpen || now === 'PENDING';
  play.disabled = !isOpen;
  available.disabled = !isOpen;
  if (!isOpen && now !== 'PENDING') client = undefined;
}

function showPlay({ status: now, info }: PlayStatus): void {
  const isOver = now === 'STOPPED' || now === 'FAILED';
  status.textContent = info === '' ? now : `${now}: ${info}`;
  play.textContent = isOver ? 'Play' : 'Stop';
  stream.disabled = !isOver;
  if (isOver) stop = undefined;
}

elementOf('connection', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  if (client !== undefined) {
    client.disconnect();
    return;
  }
  try {
    client = new WcsClient(url.value.trim(), showSession);
  } catch {
    session.textContent = 'Not an address of signalling: it begins with ws:// or wss://';
  }
});
elementOf('player', HTMLFormElement).addEventListener('submit', async (event) => {
  event.preventDefault();
  if (stop !== undefined) stop();
  else stop = await client?.play(stream.value.trim(), video, showPlay);
});
available.addEventListener('click', async () => {
  const why = await client?.available(stream.value.trim());
  if (why !== undefined) status.textContent = why === null ? 'AVAILABLE' : `UNAVAILABLE: ${why}`;
});
onForbiddenServer((words) => {
  session.textContent = words;
});

const query = new URLSearchParams(location.search);
url.value = query.get('urlServer') ?? `${location.protocol.replace('http', 'ws')}//${location.host}`;
stream.value = query.get('streamName') ?? '';
