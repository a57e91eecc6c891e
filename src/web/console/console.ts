/** The console at `/`: one page for whoever runs the server. Its state comes by /api/events, its actions go by /api. */
import { html, nothing, render, type TemplateResult } from 'lit';
import type { Stream } from '../../server/api-schemas.js';
import '../player/sluice-player.js';
import { createApiClient, pathOf } from '../api-client.js';
import { HttpRefusal } from '../http-refusal.js';
import { elementOf } from '../page-elements.js';
import { currentTheme, nextTheme } from '../theme.js';
import { clusterView } from './cluster-view.js';
import { configurationView } from './configuration-view.js';
import { keyView } from './key-view.js';
import { createRecordingMedia } from './recording-media.js';
import { type RecordingActions, recordingsView } from './recordings-view.js';
import { type ConsoleState, createServerWatch } from './state.js';
import { type StreamDetails, streamView } from './stream-view.js';
import { streamsView } from './streams-view.js';
import { supervisionView } from './supervision-view.js';

const root = elementOf('console', HTMLElement);
const keyName = 'sluice-api-key';
const tokenLifetimeS = 86_400;
/** After a call that failed. */
const retryMs = 2000;

let key = sessionStorage.getItem(keyName) ?? '';
const client = createApiClient(new URL('.', document.baseURI), () => key);
let watching = new AbortController();
let state: ConsoleState = createServerWatch(client, watching.signal, draw);
/** To play the stream that is shown by; null: none yet. */
let token: string | null = null;
let configuration: object | null = null;
let filter = '';
/** Of viewers. */
let addresses: 'short' | 'full' = 'short';
let refusal = '';

/** "#/streams/{id}", "#/recordings/{id}", "#/configuration", ..., or all streams. */
function place(): { readonly view: string; readonly id: string } {
  const [, view = '', id = ''] = location.hash.split('/');
  return { view, id: decodeURIComponent(id) };
}

/** What is shown of them. */
const viewersOf = (stream: string) => ({ query: { stream, addresses } });

/** What no event of streams brings. */
function watchPage(): void {
  const { view, id } = place();
  const ofStream = [
    pathOf('listViewers', viewersOf(id)),
    pathOf('getDiagnosis', { id }),
    pathOf('getLog', { id }),
    pathOf('getStreamRecording', { id }),
    pathOf('listRecordings'),
  ];
  const pages: Readonly<Record<string, readonly string[]>> = {
    streams: ofStream,
    recordings: [pathOf('listRecordings')],
    supervision: [pathOf('getSupervision')],
  };
  state.watch([pathOf('getCluster'), ...(pages[view] ?? [])]);
}

function watchAgain(): void {
  watching.abort();
  watching = new AbortController();
  state = createServerWatch(client, watching.signal, draw);
  watchPage();
  draw();
}

function detailsOf(id: string): StreamDetails {
  return {
    viewers: state.answer('listViewers', viewersOf(id)) ?? null,
    addresses,
    diagnosis: state.answer('getDiagnosis', { id }) ?? null,
    log: state.answer('getLog', { id }) ?? [],
    recording: state.answer('getStreamRecording', { id }) ?? null,
    files: (state.answer('listRecordings') ?? []).filter(({ mediaSessionId }) => mediaSessionId === id),
    token,
  };
}

/** What a refusal says is shown where the action was. */
async function attempt(action: () => Promise<unknown>): Promise<boolean> {
  try {
    await action();
    refusal = '';
    return true;
  } catch (error) {
    refusal = error instanceof HttpRefusal ? error.message : String(error);
    return false;
  } finally {
    draw();
  }
}

async function add(uri: string, name: string): Promise<void> {
  await attempt(async () => {
    const { id } = await client.call('createStream', { body: { uri, ...(name === '' ? {} : { name }) } });
    location.hash = `#/streams/${id}`;
  });
}

const media = createRecordingMedia(client, draw);
const recordingActions: RecordingActions = {
  media,
  onSave: ({ url, id, fileName }) => void attempt(() => media.save(url, fileName ?? `${id}.mp4`)),
  onDelete({ id, streamName }) {
    if (!confirm(`Delete this recording of ${streamName}?`)) return;
    void attempt(() => client.call('deleteRecording', { id }));
  },
};

