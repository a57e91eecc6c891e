/** The tree of threads, as the supervisor sees it. */
import { html, nothing, type TemplateResult } from 'lit';
import type { SupervisedThread, Supervision } from '../../server/supervision-schemas.js';
import { rate } from '../figures.js';
import { duration, percent } from './words.js';

const megabytes = (bytes: number): string => `${(bytes / 1_048_576).toFixed(0)} MB`;

export function supervisionView(supervision: Supervision | null): TemplateResult {
  if (supervision === null) return html`<h1>Supervision</h1><p class="empty">Loading…</p>`;
  const { process, children, ends } = supervision;
  const heads = ['Thread', 'State', 'Memory', 'Loop delay', 'Restarts', 'Last end', 'Next try'];
  return html`<h1>Supervision</h1>
    <section class="totals" aria-label="The process">
      <p><strong>${megabytes(process.memoryBytes)}</strong> of ${megabytes(process.memoryCeilingBytes)}</p>
      <p><strong>${percent(process.cpuShare)}</strong> of the cores</p>
      ${networkText(process.network)}
      <p><strong>${process.loopLagMs.toFixed(0)} ms</strong> main loop late</p>
      <p><strong>${process.threadsStuck}</strong> threads stuck</p>
    </section>
    <div class="scroll tall" tabindex="0" role="region" aria-label="Threads">
      <table>
        <thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
        <tbody>${children.flatMap((child) => rows(child, 0))}</tbody>
      </table>
    </div>
    ${
      ends.length === 0
        ? nothing
        : html`<h2>Ended since the start</h2>
      <ul>${ends.map(({ kind, cause, count }) => html`<li>${kind}, ${cause}: ${count}</li>`)}</ul>`
    }`;
}

const networkText = ({ sentKbps, maxKbps }: Supervision['process']['network']): TemplateResult =>
  html`<p><strong>${rate(sentKbps)}</strong> ${maxKbps === null ? '' : `of ${rate(maxKbps)} `}sent</p>`;

/** Of a UUID the first word tells one from the others; a kind of which there is one needs none. */
const shortId = (id: string, kind: string): TemplateResult | typeof nothing =>
  kind === 'pool' || kind === 'recorder' ? nothing : html`<code title=${id}>${id.slice(0, 8)}</code>`;

/** What works for a thread stands below it, further in. */
function rows(child: SupervisedThread, depth: number): readonly TemplateResult[] {
  const { kind, name, id, state, memory, loopLagMs, restarts, lastEnd, nextTryAtMs, children } = child;
  const nowMs = Date.now();
  return [
    html`<tr data-state=${state}>
      <td class="depth-${Math.min(depth, 3)}">${kind} ${name === '' ? shortId(id, kind) : html`<strong>${name}</strong>`}</td>
      <td>${state}</td>
      <td>${memory === null ? '–' : `${megabytes(memory.usedBytes)}${memory.budgetBytes === 0 ? '' : ` of ${megabytes(memory.budgetBytes)}`}`}</td>
      <td>${loopLagMs === null ? '–' : `${loopLagMs.toFixed(0)} ms`}</td>
      <td>${restarts}</td>
      <td>${lastEnd === null ? '–' : `${lastEnd.cause} ${duration(nowMs - lastEnd.atMs)} ago${lastEnd.error === '' ? '' : `: ${lastEnd.error}`}`}</td>
      <td>${nextTryAtMs === null ? '–' : `in ${duration(nextTryAtMs - nowMs)}`}</td>
    </tr>`,
    ...children.flatMap((one) => rows(one, depth + 1)),
  ];
}
