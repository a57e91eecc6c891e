/** Figures and states as people read them. */
import type { Stream } from '../../server/api-schemas.js';

export const percent = (fraction: number): string => `${(fraction * 100).toFixed(1)} %`;

export function duration(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  return s < 86_400 ? `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min` : `${Math.floor(s / 86_400)} d`;
}

export function fileSize(bytes: number): string {
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(0)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

/** "H264 1280 × 720, AAC 48 kHz". */
export function mediaWords({ media: { video, audio } }: Stream): string {
  const picture = video === null ? [] : [`${video.codec} ${video.width} × ${video.height}`];
  const sound = audio === null ? [] : [`${audio.codec} ${audio.sampleRateHz / 1000} kHz`];
  return [...picture, ...sound].join(', ') || 'no media yet';
}

/** "H264, 640 × 360, 600 kbit/s", of what the API calls "H264 640x360 600 *"; "source". */
export function encodingWords(encoding: string | null): string {
  if (encoding === null) return '–';
  const [, codec = encoding, width = '*', height = '*', kbps = '*'] =
    /^(\S+)(?: mode 0)? (\d+|\*)x(\d+|\*) (\d+|\*) /.exec(encoding) ?? [];
  const size = width === '*' && height === '*' ? [] : [`${width} × ${height}`];
  return [codec, ...size, ...(kbps === '*' ? [] : [`${kbps} kbit/s`])].join(', ');
}

/** Why it does not play, or nothing. */
export const reasonWords = ({ reasonText, detail }: Stream): string =>
  reasonText === null ? '' : detail === '' ? reasonText : `${reasonText} (${detail})`;

export type Mood = 'good' | 'warn' | 'bad' | 'calm';

export function moodOf({ state, alerts }: Stream): Mood {
  if (state === 'FAILED' || alerts.some(({ status }) => status === 'error')) return 'bad';
  if (state === 'STOPPED') return 'calm';
  if (state !== 'PROCESSED_REMOTE' || alerts.some(({ status }) => status === 'warning')) return 'warn';
  return 'good';
}
