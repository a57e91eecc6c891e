/** The console at `/`: one page for whoever runs the server. Its state comes by /api/events, its actions go by /api. */
import { html, nothing, render, type TemplateResult } from 'lit';
import type { RecordedFile, Stream, Supervision } from '../../server/api-schemas.js';
import type { Cluster } from '../../server/cluster-schemas.js';
import '../player/sluice-player.js';
import { ApiRefusal, createApiClient } from '../api-client.js';
import { elementOf } from '../page-elements.js';
import { clusterView } from './cluster-view.js';
import { configurationView } from './configuration-view.js';
import { keyView } from './key-view.js';
import { createRecordingMedia } from './recording-media.js';
import { type RecordingActions, recordingsView } from './recordings-view.js';
import { type ConsoleState, createServerWatch } from './state.js';
import { type StreamDetails, streamView } from './stream-view.js';
import { streamsView } from './streams-view.js';
import { supervisionView } from './supervision-view.js';
import { currentTheme, nextTheme } from './theme.js';

const root = elementOf('console', HTMLElement);
const keyName = 'sluice-api-key';
const detailsEveryMs = 2000;
const tokenLifetimeS = 86_400;
const noDetails: StreamDetails = { viewers: [], diagnosis: null, log: [], recording: null, files: [], token: null };

let key = sessionStorage.getItem(keyName) ?? '';
const client = createApiClient(new URL('.', document.baseURI), () => key);
let watching = new AbortController();
let state: ConsoleState = createServerWatch(client, watching.signal, draw);
let details = noDetails;
let configuration: object | null = null;
let supervision: Supervision | null = null;
/** Null: this server is in none; undefined: it has not said yet. */
let cluster: Cluster | null | undefined;
let files: readonly RecordedFile[] | null = null;
let filter = '';
let refusal = '';

/** "#/streams/{id}", "#/recordings/{id}", "#/configuration", ..., or all streams. */
function place(): { readonly view: string; readonly id: string } {
  const [, view = '', id = ''] = location.hash.split('/');
  return { view, id: decodeURIComponent(id) };
}

function watchAgain(): void {
  watching.abort();
  watching = new AbortController();
  state = createServerWatch(client, watching.signal, draw);
  draw();
}

/** What a refusal says is shown where the action was. */
async function attempt(action: () => Promise<unknown>): Promise<boolean> {
  try {
    await action();
    refusal = '';
    return true;
  } catch (error) {
    refusal = error instanceof ApiRefusal ? error.message : String(error);
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
    void attempt(async () => {
      await client.call('deleteRecording', { id });
      await loadDetails();
    });
  },
};

function content(): TemplateResult {
  if (state.link === 'forbidden') return keyView(key !== '', takeKey);
  const { view, id } = place();
  if (view === 'configuration') return configurationView(configuration);
  if (view === 'cluster' && cluster) return clusterView(cluster);
  if (view === 'supervision') return supervisionView(supervision);
  if (view === 'recordings') return recordingsView(files, id, recordingActions);
  const stream = view === 'streams' ? state.streams.get(id) : undefined;
  if (stream !== undefined) {
    return streamView(stream, state.samples.get(id) ?? [], details, {
      ...recordingActions,
      onRecord: (isWanted) => void attempt(() => client.call(isWanted ? 'startRecording' : 'stopRecording', { id })),
      onEnd() {
        if (confirm(`End ${stream.name} and the sessions of its ${stream.viewers} viewers?`)) {
          void attempt(() => client.call('deleteStream', { id }));
        }
      },
      onEndViewer: (viewer) => void attempt(() => client.call('deleteViewer', { id: viewer })),
      onRename(name) {
        // Its token is for the old name.
        details = { ...details, token: null };
        void attempt(() => client.call('changeStream', { id, body: { name } }));
      },
    });
  }
  if (view === 'streams' && state.link === 'live') {
    return html`<p><a href="#/">← All streams</a></p><p class="empty">This stream is not there any more.</p>`;
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
      ${cluster ? item('#/cluster', 'Cluster', view === 'cluster') : nothing}
      ${item('#/supervision', 'Supervision', view === 'supervision')}
      ${item('#/configuration', 'Configuration', view === 'configuration')}
      <a href="api-docs">API</a>
  </nav>`;
}

function draw(): void {
  const { view } = place();
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

/** What no event brings: of the stream that is shown. */
async function loadDetails(): Promise<void> {
  const { view, id } = place();
  if (state.link === 'forbidden') return;
  if (view === 'cluster' || cluster === undefined) cluster = await client.call('getCluster').catch(() => cluster);
  if (view === 'supervision') supervision = await client.call('getSupervision').catch(() => null);
  if (view === 'recordings') files = await client.call('listRecordings').catch(() => null);
  if (view === 'configuration') configuration = await client.call('getConfiguration').catch(() => null);
  const stream = view === 'streams' ? state.streams.get(id) : undefined;
  if (stream !== undefined) {
    const [viewers, diagnosis, log, all, recording] = await Promise.all([
      client.call('listViewers', { query: { stream: id } }),
      // Of a stream that does not play at this node another one has it, which lets no page of this one in.
      client.call('getDiagnosis', { id }).catch(() => null),
      client.call('getLog', { id }),
      client.call('listRecordings'),
      stream.isRecording ? client.call('getStreamRecording', { id }).catch(() => null) : null,
    ]).catch(() => [[], null, [], [], null] as const);
    const own = all.filter(({ mediaSessionId }) => mediaSessionId === id);
    if (place().id !== id) return;
    const token = details.token ?? (await tokenFor(stream));
    details = { viewers: [...viewers], diagnosis, log: [...log], recording, files: own, token };
  }
  draw();
}

addEventListener('hashchange', () => {
  details = noDetails;
  refusal = '';
  draw();
  void loadDetails();
});
setInterval(() => void loadDetails(), detailsEveryMs);
draw();
void loadDetails();
