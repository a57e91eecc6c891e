/** Figures as people read them. */

export const rate = (kbps: number): string =>
  kbps >= 1000 ? `${(kbps / 1000).toFixed(1)} Mbit/s` : `${kbps.toFixed(0)} kbit/s`;

/** "1:02:03", "2:03". */
export function clock(ms: number): string {
  const s = Math.floor(ms / 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const [h, min] = [Math.floor(s / 3600), Math.floor(s / 60) % 60];
  return `${h > 0 ? `${h}:${two(min)}` : min}:${two(s % 60)}`;
}
