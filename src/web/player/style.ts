/** The look of the player. A constructed sheet: pages whose policy forbids inline styles take it too (CSP3 6.8.3). */

const css = `
:host { display: block; position: relative; container-type: inline-size; aspect-ratio: 16 / 9; background: #05080a; color: #fff; overflow: hidden;
  font: 14px/1.4 system-ui, sans-serif; --accent: #47c1dc; }
:host([hidden]) { display: none; }
[hidden] { display: none !important; }
#stage { position: absolute; inset: 0; outline: none; }
#stage:focus-visible::after { content: ''; position: absolute; inset: 0; box-shadow: inset 0 0 0 3px var(--accent); pointer-events: none; }
video { width: 100%; height: 100%; object-fit: contain; display: block; background: inherit; }
#bar { position: absolute; inset: auto 0 0; display: flex; align-items: center; gap: 4px; padding: 24px 8px 8px;
  background: linear-gradient(transparent, rgb(0 0 0 / 75%)); opacity: 0; transition: opacity .15s; }
#stage:hover #bar, #stage:focus-within #bar, #stage[data-phase=idle] #bar, #stage[data-phase=failed] #bar { opacity: 1; }
#bar .gap { flex: 1; }
button, select { min-width: 40px; height: 40px; border: 0; border-radius: 8px; padding: 8px; background: transparent;
  color: inherit; font: inherit; cursor: pointer; }
select { background: rgb(0 0 0 / 60%); padding: 0 8px; }
select option { color: #000; background: #fff; }
button svg { width: 24px; height: 24px; fill: currentColor; display: block; }
button:hover, button[aria-pressed=true] { background: rgb(255 255 255 / 22%); }
button:focus-visible, select:focus-visible, input:focus-visible { outline: 3px solid var(--accent); outline-offset: 1px; }
#bar { flex-wrap: wrap; }
input[type=range] { width: 80px; accent-color: var(--accent); }
#scrubber { flex: 1 0 100%; }
#live { padding: 2px 8px; border-radius: 4px; background: #b3261e; font-weight: 600; font-size: 12px; letter-spacing: .04em; }
#unmute { position: absolute; left: 12px; top: 12px; display: flex; align-items: center; gap: 8px; height: 44px;
  padding: 0 16px 0 12px; background: rgb(0 0 0 / 75%); font-weight: 600; }
#unmute:hover { background: rgb(0 0 0 / 90%); }
#notice { position: absolute; inset: 0; display: grid; place-content: center; justify-items: center; gap: 8px; margin: 0;
  padding: 16px 16px 64px; text-align: center; text-wrap: balance; font-size: 16px; background: rgb(5 8 10 / 72%);
  pointer-events: none; }
#warnings { position: absolute; right: 12px; top: 12px; max-width: 60%; margin: 0; padding: 6px 12px; border-radius: 8px;
  background: rgb(72 44 0 / 88%); color: #ffdf9e; }
#stats { position: absolute; left: 12px; top: 64px; margin: 0; padding: 8px 12px; border-radius: 8px; display: grid;
  grid-template-columns: auto auto; gap: 2px 16px; background: rgb(0 0 0 / 80%); font-variant-numeric: tabular-nums;
  font-size: 13px; pointer-events: none; }
#stats dt { color: #b9c6cd; } #stats dd { margin: 0; text-align: right; max-width: 40ch; }
#stats .wide { grid-column: 2 / -1; }
@media (prefers-reduced-motion: reduce) { #bar { transition: none; } }
@media (hover: none) { #bar { opacity: 1; } }
@container (width < 680px) { #stats { top: 8px; left: 8px; grid-template-columns: repeat(2, auto auto); gap: 0 12px; font-size: 11px; }
  #stats:not([hidden]) + #unmute { display: none; } }
@container (width < 360px) { #bar input:not(#scrubber) { display: none; } }
`;

export function adoptStyle(root: ShadowRoot): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
}
