/** The cluster, as the node sees it from which this page comes. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Cluster, ClusterEdge, ClusterStream } from '../../server/cluster-schemas.js';
import { rate } from '../figures.js';
import { duration } from './words.js';

export function clusterView(cluster: Cluster): TemplateResult {
  const { registry, nodes, streams } = cluster;
  const unowned = streams.filter(({ owner }) => owner === null).length;
  return html`<h1>Cluster</h1>
    <section class="totals" aria-label="Totals">
      <p><strong>${nodes.length}</strong> ${nodes.length === 1 ? 'node' : 'nodes'}</p>
      <p><strong>${streams.length}</strong> ${streams.length === 1 ? 'stream' : 'streams'}</p>
      ${unowned === 0 ? nothing : html`<p><strong>${unowned}</strong> pulled by nobody</p>`}
      <p>${registry.isReachable ? 'The registry answers' : html`<strong>No answer</strong> from the registry for ${duration(registry.awayMs ?? 0)}`}</p>
    </section>
    <h2>Nodes</h2>
    ${table('Nodes', ['Node', 'Where', 'State', 'Free', 'More streams', 'More viewers', 'Pulls', 'Edges', 'Address'], nodes.map(nodeRow))}
    <h2>Streams</h2>
    ${
      streams.length === 0
        ? html`<p class="empty">There are no streams.</p>`
        : table('Streams', ['Stream', 'Node', 'Epoch', 'Links', 'Delay', 'Viewers'], streams.flatMap(streamRows))
    }`;
}

const table = (label: string, heads: readonly string[], rows: readonly TemplateResult[]): TemplateResult =>
  html`<div class="scroll tall" tabindex="0" role="region" aria-label=${label}>
    <table>
      <thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
      <tbody>${rows}</tbody>
    </table>
  </div>`;

const nodeRow = ({
  name,
  label,
  protocol,
  isAsked,
  isDraining,
  room,
  owned,
  edges,
  addresses,
}: Cluster['nodes'][number]): TemplateResult =>
  html`<tr>
    <td><strong>${name}</strong>${isAsked ? ' (this one)' : ''}</td>
    <td>${label === '' ? '–' : label}</td>
    <td>${isDraining ? 'Draining' : 'Serving'}, protocol ${protocol}</td>
    <td>${(room.cpu / 100).toFixed(1)} cores${room.kbps === null ? '' : `, ${rate(room.kbps)}`}</td>
    <td>${room.streams}</td>
    <td>${room.viewers}</td>
    <td>${owned}</td>
    <td>${edges}</td>
    <td><a href="${addresses.http}/">${addresses.http}</a></td>
  </tr>`;

/** Its owner, and those that take it from there below it, further in. */
function streamRows({ key, name, owner, quarantine, edges }: ClusterStream): readonly TemplateResult[] {
  const state =
    owner === null
      ? quarantine === null
        ? 'Nobody pulls it'
        : `In quarantine: ${quarantine.deaths} nodes ended while they had it`
      : `${owner.node === '' ? 'A node that is gone' : owner.node}${ownerWords(owner)}`;
  return [
    html`<tr>
      <td>${name === null ? html`<code>${key.slice(0, 12)}</code>` : html`<strong>${name}</strong>`}</td>
      <td>${state}</td>
      <td>${owner === null ? '–' : owner.epoch}</td>
      <td>–</td>
      <td>–</td>
      <td>–</td>
    </tr>`,
    ...edges.flatMap((edge) => edgeRows(edge, 1)),
  ];
}

function ownerWords({ epoch, isFenced }: NonNullable<ClusterStream['owner']>): string {
  if (epoch === 0) return ', unclaimed';
  return isFenced === true ? ', fenced' : '';
}

const edgeRows = (
  { node, depth, epoch, delayMs, viewers, children }: ClusterEdge,
  level: number,
): readonly TemplateResult[] => [
  html`<tr>
    <td class="depth-${Math.min(level, 3)}">edge</td>
    <td>${node === '' ? 'A node that is gone' : node}</td>
    <td>${epoch}</td>
    <td>${depth}</td>
    <td>${delayMs === null ? '–' : `${delayMs.toFixed(1)} ms`}</td>
    <td>${viewers}</td>
  </tr>`,
  ...children.flatMap((child) => edgeRows(child, level + 1)),
];
