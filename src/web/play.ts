/**
 * The pages /play/{name} and /embed/{name}: the player with the stream that the path names. The query goes to the player:
 * `?token=`, `?qualities=`, `?timeshift=on`, `?telemetry=off`, `?autoplay=off`.
 */
import { elementOf } from './page-elements.js';

const [, kind = '', encoded = ''] = /\/(play|embed)\/(.+)$/.exec(location.pathname) ?? [];
const name = decodeURIComponent(encoded);
const query = new URLSearchParams(location.search);
const player = elementOf('player', HTMLElement);

document.title = `${name} · Sluice`;
document.documentElement.classList.toggle('embedded', kind === 'embed');
elementOf('name', HTMLElement).textContent = name;
for (const attribute of ['servers', 'token', 'qualities', 'telemetry', 'poster', 'controls', 'timeshift']) {
  const value = query.get(attribute);
  if (value !== null) player.setAttribute(attribute, value);
}
player.setAttribute('autoplay', query.get('autoplay') ?? 'on');
player.setAttribute('src', name);
