/** All streams at a glance, and the form that adds one. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Sample, Stream } from '../../server/api-schemas.js';
import { rate } from '../figures.js';
import { curve } from './curve.js';
import { mediaWords, moodOf, reasonWords } from './words.js';

interface StreamsView {
  readonly streams: readonly Stream[];
  readonly samples: ReadonlyMap<string, readonly Sample[]>;
  readonly filter: string;
  readonly onFilter: (text: string) => void;
  /** Resolves with words when it was refused. */
  readonly onAdd: (uri: string, name: string) => Promise<void>;
  readonly refusal: string;
}

/** Pictures are made again so often. */
const pictureMs = 10_000;

export function streamsView({ streams, samples, filter, onFilter, onAdd, refusal }: StreamsView): TemplateResult {
  const wanted = filter.toLowerCase();
  const shown = streams.filter(({ name, uri, stateText }) =>
    `${name} ${uri} ${stateText}`.toLowerCase().includes(wanted),
  );
  const live = streams.filter(({ state }) => state === 'PROCESSED_REMOTE').length;
  const viewers = streams.reduce((sum, stream) => sum + stream.viewers, 0);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.currentTarget;
    if (!(form instanceof HTMLFormElement)) return;
    const data = new FormData(form);
    void onAdd(String(data.get('uri')).trim(), String(data.get('name')).trim());
  };
  return html`
    <h1>Streams</h1>
    <section class="totals" aria-label="Totals">
      <p><strong>${streams.length}</strong> ${streams.length === 1 ? 'stream' : 'streams'}</p>
      <p><strong>${live}</strong> live</p>
      <p><strong>${viewers}</strong> ${viewers === 1 ? 'viewer' : 'viewers'}</p>
    </section>
    <form class="add" @submit=${submit} aria-label="Add a stream">
      <label>Address <input name="uri" required placeholder="rtmp://host/app/stream" autocomplete="off" spellcheck="false" /></label>
      <label>Name <input name="name" placeholder="as viewers call it" autocomplete="off" spellcheck="false" /></label>
      <button class="primary">Pull</button>
      ${refusal === '' ? nothing : html`<p class="refusal" role="alert">${refusal}</p>`}
    </form>
    <label class="filter">Find <input type="search" .value=${filter} @input=${(event: InputEvent) => event.target instanceof HTMLInputElement && onFilter(event.target.value)} /></label>
    <ul class="streams">
      ${shown.map((stream) => card(stream, samples.get(stream.id) ?? []))}
    </ul>
    ${shown.length > 0 ? nothing : html`<p class="empty">${streams.length === 0 ? 'No stream yet. Pull one: its address is all it takes.' : 'No stream has that in its name, address or state.'}</p>`}
  `;
}

function card(stream: Stream, samples: readonly Sample[]): TemplateResult {
  const { id, name, givenName, viewers, restarts, alerts } = stream;
  const reason = reasonWords(stream);
  const [alert] = alerts;
  const kbps = samples.at(-1)?.sourceKbps ?? 0;
  return html`<li class="card" data-mood=${moodOf(stream)}>
    <a class="picture" href="#/streams/${encodeURIComponent(id)}" tabindex="-1" aria-hidden="true">
      ${givenName === null || stream.state !== 'PROCESSED_REMOTE' ? nothing : picture(givenName)}
    </a>
    <div class="facts">
      <h2><a href="#/streams/${encodeURIComponent(id)}">${name}</a></h2>
      <p class="state">${stateBadge(stream)} ${reason}</p>
      ${alert === undefined || reason !== '' ? nothing : html`<p class="alert" data-status=${alert.status}>${alert.title}</p>`}
      <p class="quiet">${mediaWords(stream)}</p>
      <p class="quiet">${viewers} ${viewers === 1 ? 'viewer' : 'viewers'} · ${rate(kbps)}${restarts === 0 ? '' : ` · ${restarts} restarts`}</p>
      ${curve({ title: 'Bitrate', samples, value: ({ sourceKbps }) => sourceKbps, words: rate, least: 100 })}
    </div>
  </li>`;
}

export const stateBadge = (stream: Stream): TemplateResult =>
  html`<span class="badge" data-mood=${moodOf(stream)}>${stream.stateText}</span>`;

const picture = (name: string): TemplateResult =>
  html`<img alt="" loading="lazy" src="poster/${encodeURIComponent(name)}?t=${Math.floor(Date.now() / pictureMs)}"
    @error=${show(false)} @load=${show(true)} />`;

const show =
  (isGood: boolean) =>
  (event: Event): void => {
    if (event.target instanceof HTMLImageElement) event.target.hidden = !isGood;
  };
