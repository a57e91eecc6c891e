/**
 * The player page: plays the stream of `?name=`, of `?src=` (an rtmp:// uri), or of the input box. WCS's parameters are taken
 * too (page-parameters.ts): `?streamName=` fills the box, and plays with `autoplay=true`.
 */
import { rate } from './figures.js';
import { elementOf } from './page-elements.js';
import { onForbiddenServer, readParameters } from './page-parameters.js';
import { wordsOf } from './play-loop.js';
import { createStatsReader, type PlaybackStats } from './playback-stats.js';
import { WhepClient, type WhepState } from './whep-client.js';

/** Without a new frame for so long, the page shows that the source is lost. */
const stillAfterMs = 3000;
const statsEveryMs = 1000;

const video = elementOf('video', HTMLVideoElement);
const stage = elementOf('stage', HTMLElement);
const status = elementOf('status', HTMLElement);
const notice = elementOf('notice', HTMLElement);
const stats = elementOf('stats', HTMLElement);
const input = elementOf('stream', HTMLInputElement);
const unmute = elementOf('unmute', HTMLButtonElement);
const mute = elementOf('mute', HTMLButtonElement);
const stop = elementOf('stop', HTMLButtonElement);

const parameters = readParameters(location);
let client: WhepClient | undefined;
let stillSinceMs = 0;

function describe(state: WhepState): string {
  switch (state.phase) {
    case 'idle':
      return 'Stopped';
    case 'playing':
      return 'Playing';
    default:
      return wordsOf(state);
  }
}

function show(state: WhepState): void {
  const words = describe(state);
  status.textContent = words;
  status.dataset.phase = state.phase;
  notice.textContent = words;
  notice.hidden = state.phase === 'playing' || state.phase === 'connecting';
  stop.hidden = state.phase === 'idle' || state.phase === 'failed';
  stats.hidden = state.phase !== 'playing';
  stillSinceMs = 0;
  showAudio();
}

function showAudio(): void {
  const isPlaying = client?.state.phase === 'playing';
  unmute.hidden = !(isPlaying && video.muted);
  mute.hidden = !(isPlaying && !video.muted);
}

function play(name: string): void {
  client?.stop();
  input.value = name;
  document.title = `${name} · Sluice player`;
  const started = new WhepClient({ endpoint: parameters.endpoint(name), video });
  client = started;
  started.addEventListener('state', () => {
    if (client === started) show(started.state);
  });
  started.start();
}

function showStats(now: PlaybackStats): void {
  const rows: [string, string][] = [
    ['Video', now.width > 0 ? `${now.width} × ${now.height}` : 'none'],
    ['Rate', `${now.framesPerSecond.toFixed(0)} fps`],
    ['Bitrate', rate(now.bitrateKbps)],
    ['Loss', `${(now.lossFraction * 100).toFixed(1)} %`],
    ['Jitter', `${now.jitterMs.toFixed(0)} ms`],
    ['Codecs', now.codecs.join(', ') || 'none'],
  ];
  stats.replaceChildren(
    ...rows.map(([name, value]) => {
      const row = document.createElement('div');
      const term = document.createElement('dt');
      const detail = document.createElement('dd');
      term.textContent = name;
      detail.textContent = value;
      row.append(term, detail);
      return row;
    }),
  );
}

/** While a lost source is dialled again, the server keeps the session: the page shows why the video stands still. */
function showStillness(now: PlaybackStats): void {
  const isMoving = now.framesPerSecond > 0 || now.width === 0;
  stillSinceMs = isMoving ? 0 : stillSinceMs || performance.now();
  const isStill = stillSinceMs > 0 && performance.now() - stillSinceMs > stillAfterMs - statsEveryMs;
  const words = isStill ? 'Waiting for the source…' : describe({ phase: 'playing' });
  if (status.textContent !== words) status.textContent = words;
  status.dataset.phase = isStill ? 'waiting' : 'playing';
}

const readStats = createStatsReader();
setInterval(async () => {
  const reading = client;
  if (reading?.connection === undefined || reading.state.phase !== 'playing') return;
  const now = await readStats(reading.connection);
  if (now === null || reading !== client || reading.state.phase !== 'playing') return;
  showStats(now);
  showStillness(now);
}, statsEveryMs);

unmute.addEventListener('click', () => {
  video.muted = false;
  void video.play();
  mute.focus();
});
mute.addEventListener('click', () => {
  video.muted = true;
});
video.addEventListener('volumechange', showAudio);
stop.addEventListener('click', () => client?.stop());
elementOf('full', HTMLButtonElement).addEventListener('click', () => {
  void (document.fullscreenElement === null ? stage.requestFullscreen() : document.exitFullscreen());
});
elementOf('choose', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  const name = input.value.trim();
  const key = /^rtmps?:\/\//i.test(name) ? 'src' : 'name';
  history.replaceState(null, '', `?${new URLSearchParams({ [key]: name })}`);
  play(name);
});
addEventListener('pagehide', () => client?.stop());
addEventListener('pageshow', (event) => {
  if (event.persisted) client?.start();
});

onForbiddenServer((words) => {
  client?.stop();
  notice.textContent = words;
  notice.hidden = false;
});

const query = new URLSearchParams(location.search);
const wanted = query.get('name') ?? query.get('src') ?? (parameters.autoplay ? parameters.streamName : '');
input.value = parameters.streamName;
if (wanted !== '') play(wanted);