function content(): TemplateResult {
  if (state.link === 'forbidden') return keyView(key !== '', takeKey);
  const { view, id } = place();
  if (view === 'configuration') return configurationView(configuration);
  const cluster = state.answer('getCluster');
  if (view === 'cluster' && cluster) return clusterView(cluster);
  if (view === 'supervision') return supervisionView(state.answer('getSupervision') ?? null);
  if (view === 'recordings') return recordingsView(state.answer('listRecordings') ?? null, id, recordingActions);
  const stream = view === 'streams' ? state.streams.get(id) : undefined;
  if (stream !== undefined) {
    return streamView(stream, state.samples.get(id) ?? [], detailsOf(id), {
      ...recordingActions,
      onRecord: (isWanted) => void attempt(() => client.call(isWanted ? 'startRecording' : 'stopRecording', { id })),
      onEnd() {
        if (confirm(`End ${stream.name} and the sessions of its ${stream.viewers} viewers?`)) {
          void attempt(() => client.call('deleteStream', { id }));
        }
      },
      onAddresses(areWhole) {
        addresses = areWhole ? 'full' : 'short';
        watchPage();
      },
      onEndViewer: (viewer) => void attempt(() => client.call('deleteViewer', { id: viewer })),
      onRename(name) {
        void attempt(async () => {
          await client.call('changeStream', { id, body: { name } });
          // Its token is for the old name.
          await loadBeside();
        });
      },
    });
  }
  if (view === 'streams' && state.link === 'live') {
    return html`<p><a href="#/">← All streams</a></p><h1>This stream no longer exists</h1>`;
  }
  return streamsView({
    streams: [...state.streams.values()].sort((a, b) => a.name.localeCompare(b.name)),
    samples: state.samples,
    filter,
    onFilter(text) {
      filter = text;
      draw();
    },
    onAdd: add,
    refusal,
  });
}

function takeKey(text: string): void {
  key = text;
  sessionStorage.setItem(keyName, text);
  watchAgain();
  void loadBeside();
}

function changeTheme(): void {
  nextTheme();
  draw();
}

const links = {
  connecting: 'Connecting…',
  live: '',
  lost: 'The server is away; trying again…',
  forbidden: '',
} as const;

const item = (to: string, words: string, isHere: boolean): TemplateResult =>
  html`<a href=${to} aria-current=${isHere ? 'page' : nothing}>${words}</a>`;

function navigation(): TemplateResult {
  const { view } = place();
  return html`<nav aria-label="Pages">
      ${item('#/', 'Streams', view === '' || view === 'streams')}
      ${item('#/recordings', 'Recordings', view === 'recordings')}
      ${state.answer('getCluster') ? item('#/cluster', 'Cluster', view === 'cluster') : nothing}
      ${item('#/supervision', 'Supervision', view === 'supervision')}
      ${item('#/configuration', 'Configuration', view === 'configuration')}
      <a href="api-docs">API</a>
  </nav>`;
}

/** Of the tab of the browser. */
function title(): string {
  const { view, id } = place();
  const name = view === 'streams' ? (state.streams.get(id)?.name ?? '') : view;
  return name === '' ? 'Sluice' : `${name} · Sluice`;
}

function draw(): void {
  const { view } = place();
  document.title = title();
  render(
    html`<header class="top">
        <p class="brand"><img src="icon.svg" alt="" width="28" height="28" /> Sluice</p>
        ${navigation()}
        <p class="link" role="status">${links[state.link]}</p>
        <button @click=${changeTheme}>Colours: ${currentTheme()}</button>
      </header>
      <main>
        ${view === '' || refusal === '' ? nothing : html`<p class="refusal" role="alert">${refusal}</p>`} ${content()}
      </main>`,
    root,
  );
}

/** The console plays as any viewer does. It is for the page of this stream, which nobody looks at for days. */
async function tokenFor({ givenName, name }: Pick<Stream, 'givenName' | 'name'>): Promise<string> {
  const body = { stream: givenName ?? name, expiresInS: tokenLifetimeS, subject: 'console' };
  return client.call('createToken', { body }).then(
    ({ token }) => token,
    () => '',
  );
}

/** What the page needs beside what is told. */
async function loadBeside(): Promise<void> {
  const { view, id } = place();
  if (state.link === 'forbidden') return;
  if (view === 'configuration') configuration = await client.call('getConfiguration').catch(() => null);
  if (view === 'streams') {
    const made = await client.call('getStream', { id }).then(tokenFor, () => null);
    if (place().id === id) token = made;
    if (made === null && state.streams.has(id)) setTimeout(() => void loadBeside(), retryMs);
  }
  draw();
}

addEventListener('hashchange', () => {
  token = null;
  addresses = 'short';
  refusal = '';
  watchPage();
  draw();
  void loadBeside();
});
watchPage();
draw();
void loadBeside();
