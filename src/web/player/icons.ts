/** The pictures on the buttons, drawn by us: 24 by 24. */

const paths = {
  play: 'M8 5v14l11-7z',
  stop: 'M7 7h10v10H7z',
  muted: 'M4 9v6h4l5 5V4L8 9zm12.1.4 1.3-1.3L19.5 10l2-1.9 1.3 1.3-2 2.1 2 2.1-1.3 1.3-2-1.9-2.1 1.9-1.3-1.3 2-2.1z',
  loud: 'M4 9v6h4l5 5V4L8 9zm11.5 0v6a3.5 3.5 0 0 0 0-6zm0-4.3v2a5.6 5.6 0 0 1 0 10.6v2a7.6 7.6 0 0 0 0-14.6z',
  captions: 'M4 5h16v14H4zm3 5v4h4v-1.5H8.7v-1H11V10zm6 0v4h4v-1.5h-2.3v-1H17V10z',
  inset: 'M3 5h18v14H3zm2 2v10h14V7zm7 4h6v5h-6z',
  stats: 'M4 19V9h3v10zm6.5 0V5h3v14zm6.5 0v-7h3v7z',
  full: 'M4 4h6v2.5H6.5V10H4zm10 0h6v6h-2.5V6.5H14zM4 14h2.5v3.5H10V20H4zm13.5 0H20v6h-6v-2.5h3.5z',
} as const;

export type IconName = keyof typeof paths;

const svg = 'http://www.w3.org/2000/svg';

export function createIcon(name: IconName): { readonly element: SVGElement; show(name: IconName): void } {
  const element = document.createElementNS(svg, 'svg');
  element.setAttribute('viewBox', '0 0 24 24');
  element.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(svg, 'path');
  path.setAttribute('fill-rule', 'evenodd');
  element.append(path);
  const show = (next: IconName): void => path.setAttribute('d', paths[next]);
  show(name);
  return { element, show };
}
