/** One stream: its picture, what stands in its way, its curves, its viewers, its recordings, its log. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Diagnosis, LogLine, RecordedFile, Recording, Sample, Stream, Viewer } from '../../server/api-schemas.js';
import { rate } from '../figures.js';
import { curve } from './curve.js';
import { type RecordingActions, recordingsSection } from './recordings-view.js';
import { stateBadge } from './streams-view.js';
import { duration, encodingWords, fileSize, mediaWords, percent, reasonWords } from './words.js';

export interface StreamDetails {
  /** Null: not told yet. */
  readonly viewers: readonly Viewer[] | null;
  readonly addresses: 'short' | 'full';
  readonly diagnosis: Diagnosis | null;
  readonly log: readonly LogLine[];
  /** What runs. */
  readonly recording: Recording | null;
  /** Of this stream, oldest first. */
  readonly files: readonly RecordedFile[];
  /** To play it by; null: none yet. */
  readonly token: string | null;
}

interface StreamActions extends RecordingActions {
  readonly onRecord: (isWanted: boolean) => void;
  readonly onEnd: () => void;
  readonly onEndViewer: (id: string) => void;
  /** Of its viewers whole addresses are shown from now on, or shortened ones. */
  readonly onAddresses: (areWhole: boolean) => void;
  readonly onRename: (name: string) => void;
}

export function streamView(
  stream: Stream,
  samples: readonly Sample[],
  details: StreamDetails,
  actions: StreamActions,
): TemplateResult {
  const { name, givenName, state, isRecording } = stream;
  const isLive = state === 'PROCESSED_REMOTE';
  const reason = reasonWords(stream);
  const rename = (event: SubmitEvent): void => {
    event.preventDefault();
    if (event.currentTarget instanceof HTMLFormElement)
      actions.onRename(String(new FormData(event.currentTarget).get('name')).trim());
  };
  return html`
    <p><a href="#/">← All streams</a></p>
    <header class="stream-head">
      <h1>${name}</h1>
      <p>${stateBadge(stream)} ${isRecording ? html`<span class="badge">Recording</span>` : nothing} ${reason}</p>
    </header>
    <div class="columns">
      <section aria-label="Picture">
        ${isLive && givenName !== null && details.token !== null ? html`<sluice-player token=${details.token} src=${new URL(`whep/${encodeURIComponent(givenName)}`, document.baseURI).href}></sluice-player>` : html`<p class="no-picture">${reason || 'No picture now'}</p>`}
        ${factsList(stream)}
        <div class="actions">
          ${givenName === null ? nothing : html`<a class="button" href="play/${encodeURIComponent(givenName)}">Page of the stream</a>`}
          <form @submit=${rename} aria-label="Rename"><label>Name <input name="name" required .value=${givenName ?? ''} /></label><button>Rename</button></form>
          <button @click=${() => actions.onRecord(!isRecording)}>${isRecording ? 'End the recording' : 'Record'}</button>
          <button class="danger" @click=${actions.onEnd}>End the stream</button>
        </div>
      </section>
      <section aria-label="The last ten minutes">
        <h2>The last ten minutes</h2>
        ${curve({ title: 'From the source', samples, value: ({ sourceKbps }) => sourceKbps, words: rate, least: 100 })}
        ${curve({ title: 'To viewers', samples, value: ({ sentKbps }) => sentKbps, words: rate, least: 100 })}
        ${curve({ title: 'Frame rate', samples, value: ({ fps }) => fps, words: (fps) => `${fps.toFixed(0)} fps`, least: 30 })}
        ${curve({ title: 'Viewers', samples, value: ({ viewers }) => viewers, words: (viewers) => viewers.toFixed(0), least: 4 })}
        ${curve({ title: 'Loss to viewers', samples, value: ({ lossFraction }) => lossFraction, words: percent, least: 0.05 })}
      </section>
    </div>
    ${diagnosisSection(details.diagnosis)} ${viewersSection(details, actions)}
    ${recordingsSection(details.files, details.recording, actions)} ${logSection(details.log)}
  `;
}

const origins: Readonly<Record<Stream['origin'], string>> = {
  rest: 'a call of the API',
  viewer: 'a viewer',
  config: 'the configuration',
  demo: 'the demo',
  edge: 'another node',
};

function factsList(stream: Stream): TemplateResult {
  const { id, uri, playingUri, origin, restarts, createdAtMs } = stream;
  return html`<dl class="facts-list">
    <dt>Source</dt><dd>${uri}</dd>
    ${playingUri === null || playingUri === uri ? nothing : html`<dt>Plays</dt><dd>${playingUri}</dd>`}
    <dt>Media</dt><dd>${mediaWords(stream)}</dd>
    <dt>Wanted by</dt><dd>${origins[origin]}, for ${duration(Date.now() - createdAtMs)}</dd>
    <dt>Restarts</dt><dd>${restarts}</dd>
    <dt>Id</dt><dd><code>${id}</code></dd>
  </dl>`;
}

