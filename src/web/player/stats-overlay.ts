/** The figures over the video, and what is wrong with the stream. */
import { rate } from '../figures.js';
import type { PlaybackStats } from '../playback-stats.js';
import type { StreamAlert } from './transport.js';

export interface StatsOverlay {
  readonly element: HTMLElement;
  /** `way`: the name of the transport. */
  show(stats: PlaybackStats, way: string): void;
  showAlerts(alerts: readonly StreamAlert[]): void;
}

type Row = readonly [name: string, value: string];

const alertNames = { error: 'Error', warning: 'Warning', info: 'Note' } as const;

const ms = (value: number | null): string => (value === null ? '–' : `${value.toFixed(0)} ms`);

function cells([name, value]: Row, className = ''): readonly HTMLElement[] {
  const term = document.createElement('dt');
  const detail = document.createElement('dd');
  detail.className = className;
  term.textContent = name;
  detail.textContent = value;
  return [term, detail];
}

export function createStatsOverlay(): StatsOverlay {
  const element = document.createElement('dl');
  element.id = 'stats';
  element.hidden = true;
  element.ariaLabel = 'Statistics';
  let figures: readonly Row[] = [];
  let alerts: readonly Row[] = [];
  const fill = (): void =>
    element.replaceChildren(
      ...figures.flatMap((row) => cells(row)),
      // A sentence has the line to itself.
      ...alerts.flatMap((row) => cells(row, 'wide')),
    );
  return {
    element,
    show(stats, way) {
      const { protocol, candidate, decoder } = stats.report;
      figures = [
        ['Video', stats.width > 0 ? `${stats.width} × ${stats.height}` : 'none'],
        ['Rate', `${stats.framesPerSecond.toFixed(0)} fps`],
        ['Bitrate', rate(stats.bitrateKbps)],
        ['Delay', ms(stats.delayMs)],
        ['Round trip', ms(stats.roundTripMs)],
        ['Jitter', ms(stats.jitterMs)],
        ['Loss', `${(stats.lossFraction * 100).toFixed(1)} %`],
        ['Dropped', String(stats.framesDropped)],
        ['Freezes', `${stats.freezes} (${(stats.frozenMs / 1000).toFixed(1)} s)`],
        ['Codecs', stats.codecs.join(', ') || '–'],
        ['Decoder', decoder || '–'],
        ['Transport', [way, protocol, candidate].filter((word) => word !== '').join(', ')],
      ];
      fill();
    },
    showAlerts(now) {
      alerts = now.map(({ status, text }) => [alertNames[status], text]);
      fill();
    },
  };
}
