/** A curve of the last ten minutes, in SVG. */
import { html, svg, type TemplateResult } from 'lit';
import type { Sample } from '../../server/api-schemas.js';

const width = 300;
const height = 60;
const spanMs = 600_000;

interface Curve {
  readonly title: string;
  readonly samples: readonly Sample[];
  readonly value: (sample: Sample) => number;
  readonly words: (value: number) => string;
  /** The scale goes to this at least. */
  readonly least: number;
}

/** Its label says what a screen reader is to hear: the newest value, and the largest. */
export function curve({ title, samples, value, words, least }: Curve): TemplateResult {
  const nowMs = samples.at(-1)?.atMs ?? 0;
  const largest = Math.max(least, ...samples.map(value));
  const points = samples.map((sample) => {
    const x = width - ((nowMs - sample.atMs) / spanMs) * width;
    return `${x.toFixed(1)},${(height - 2 - (value(sample) / largest) * (height - 6)).toFixed(1)}`;
  });
  const newest = samples.at(-1);
  const shown = newest === undefined ? '–' : words(value(newest));
  const peak = samples.length === 0 ? '' : `, at most ${words(Math.max(...samples.map(value)))} in ten minutes`;
  const [firstX = ''] = (points[0] ?? '').split(',');
  return html`<figure class="curve">
    <figcaption>${title} <strong>${shown}</strong></figcaption>
    <svg viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" role="img" aria-label="${title}: ${shown}${peak}">
      ${
        points.length < 2
          ? ''
          : svg`<polygon points="${firstX},${height} ${points.join(' ')} ${width},${height}"></polygon>
            <polyline points="${points.join(' ')}"></polyline>`
      }
    </svg>
  </figure>`;
}