const marks = { ok: '✓', info: 'i', warning: '!', error: '✕', unknown: '…' } as const;
const statusWords = { ok: 'well', info: 'note', warning: 'warning', error: 'error', unknown: 'not known' } as const;

function diagnosisSection(diagnosis: Diagnosis | null): TemplateResult {
  return html`<section aria-labelledby="diagnosis">
    <h2 id="diagnosis">From source to picture</h2>
    <ol class="checks" aria-live="polite">
      ${(diagnosis?.checks ?? []).map(
        ({ status, title, evidence, advice, code }) => html`<li data-status=${status}>
          <span class="mark" aria-hidden="true">${marks[status]}</span><span class="hidden-words">${statusWords[status]}:</span>
          <strong>${title}</strong> ${evidence === '' ? nothing : html`<span class="quiet">${evidence}</span>`}
          ${code === 'OK' || code === 'UNKNOWN' ? nothing : html`<code>${code}</code>`}
          ${advice === '' ? nothing : html`<p>${advice}</p>`}
        </li>`,
      )}
    </ol>
  </section>`;
}

type ViewerActions = Pick<StreamActions, 'onEndViewer' | 'onAddresses'>;

type ViewerDetails = Pick<StreamDetails, 'viewers' | 'addresses'>;

function viewersSection(
  { viewers, addresses }: ViewerDetails,
  { onEndViewer, onAddresses }: ViewerActions,
): TemplateResult {
  if (viewers?.length === 0) return html`<section><h2>Viewers</h2><p class="empty">Nobody watches.</p></section>`;
  const row = (viewer: Viewer): TemplateResult => {
    const { id, node, browser, address, protocol, encoding, bitrateKbps, bytesSent } = viewer;
    const { lossFraction, roundTripMs, report } = viewer;
    const frames = report === null ? '–' : String(report.framesDecoded);
    return html`<tr>
      <td>${browser || 'not told'}</td><td>${address}</td><td>${protocol}${node === null ? '' : ` at ${node}`}</td><td>${encodingWords(encoding)}</td>
      <td>${bitrateKbps === null ? '–' : rate(bitrateKbps)}</td>
      <td>${bytesSent === null ? '–' : fileSize(bytesSent)}</td>
      <td>${lossFraction === null ? '–' : percent(lossFraction)}</td>
      <td>${roundTripMs === null ? '–' : `${roundTripMs.toFixed(0)} ms`}</td>
      <td>${frames}</td><td>${duration(Date.now() - viewer.createdAtMs)}</td>
      <td><button @click=${() => onEndViewer(id)} aria-label="End the session of ${browser || 'a viewer'} from ${address}">End</button></td>
    </tr>`;
  };
  const heads = [
    'Browser',
    'Address',
    'By',
    'Encoding',
    'Bitrate',
    'Sent',
    'Loss',
    'Round trip',
    'Frames decoded',
    'For',
    '',
  ];
  return html`<section aria-labelledby="viewers">
    <h2 id="viewers">Viewers</h2>
    <label><input type="checkbox" .checked=${addresses === 'full'} @change=${(event: Event) => event.target instanceof HTMLInputElement && onAddresses(event.target.checked)} /> Whole addresses</label>
    <div class="scroll" tabindex="0" role="region" aria-label="Table of viewers">
      <table>
        <thead><tr>${heads.map((head) => (head === '' ? html`<td></td>` : html`<th scope="col">${head}</th>`))}</tr></thead>
        <tbody>${viewers?.map(row)}</tbody>
      </table>
    </div>
  </section>`;
}

function logSection(lines: readonly LogLine[]): TemplateResult {
  const line = ({ atMs, level, event, fields }: LogLine): TemplateResult => {
    const particulars = Object.entries(fields).filter(([name]) => name !== 'pullId' && name !== 'name');
    return html`<li data-level=${level}>
      <time datetime=${new Date(atMs).toISOString()}>${new Date(atMs).toLocaleTimeString()}</time> <strong>${event}</strong>
      ${particulars.map(([name, value]) => html`<span class="quiet">${name}=${String(value)}</span> `)}
    </li>`;
  };
  return html`<section aria-labelledby="log">
    <h2 id="log">Log</h2>
    <ul class="log scroll" tabindex="0" aria-labelledby="log">${[...lines].reverse().map(line)}</ul>
  </section>`;
}
