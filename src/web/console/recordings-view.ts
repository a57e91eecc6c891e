/** Recordings: what there is, to play, to save and to delete. */
import { html, nothing, type TemplateResult } from 'lit';
import type { RecordedFile, Recording } from '../../server/api-schemas.js';
import { clock } from '../figures.js';
import type { RecordingMedia } from './recording-media.js';
import { fileSize } from './words.js';

export interface RecordingActions {
  readonly media: Pick<RecordingMedia, 'source'>;
  readonly onSave: (file: RecordedFile) => void;
  readonly onDelete: (file: RecordedFile) => void;
}

/** `files`: oldest first; null: they are on their way. `chosenId`: which one plays. */
export function recordingsView(
  files: readonly RecordedFile[] | null,
  chosenId: string,
  actions: RecordingActions,
): TemplateResult {
  const chosen = files?.find(({ id }) => id === chosenId);
  return html`<h1>Recordings</h1>
    ${chosen === undefined ? nothing : playback(chosen, actions.media)}
    ${
      files === null
        ? html`<p class="empty">Loading…</p>`
        : files.length === 0
          ? html`<p class="empty">Nothing is recorded yet. The page of a stream begins it, where recordings.folder is set.</p>`
          : filesTable(files, actions)
    }`;
}

/** The console of the node that has it, where that is another one: pages of this one are not let in there. */
const elsewhere = ({ url, id }: RecordedFile): string | null =>
  url.startsWith('/') ? null : url.replace(/\/api\/recordings\/.*$/, `/#/recordings/${id}`);

function playback(file: RecordedFile, media: RecordingActions['media']): TemplateResult {
  const there = elsewhere(file);
  if (there !== null) return html`<p class="empty">This file is at <a href=${there}>${file.node}</a>.</p>`;
  const source = media.source(file.url);
  return html`<section aria-labelledby="playback">
    <h2 id="playback">${file.streamName}, ${began(file)}</h2>
    ${source === '' ? html`<p class="empty">Loading…</p>` : html`<video class="recorded" controls autoplay src=${source} aria-labelledby="playback"></video>`}
  </section>`;
}

const began = ({ startedAtMs }: RecordedFile): string => new Date(startedAtMs).toLocaleString();

const stateWords = { recording: 'is recorded now', recorded: 'is being finished', finished: 'finished' } as const;

function tracksOf({ videoCodec, audioCodec, width, height }: RecordedFile): string {
  const video = videoCodec === null ? '' : `${videoCodec}${width > 0 ? ` ${width} × ${height}` : ''}`;
  return [video, audioCodec ?? ''].filter((words) => words !== '').join(', ');
}

/** The newest is the first row. */
function filesTable(files: readonly RecordedFile[], { media, onSave, onDelete }: RecordingActions): TemplateResult {
  const row = (file: RecordedFile): TemplateResult => {
    const { id, streamName, startedAtMs, durationMs, sizeBytes, state, thumbnailUrl } = file;
    const which = `${streamName} of ${began(file)}`;
    const there = elsewhere(file);
    const picture = thumbnailUrl === null || there !== null ? '' : media.source(thumbnailUrl);
    return html`<tr>
      <td>${picture === '' ? nothing : html`<img class="thumbnail" alt="" loading="lazy" src=${picture} />`}</td>
      <td><strong>${streamName}</strong></td>
      <td><time datetime=${new Date(startedAtMs).toISOString()}>${began(file)}</time></td>
      <td>${clock(durationMs)}</td><td>${fileSize(sizeBytes)}</td>
      <td>${tracksOf(file)}</td>
      <td>${stateWords[state]}</td>
      ${
        there === null
          ? html`<td>
              <a class="button" href="#/recordings/${id}" aria-label="Play ${which}">Play</a>
              <button @click=${() => onSave(file)} aria-label="Download ${which}">Download</button>
              <button class="danger" ?disabled=${state !== 'finished'} @click=${() => onDelete(file)} aria-label="Delete ${which}">Delete</button>
            </td>`
          : html`<td><a class="button" href=${there} aria-label="Open ${which} at ${file.node}">At ${file.node}</a></td>`
      }
    </tr>`;
  };
  const heads = ['Stream', 'Began', 'Length', 'Size', 'Media', 'State'];
  return html`<div class="scroll tall" tabindex="0" role="region" aria-label="Table of recordings">
    <table class="stacked">
      <thead><tr><td></td>${heads.map((head) => html`<th scope="col">${head}</th>`)}<td></td></tr></thead>
      <tbody>${[...files].reverse().map(row)}</tbody>
    </table>
  </div>`;
}

/** On the page of a stream. `recording`: what runs. */
export function recordingsSection(
  files: readonly RecordedFile[],
  recording: Recording | null,
  actions: RecordingActions,
): TemplateResult | typeof nothing {
  const trouble = recording?.trouble ?? null;
  if (files.length === 0 && trouble === null) return nothing;
  return html`<section aria-labelledby="recordings">
    <h2 id="recordings">Recordings</h2>
    ${trouble === null ? nothing : html`<p class="refusal" role="alert">Nothing is written now: ${trouble.detail} <code>${trouble.code}</code></p>`}
    ${files.length === 0 ? nothing : filesTable(files, actions)}
  </section>`;
}
